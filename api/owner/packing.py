"""The pack after signing: days, amounts, ways to pay, whom to call, and a calendar file. Made from what was signed."""

import hashlib
from datetime import timedelta
from uuid import UUID

from api.caller import Caller
from api.owner.applying import own_application
from api.owner.signing import paper_view
from api.phrases import phrase
from api.problems import NotFound
from api.routes import PaperFile
from api.views import PackContact, PackDay, PackView
from db import clocks, ledger, reading
from infra import i18n
from infra.ics import Day, calendar_file
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.pack import Mark, days
from lending.terms import terms_from

# 首期提醒 (P26): three days before, so that money can still be moved.
BEFORE = timedelta(days=3)
WAYS, DATED_WAYS = ("share", "any_day", "shortfall"), ("dated", "any_day")


async def pack(caller: Caller, application_id: UUID) -> PackView:
    """What was signed, from the signature on. Until the money is credited its days are those of the planned payout."""
    person, tools = caller.person_id, caller.tools
    async with tools.sessions.begin(person=person) as session:
        application = await own_application(session, application_id, person)
        contract = await ledger.contract_of(session, application_id)
        paid = await reading.payout_of(session, application_id)
        loan = await reading.loan_of(session, application.loan_id, person) if application.loan_id else None
        if contract is None or paid is None or loan is None or loan.state == "cancelled":
            raise NotFound
        papers = await reading.papers(session, application_id)
        now = await clocks.now(session, tools.settings.clock_id)
    payout, account = paid
    terms = terms_from(loan.terms)
    starts = loan.live_on or business_date(max(payout.pay_at, now), Jurisdiction(loan.jurisdiction))
    own = tools.policies.lender
    return PackView(
        application_id=application_id,
        number=contract.number,
        signed_at=contract.signed_at,
        terms_hash=contract.terms_hash,
        amount_minor=terms.amount_minor,
        currency=terms.currency,
        annual_rate=terms.annual_rate,
        share=terms.share,
        account_masked=account.masked,
        credited_on=loan.live_on,
        pay_at=payout.pay_at,
        days=tuple(
            PackDay(
                one.mark.value,
                one.number,
                one.on,
                payout.amount_minor if one.mark is Mark.MONEY else one.amount_minor,  # less what a renewal pays off
            )
            for one in days(terms, starts, tools.policies.calendars[loan.jurisdiction])
        ),
        ways=DATED_WAYS if terms.by_dates else WAYS,
        contacts=(
            PackContact("service", own.service_phone),
            PackContact("complaint", own.complaint_phone),
            PackContact("email", own.email),
            PackContact("regulator", tools.policies.jurisdiction(tools.settings.jurisdiction).regulator_phone),
        ),
        papers=tuple(paper_view(row) for row in papers),
    )


async def calendar(caller: Caller, application_id: UUID) -> PaperFile:
    """The days for one's own calendar. Once the money is credited a second file moves the days of the first."""
    seen = await pack(caller, application_id)
    name = phrase("api.calendar.name", caller.locale, {"number": seen.number})
    data = calendar_file(name, [_entry(seen, day, caller.locale) for day in seen.days], at=seen.signed_at)
    digest = hashlib.sha256(data).hexdigest()
    return PaperFile(data, f"{seen.number}.ics", "text/calendar; charset=utf-8", digest)


def _entry(seen: PackView, day: PackDay, locale: str) -> Day:
    said = {"number": seen.number, "amount": i18n.money(day.amount_minor, seen.currency, locale), "n": day.number}
    return Day(
        uid=f"{derived_id('calendar', f'{seen.application_id}/{day.number}')}@huoshui",
        on=day.on,
        title=phrase(f"api.calendar.{day.mark}", locale, said),
        text=phrase(f"api.calendar.{day.mark}.text", locale, said),
        version=0 if seen.credited_on is None else 1,
        remind=None if day.mark == Mark.MONEY else BEFORE,
    )

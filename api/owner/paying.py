"""Paying by oneself: where to, and what to write so that it finds its loan."""

from datetime import datetime, time, timezone
from uuid import UUID

from api.caller import Caller
from api.owner import repaying
from api.problems import NotFound
from api.views.incoming import PayoffQuote, WaysToPay
from db import clocks, reading
from lending.calendars import Jurisdiction, business_date
from lending.incoming import reference_of

# Until the last minute of the day for which it is reckoned, on the lender's wall clock.
LAST_MINUTE = time(23, 59)
RAILS = ("bank", "wechat", "alipay")


async def ways(caller: Caller, loan_id: UUID) -> WaysToPay:
    """Our account, one's own reference, what is owed today."""
    seen = await repaying.loan(caller, loan_id)
    if seen.state != "live":
        raise NotFound
    ours = caller.tools.policies.lender
    return WaysToPay(
        loan_id=loan_id,
        reference=reference_of(seen.number),
        account=ours.account.number,
        holder=ours.account.holder,
        bank=ours.account.bank.zh_CN if caller.locale.startswith("zh") else ours.account.bank.en,
        rails=RAILS,
        owed_minor=seen.owed_today_minor,
        past_due_minor=seen.past_due_minor,
        currency=seen.currency,
    )


async def payoff(caller: Caller, loan_id: UUID) -> PayoffQuote:
    """What pays the loan off today (H1). Paying early costs nothing; what a debit of today already brings is taken off,
    and comes back if both should arrive."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await reading.loan_of(session, loan_id, person)
        if row is None or row.state != "live":
            raise NotFound
        balance = await reading.balance(session, loan_id)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        jurisdiction = Jurisdiction(row.jurisdiction)
        seen = await repaying.loan_view(session, row, business_date(now, jurisdiction))
    in_flight = min(balance.in_flight_minor if balance else 0, seen.owed_today_minor)
    ahead = seen.forecast
    return PayoffQuote(
        loan_id=loan_id,
        on=seen.as_of,
        valid_until=datetime.combine(seen.as_of, LAST_MINUTE, timezone(jurisdiction.utc_offset)),
        principal_minor=seen.principal_owed_minor,
        interest_minor=seen.interest_owed_minor,
        fees_minor=0,
        total_minor=seen.owed_today_minor,
        in_flight_minor=in_flight,
        to_pay_minor=seen.owed_today_minor - in_flight,
        saving_minor=ahead.interest_to_come_minor if ahead and ahead.middle_on else None,
        finish_on=ahead.middle_on if ahead else None,
        reference=reference_of(seen.number),
        currency=seen.currency,
    )

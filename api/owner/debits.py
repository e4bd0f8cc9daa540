"""What was debited of one's account, by which clause, announced when, and what the bank answered (P26)."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.problems import NotFound
from api.views.debits import DebitsView, DebitView, Mandate
from db import clocks, incoming, ledger, permissions, plans, reading
from db.tables import Collection, Contract, Loan
from infra import i18n
from lending.calendars import Jurisdiction, business_date
from lending.consents import Purpose
from lending.plans import plan_on, resting
from lending.products import RepaymentKind
from lending.terms import terms_from

# The clause of every loan's and line's contract that lets us debit (papers.clause.mandate), and what it allows.
CLAUSE, TRIES_A_DAY = 8, 2
A_DAY = timedelta(days=1)
# Why an instruction went to nobody; as activities.closing marks it.
HELD_BACK = "held_back"


async def debits(caller: Caller, loan_id: UUID) -> DebitsView:
    """All of a loan's, the newest first, under the mandate that was signed."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await reading.loan_of(session, loan_id, person)
        if row is None or row.state not in ("live", "closed"):
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        contract = await _contract(session, row)
        account = await reading.account(session, row.account_id)
        stopped = bool(await permissions.ended(session, Purpose.SHARING.value, {person}, now))
        found = await reading.collections(session, loan_id)
        back: Counter[UUID] = Counter()
        for one in await incoming.returned_of_debits(session, loan_id):
            if one.collection_id is not None:
                back[one.collection_id] += one.amount_minor
        told = await incoming.announced_at(session, row.application_id)
        paths = await plans.told_of(session, loan_id)
        changes = (await plans.changes_of(session, [loan_id])).get(loan_id, [])
    kind = terms_from(row.terms).repayment if row.path is not None else RepaymentKind.REVENUE_SHARE
    plan = plan_on(changes, date.max)
    rest = resting(plan, business_date(now, Jurisdiction(row.jurisdiction)))
    mandate = Mandate(
        number=f"HSM{row.id.hex}",
        contract=contract.number if contract else "",
        clause=CLAUSE,
        clause_title=i18n.text("papers.clause.mandate", caller.locale),
        account_masked=account.masked if account else "",
        signed_at=contract.signed_at if contract else None,
        state="over" if row.state == "closed" else "withdrawn" if stopped else "lives",
        tries_a_day=TRIES_A_DAY,
        share=row.share if plan.share is None else plan.share,
        repayment=kind.value,
        cycle=plan.cycle.value,
        cycle_day=plan.cycle_day,
        rests_until=rest.last_on if rest else None,
        rest_part=rest.factor if rest else Decimal(0),
    )
    lines = tuple(
        _debit(
            one,
            row.currency,
            paths.get(one.close_on + A_DAY, told) if one.path_minor else told,
            back[one.id],
            caller.locale,
        )
        for one in reversed(found)
    )
    return DebitsView(loan_id, mandate, lines)


async def _contract(session: AsyncSession, row: Loan) -> Contract | None:
    """The loan's own, or that of the line it was drawn on."""
    own = await ledger.contract_of(session, row.application_id)
    return own or await incoming.contract_of_line(session, row.application_id)


def _debit(row: Collection, currency: str, told: datetime | None, back_minor: int, locale: str) -> DebitView:
    then = _then(row)
    held = row.rail_reference == HELD_BACK
    return DebitView(
        id=row.id,
        on=row.close_on + A_DAY,
        revenue_on=row.close_on,
        net_revenue_minor=row.net_revenue_minor,
        asked_minor=row.amount_minor,
        taken_minor=row.received_minor,
        currency=currency,
        state="held_back" if held else row.state,
        notice_at=told,
        rail_reference=None if held or row.state == "instructed" else row.rail_reference,
        received_at=row.received_at,
        back_minor=back_minor,
        then=then,
        then_text=i18n.text(f"lending.debit_then.{then}", locale) if then else "",
        path_minor=row.path_minor,
    )


def _then(row: Collection) -> str:
    """What happens next; empty where it was taken whole."""
    if row.rail_reference == HELD_BACK:
        return "pay_yourself"
    return {"partial": "with_later_sales", "failed": "with_later_sales", "instructed": "asked"}.get(row.state, "")

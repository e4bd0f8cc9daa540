"""Credit lines, what is drawn on them, and what was done to them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import receivables
from db.tables import (
    Application,
    Contract,
    CreditLine,
    Decision,
    LineChange,
    LineProposal,
    Loan,
    LoanBalance,
    Payout,
    Task,
    TimelineEvent,
)
from lending.line import LineFacts, LineState, Standing
from lending.receivables import ReceivableRules, Short, told_apart
from lending.release import UNDER_WAY

# Money that is promised and has not arrived, and money that is out.
RESERVED, OUT = "pending", ("live", "closed")
REVIEW = "line_review"


async def locked(session: AsyncSession, line_id: UUID) -> CreditLine:
    """A line, locked until the transaction ends: two draws at once count each other."""
    return (await session.scalars(select(CreditLine).where(CreditLine.id == line_id).with_for_update())).one()


async def line_of(session: AsyncSession, line_id: UUID) -> CreditLine:
    """A line, to look at."""
    return await session.get_one(CreditLine, line_id)


async def own(session: AsyncSession, line_id: UUID, person_id: UUID) -> CreditLine | None:
    """A person's own line."""
    return await session.scalar(select(CreditLine).where(CreditLine.id == line_id, CreditLine.person_id == person_id))


async def of_application(session: AsyncSession, application_id: UUID) -> CreditLine | None:
    """The line that an application was signed for."""
    return await session.scalar(select(CreditLine).where(CreditLine.application_id == application_id))


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[CreditLine]:
    """A person's lines, the newest first."""
    found = await session.scalars(
        select(CreditLine).where(CreditLine.person_id == person_id).order_by(CreditLine.opened_on.desc())
    )
    return found.all()


async def standing(session: AsyncSession, line: CreditLine) -> Standing:
    """What is drawn and reserved, from the loans themselves: counted once, and repaying restores at once."""
    owed: ColumnElement[int]
    if line.revolving:
        owed = case((Loan.state == "live", func.coalesce(LoanBalance.principal_minor, Loan.principal_minor)), else_=0)
    else:
        owed = case((Loan.state.in_(OUT), Loan.principal_minor), else_=0)
    drawn, reserved = (
        await session.execute(
            select(
                func.coalesce(func.sum(owed), 0),
                func.coalesce(func.sum(Loan.principal_minor).filter(Loan.state == RESERVED), 0),
            )
            .select_from(Application)
            .join(Loan, Loan.application_id == Application.id)
            .outerjoin(LoanBalance, LoanBalance.loan_id == Loan.id)
            .where(Application.line_id == line.id)
        )
    ).one()
    return Standing(line.limit_minor, int(drawn), int(reserved))


async def leaving(session: AsyncSession, line_id: UUID) -> int:
    """What draws are on their way to the bank with, in minor units: given to it, and not yet known to have arrived."""
    sums = (
        select(func.coalesce(func.sum(Loan.principal_minor), 0))
        .join(Application, Application.id == Loan.application_id)
        .join(Payout, Payout.loan_id == Loan.id)
        .where(Application.line_id == line_id, Payout.state.in_(UNDER_WAY), Loan.state == RESERVED)
    )
    return int(await session.scalar(sums) or 0)


async def short(session: AsyncSession, line: CreditLine, rules: ReceivableRules, on: date) -> Short:
    """What a line is lent above what its receivables count for on a day, of drawn and of reserved money apart."""
    stands = await standing(session, line)
    counts = await receivables.base_of(session, line.id, rules, on)
    return told_apart(
        counts.advance_minor,
        drawn_minor=stands.drawn_minor,
        leaving_minor=await leaving(session, line.id),
        reserved_minor=stands.reserved_minor,
    )


def said_of_short(short: Short, currency: str, cure_on: date) -> dict[str, object]:
    """What its words tell."""
    return {
        "shortfall_minor": short.whole_minor,
        "drawn_minor": short.drawn_minor,
        "reserved_minor": short.reserved_minor,
        "cure_minor": short.cure_minor,
        "held_minor": short.held_minor,
        "currency": currency,
        "cure_on": cure_on.isoformat(),
    }


async def facts(session: AsyncSession, line: CreditLine, rules: ReceivableRules, today: date) -> LineFacts:
    """A line as the rules look at it, with what its security counts for today."""
    stands = await standing(session, line)
    if line.secured_by is not None:
        counts = await receivables.base_of(session, line.id, rules, today)
        stands = replace(stands, base_minor=counts.advance_minor)
    return LineFacts(
        state=LineState(line.state),
        clause=line.clause,
        expires_on=line.expires_on,
        fresh_until=line.fresh_until,
        standing=stands,
    )


async def draws_so_far(session: AsyncSession, line_id: UUID) -> int:
    """How many draws were made, whatever became of them."""
    return int(await session.scalar(select(func.count()).where(Application.line_id == line_id)) or 0)


async def draws(
    session: AsyncSession, line_id: UUID
) -> Sequence[tuple[Application, Loan, LoanBalance | None, Payout | None]]:
    """The draws of a line, the newest first."""
    rows = await session.execute(
        select(Application, Loan, LoanBalance, Payout)
        .join(Loan, Loan.application_id == Application.id)
        .outerjoin(LoanBalance, LoanBalance.loan_id == Loan.id)
        .outerjoin(Payout, Payout.loan_id == Loan.id)
        .where(Application.line_id == line_id)
        .order_by(Application.number.desc())
    )
    return [(application, loan, balance, payout) for application, loan, balance, payout in rows]


async def draw_told(session: AsyncSession, event_id: UUID) -> tuple[Application, Payout]:
    """The draw that a line of the line's story tells of, and its payout."""
    application, payout = (
        await session.execute(
            select(Application, Payout)
            .join(TimelineEvent, TimelineEvent.params["draw_id"].astext == cast(Application.id, Text))
            .join(Payout, Payout.application_id == Application.id)
            .where(TimelineEvent.id == event_id)
        )
    ).one()
    return application, payout


async def usual_months(session: AsyncSession, application_id: UUID) -> tuple[int, ...] | int:
    """Usual months of net revenue as the newest verdict saw them: a series, or one figure for all."""
    basis = await session.scalar(
        select(Decision.basis)
        .where(Decision.application_id == application_id, Decision.basis.is_not(None))
        .order_by(Decision.n.desc())
        .limit(1)
    )
    series: list[int] | int = (basis or {}).get("series", 0)
    return series if isinstance(series, int) else tuple(series)


async def paid_to(session: AsyncSession, payee_id: UUID) -> int:
    """What was paid, or is on its way, to a named seller: their invoices are not paid twice."""
    total = await session.scalar(
        select(func.coalesce(func.sum(Payout.amount_minor), 0)).where(
            Payout.payee_id == payee_id, Payout.state.not_in(("cancelled", "returned"))
        )
    )
    return int(total or 0)


async def contract(session: AsyncSession, line: CreditLine) -> Contract:
    """The contract that a line rests on."""
    return (await session.scalars(select(Contract).where(Contract.application_id == line.application_id))).one()


# --- what is done to a line -------------------------------------------------------------------------------------------


async def changes(session: AsyncSession, line_id: UUID) -> Sequence[LineChange]:
    """Everything that was done, the newest first."""
    found = await session.scalars(select(LineChange).where(LineChange.line_id == line_id).order_by(LineChange.n.desc()))
    return found.all()


async def proposal(session: AsyncSession, line_id: UUID, *, locked: bool = False) -> LineProposal | None:
    """What waits for a second person."""
    query = select(LineProposal).where(LineProposal.line_id == line_id, LineProposal.state == "waiting")
    return await session.scalar(query.with_for_update() if locked else query)


async def open_review(session: AsyncSession, application_id: UUID) -> Task | None:
    """The person's task about a line that is open."""
    return await session.scalar(
        select(Task).where(Task.application_id == application_id, Task.kind == REVIEW, Task.state == "open")
    )


async def all_lines(session: AsyncSession, limit: int = 200) -> Sequence[CreditLine]:
    """The lines, the ones that were changed last first."""
    found = await session.scalars(select(CreditLine).order_by(CreditLine.changed_at.desc()).limit(limit))
    return found.all()


def note_change(session: AsyncSession, line: CreditLine, change: LineChange, now: datetime) -> None:
    """Write down what is done, and make the line what it is from now on."""
    session.add(change)
    line.state, line.limit_minor = change.state_after, change.limit_after_minor
    line.clause, line.reason = change.clause, change.reason
    line.version += 1
    line.changed_at = now

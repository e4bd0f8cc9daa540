"""Early warnings: what is known of live borrowers by day, the signs that rang, and what came of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import audits, permissions
from db.tables import Application, Decision, EarlyWarning, Firm, Invoice, Loan, RevenueDay, StatementLine

Json = dict[str, Any]
SOLD, RED = 1, 2  # codes of imports.invoice_cells
BILLS, INVOICES = "flows_analysis", "invoices_analysis"  # purposes that an owner allows
SALE, REFUND, LOAN_IN = 1, 2, 7  # imports.lines; the last is money that somebody lent


@dataclass
class Live:
    """A live loan with its days of sales; ``new_debt_minor``: lent to the firm by others since it lives.

    ``billed``: net sales of the days before the loan, as the bills of the application told them. Without ``may_look``
    the owner does not allow sales and bills to be looked at (any more): none is here, and that is no sign.
    """

    loan_id: UUID
    application_id: UUID
    person_id: UUID
    live_on: date
    days: list[tuple[date, int, int]] = field(default_factory=list[tuple[date, int, int]])
    new_debt_minor: int = 0
    trade: str | None = None
    firm_id: UUID | None = None
    decided_on: date | None = None
    billed: list[tuple[date, int]] = field(default_factory=list[tuple[date, int]])
    may_look: bool = True


async def live_loans(session: AsyncSession, on: date, window: timedelta, at: datetime) -> list[Live]:
    """Every live loan with its sales and refunds of the last ``window`` days up to ``on``, as far as its owner still
    allows them to be looked at: of one who does not, neither days nor bills are read."""
    allowed = permissions.allowed(Loan.person_id, BILLS, at)
    decided = (
        select(func.max(Decision.decided_at))
        .where(Decision.application_id == Loan.application_id)
        .scalar_subquery()
        .label("decided_at")
    )
    loans = (
        await session.execute(
            select(
                Loan.id,
                Loan.application_id,
                Loan.person_id,
                Loan.live_on,
                Loan.firm_id,
                Firm.trade,
                decided,
                allowed.label("may_look"),
            )
            .outerjoin(Firm, Firm.id == Loan.firm_id)
            .where(Loan.state == "live", Loan.live_on <= on)
            .order_by(Loan.id)
        )
    ).all()
    found = {
        row.id: Live(
            row.id,
            row.application_id,
            row.person_id,
            row.live_on,
            trade=row.trade,
            firm_id=row.firm_id,
            decided_on=row.decided_at.date() if row.decided_at else None,
            may_look=bool(row.may_look),
        )
        for row in loans
    }
    days = await session.execute(
        select(
            RevenueDay.loan_id,
            RevenueDay.on_date,
            func.sum(RevenueDay.sales_minor),
            func.sum(RevenueDay.refunds_minor + RevenueDay.chargebacks_minor),
        )
        .join(Loan, Loan.id == RevenueDay.loan_id)
        .where(Loan.state == "live", allowed, RevenueDay.on_date > on - window, RevenueDay.on_date <= on)
        .group_by(RevenueDay.loan_id, RevenueDay.on_date)
    )
    for loan_id, day, sales, refunds in days:
        if loan_id in found:
            found[loan_id].days.append((day, int(sales), int(refunds)))
    bills = await session.execute(
        select(Loan.id, StatementLine.on_date, func.sum(StatementLine.amount_minor * StatementLine.direction))
        .join(StatementLine, StatementLine.firm_id == Loan.firm_id)
        .where(
            Loan.state == "live",
            allowed,
            Loan.live_on <= on,
            StatementLine.kind.in_((SALE, REFUND)),
            StatementLine.currency == Loan.currency,
            StatementLine.on_date > on - window,
            StatementLine.on_date < Loan.live_on,
        )
        .group_by(Loan.id, StatementLine.on_date)
    )
    for loan_id, day, net in bills:
        found[loan_id].billed.append((day, int(net)))
    debts = await session.execute(
        select(Loan.id, func.sum(StatementLine.amount_minor))
        .join(
            StatementLine,
            and_(StatementLine.firm_id == Loan.firm_id, StatementLine.on_date > Loan.live_on),
        )
        .where(
            Loan.state == "live",
            allowed,
            StatementLine.kind == LOAN_IN,
            StatementLine.direction == 1,
            StatementLine.on_date <= on,
        )
        .group_by(Loan.id)
    )
    for loan_id, amount in debts:
        if loan_id in found:
            found[loan_id].new_debt_minor = int(amount)
    return list(found.values())


async def with_red_ink(session: AsyncSession, loans: Iterable[Live], on: date, at: datetime) -> list[Live]:
    """Those of the loans whose firm issued red ink after the decision, where its owner allows invoices to be read."""
    firms = await session.execute(
        select(Invoice.firm_id, func.max(Invoice.issued_on))
        .join(Loan, Loan.firm_id == Invoice.firm_id)
        .where(
            Loan.state == "live",
            permissions.allowed(Loan.person_id, INVOICES, at),
            Invoice.side == SOLD,
            Invoice.status == RED,
            Invoice.issued_on <= on,
        )
        .group_by(Invoice.firm_id)
    )
    newest: dict[UUID | None, date] = {row[0]: row[1] for row in firms}
    return [one for one in loans if one.decided_on and newest.get(one.firm_id, one.decided_on) > one.decided_on]


async def closed_causes(session: AsyncSession, since: datetime) -> dict[UUID, set[str]]:
    """Causes by loan whose warning was closed since: they do not ring again yet."""
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = await session.execute(
        select(EarlyWarning.loan_id, EarlyWarning.cause).where(EarlyWarning.closed_at >= since)
    )
    for loan_id, cause in rows:
        found[loan_id].add(cause)
    return found


async def warn(
    session: AsyncSession, loan: Live, *, cause: str, figures: Json, on: date, at: datetime, due_at: datetime
) -> bool:
    """Whether it is new; while one of the same cause is open nothing is added."""
    added = await session.execute(
        insert(EarlyWarning)
        .values(
            id=uuid4(),
            loan_id=loan.loan_id,
            application_id=loan.application_id,
            person_id=loan.person_id,
            cause=cause,
            figures=figures,
            raised_on=on,
            raised_at=at,
            due_at=due_at,
        )
        .on_conflict_do_nothing(
            index_elements=[EarlyWarning.loan_id, EarlyWarning.cause], index_where=text("closed_at is null")
        )
        .returning(EarlyWarning.id)
    )
    return added.first() is not None


async def open_warnings(session: AsyncSession) -> Sequence[tuple[EarlyWarning, Application]]:
    """What waits for a manager, by when it is due."""
    found = await session.execute(
        select(EarlyWarning, Application)
        .join(Application, Application.id == EarlyWarning.application_id)
        .where(EarlyWarning.closed_at.is_(None))
        .order_by(EarlyWarning.due_at, EarlyWarning.id)
    )
    return [(warning, application) for warning, application in found]


async def warning(session: AsyncSession, warning_id: UUID) -> tuple[EarlyWarning, Application] | None:
    """One warning, open or closed."""
    found = (
        await session.execute(
            select(EarlyWarning, Application)
            .join(Application, Application.id == EarlyWarning.application_id)
            .where(EarlyWarning.id == warning_id)
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1])


async def of_loan(session: AsyncSession, loan_id: UUID) -> Sequence[EarlyWarning]:
    """All warnings of a loan, newest first."""
    return (
        await session.scalars(
            select(EarlyWarning).where(EarlyWarning.loan_id == loan_id).order_by(EarlyWarning.raised_at.desc())
        )
    ).all()


async def close(session: AsyncSession, warning_id: UUID, *, outcome: str, words: str, by: str, at: datetime) -> bool:
    """What came of it; False if it was closed before."""
    done = await session.execute(
        update(EarlyWarning)
        .where(EarlyWarning.id == warning_id, EarlyWarning.closed_at.is_(None))
        .values(closed_at=at, closed_by=by, outcome=outcome, words=words)
        .returning(EarlyWarning.loan_id, EarlyWarning.cause)
    )
    closed = done.one_or_none()
    if closed is None:
        return False
    await audits.append(
        session,
        actor=by,
        action="warning.close",
        object_kind="loan",
        object_id=str(closed.loan_id),
        detail={"cause": closed.cause, "outcome": outcome},
        request_id=None,
    )
    return True


async def counts(session: AsyncSession, since: datetime) -> Sequence[tuple[str, str | None, int]]:
    """How many warnings there were since, by cause and outcome (None while open)."""
    found = await session.execute(
        select(EarlyWarning.cause, EarlyWarning.outcome, func.count())
        .where(EarlyWarning.raised_at >= since)
        .group_by(EarlyWarning.cause, EarlyWarning.outcome)
        .order_by(EarlyWarning.cause, EarlyWarning.outcome)
    )
    return [(cause, outcome, count) for cause, outcome, count in found]

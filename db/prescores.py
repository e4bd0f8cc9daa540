"""Pre-scores and order limits: which firms may be read, their lines in bulk, what was found, until when it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import and_, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import permissions
from db.tables import AccessRecord, Consent, Firm, Invoice, Loan, LoanBalance, OrderLimit, Prescore, StatementLine

PURPOSE = "prescore"
SALE, REFUND = 1, 2
SOLD, VOID = 1, 1  # codes of imports.invoice_cells
QUARTER = timedelta(days=90)
COVERS_INVOICES = literal("invoices") == func.any(func.string_to_array(Consent.scope, ","))


@dataclass(frozen=True, slots=True)
class Known:
    """A firm's owner, and their consent to be pre-scored: ``living``, ``ended`` or ``never``. ``invoices``: whether
    it covers invoices too, as those given before there were lists of invoices do not."""

    person_id: UUID
    consent: str
    invoices: bool = False


class Found(Protocol):
    """What :func:`keep` writes of a firm."""

    @property
    def firm_id(self) -> UUID: ...
    @property
    def why(self) -> str | None: ...
    @property
    def pd(self) -> Decimal | None: ...
    @property
    def grade(self) -> str | None: ...
    @property
    def confidence(self) -> Decimal | None: ...
    @property
    def limit_minor(self) -> int | None: ...
    @property
    def valid_until(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Scored:
    """A firm with a living pre-score, and what it sells and owes."""

    firm_id: UUID
    person_id: UUID
    model_id: str
    grade: str
    limit_minor: int
    monthly_revenue_minor: int
    owed_minor: int


async def all_firms(session: AsyncSession) -> list[UUID]:
    """Every firm, in the order of its id."""
    return list((await session.scalars(select(Firm.id).order_by(Firm.id))).all())


async def firms_by_licence(session: AsyncSession, indexes: Sequence[bytes]) -> dict[bytes, UUID]:
    """Firms by the blind index of their licence."""
    found = await session.execute(select(Firm.licence_index, Firm.id).where(Firm.licence_index.in_(indexes)))
    return {bytes(index): firm_id for index, firm_id in found if index is not None}


async def known(session: AsyncSession, firms: Sequence[UUID], at: datetime) -> dict[UUID, Known]:
    """Those of the firms that exist."""
    asked = func.count(Consent.id)
    alive = permissions.living(PURPOSE, at)
    living = func.count(Consent.id).filter(alive)
    found = await session.execute(
        select(Firm.id, Firm.person_id, asked, living, func.count(Consent.id).filter(alive, COVERS_INVOICES))
        .outerjoin(Consent, and_(Consent.person_id == Firm.person_id, Consent.purpose == PURPOSE))
        .where(Firm.id.in_(firms))
        .group_by(Firm.id, Firm.person_id)
    )
    return {
        firm_id: Known(person_id, "living" if alive else "ended" if given else "never", covered > 0)
        for firm_id, person_id, given, alive, covered in found
    }


async def keep(
    session: AsyncSession,
    list_id: UUID,
    results: Sequence[Found],
    owners: Mapping[UUID, Known],
    model_id: str,
    at: datetime,
) -> None:
    """The results of firms that exist; each owner whose flows were read can see it."""
    rows = [
        {
            "list_id": list_id,
            "firm_id": one.firm_id,
            "person_id": owners[one.firm_id].person_id,
            "state": "refused" if one.why else "scored",
            "reason": one.why,
            "model_id": None if one.why else model_id,
            "pd": one.pd,
            "grade": one.grade,
            "confidence": one.confidence,
            "limit_minor": one.limit_minor,
            "scored_at": at,
            "valid_until": one.valid_until,
        }
        for one in results
        if one.firm_id in owners
    ]
    if rows:
        await session.execute(insert(Prescore).on_conflict_do_nothing(), rows)
    looked = [
        {"person_id": row["person_id"], "at": at, "actor": "system", "what": "flows", "purpose": PURPOSE}
        for row in rows
        if row["state"] == "scored"
    ]
    if looked:
        await session.execute(insert(AccessRecord), looked)


async def scored_firms(session: AsyncSession, on: date, at: datetime) -> list[Scored]:
    """Firms whose newest pre-score is still valid and whose owner still allows it."""
    newest = (
        select(Prescore)
        .distinct(Prescore.firm_id)
        .where(Prescore.state == "scored")
        .order_by(Prescore.firm_id, Prescore.scored_at.desc())
        .subquery()
    )
    sales = (
        select(func.coalesce(func.sum(StatementLine.amount_minor * StatementLine.direction), 0))
        .where(
            StatementLine.firm_id == newest.c.firm_id,
            StatementLine.kind.in_((SALE, REFUND)),
            StatementLine.on_date > on - QUARTER,
            StatementLine.on_date <= on,
        )
        .scalar_subquery()
    )
    owed = (
        select(func.coalesce(func.sum(LoanBalance.principal_minor), 0))
        .join(Loan, Loan.id == LoanBalance.loan_id)
        .where(Loan.firm_id == newest.c.firm_id, Loan.state == "live")
        .scalar_subquery()
    )
    consents = select(Consent.id).where(Consent.person_id == newest.c.person_id, permissions.living(PURPOSE, at))
    # A firm without bills lives by its invoices, as in an application.
    invoiced = (
        select(func.coalesce(func.sum(Invoice.net_minor), 0))
        .where(
            Invoice.firm_id == newest.c.firm_id,
            Invoice.side == SOLD,
            Invoice.status != VOID,
            Invoice.issued_on > on - QUARTER,
            Invoice.issued_on <= on,
            consents.where(COVERS_INVOICES).exists(),
        )
        .scalar_subquery()
    )
    any_line = select(StatementLine.n).where(StatementLine.firm_id == newest.c.firm_id).exists()
    revenue = case((any_line, sales), else_=invoiced)
    found = await session.execute(select(newest, revenue, owed).where(newest.c.valid_until > at, consents.exists()))
    return [
        Scored(
            firm_id=row.firm_id,
            person_id=row.person_id,
            model_id=row.model_id,
            grade=row.grade,
            limit_minor=row.limit_minor,
            monthly_revenue_minor=max(int(row[-2]) // 3, 0),
            owed_minor=int(row[-1]),
        )
        for row in found
    ]


async def end(session: AsyncSession, person_id: UUID, at: datetime) -> None:
    """What was worked out under a consent that was taken back ends with it."""
    await session.execute(
        update(Prescore).where(Prescore.person_id == person_id, Prescore.valid_until > at).values(valid_until=at)
    )
    await session.execute(
        update(OrderLimit)
        .where(OrderLimit.person_id == person_id, OrderLimit.valid_until > at)
        .values(valid_until=at, limit_minor=0)
    )


async def keep_limits(session: AsyncSession, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    """The night's limits; a firm that got none tonight has none from now on."""
    if rows:
        made = insert(OrderLimit)
        renewed = {name: made.excluded[name] for name in rows[0] if name != "firm_id"}
        await session.execute(made.on_conflict_do_update(index_elements=[OrderLimit.firm_id], set_=renewed), rows)
    named = [row["firm_id"] for row in rows]
    await session.execute(
        update(OrderLimit)
        .where(OrderLimit.firm_id.not_in(named), OrderLimit.valid_until > at)
        .values(valid_until=at, limit_minor=0)
    )


async def order_limit(session: AsyncSession, firm_id: UUID, at: datetime) -> OrderLimit | None:
    """What may be lent to a firm against its orders now, without asking again; None: nothing was set, or it ended."""
    row = await session.get(OrderLimit, firm_id)
    return row if row is not None and row.valid_until > at and row.limit_minor > 0 else None

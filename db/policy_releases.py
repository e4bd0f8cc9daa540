"""What was proposed and released of the policy, and whom a release would touch."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import audits
from db.tables import Application, CreditLine, Loan, Offer, PolicyRelease
from lending.applications import Stage
from lending.refusals import NeedsTwoPeople
from lending.refusals_at_desk import ReleaseClosed, ReleaseMoved, ReleaseOpen

# Stages in which nobody has decided yet, and in which an offer stands.
UNDECIDED = (Stage.DRAFT, Stage.IDENTITY, Stage.CONSENT, Stage.EVIDENCE, Stage.DECIDING, Stage.REVIEW)
OFFERED = (Stage.OFFERED, Stage.SIGNING)
PIECE = 2_000


@dataclass(frozen=True, slots=True)
class Reached:
    """One row that a release touches. ``kind``: loan, line, offer or application; ``began``: the day of its money."""

    kind: str
    number: int
    product_id: str
    amount_minor: int
    currency: str
    annual_rate: Decimal | None
    terms: dict[str, Any]
    began: date | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How many a release touches; ``floating``: live loans whose own clause follows an index that changes."""

    loans: int
    floating: int
    lines: int
    offers: int
    applications: int


async def all_of(session: AsyncSession) -> Sequence[PolicyRelease]:
    """Everything that was proposed, newest first."""
    return (await session.scalars(select(PolicyRelease).order_by(PolicyRelease.number.desc()).limit(200))).all()


async def released(session: AsyncSession) -> list[tuple[int, str, str]]:
    """What two people released: number, room and text, the oldest first."""
    asked = (
        select(PolicyRelease.number, PolicyRelease.room, PolicyRelease.content)
        .where(PolicyRelease.state == "released")
        .order_by(PolicyRelease.number)
    )
    return [(number, room, text) for number, room, text in await session.execute(asked)]


async def propose(session: AsyncSession, row: PolicyRelease) -> None:
    """One person's proposal. Raises :class:`ReleaseOpen` while another one of the same file waits for its answer."""
    columns = (each.name for each in PolicyRelease.__table__.columns if each.name != "number")
    entered = await session.execute(
        insert(PolicyRelease)
        .values({name: getattr(row, name) for name in columns})
        .on_conflict_do_nothing()
        .returning(PolicyRelease.id)
    )
    if entered.first() is None:
        raise ReleaseOpen
    await _audit(session, row.proposed_by, "propose", row)


async def answer(
    session: AsyncSession, row: PolicyRelease, *, release: bool, by: str, words: str, shown_hash: str, at: datetime
) -> None:
    """Another person's answer to exactly what was shown; ``row`` is locked.

    Raises :class:`NeedsTwoPeople` when the proposer releases, :class:`ReleaseClosed` when it was answered before,
    :class:`ReleaseMoved` when something else was shown.
    """
    if row.state != "open":
        raise ReleaseClosed
    if release:
        if row.proposed_by == by:
            raise NeedsTwoPeople
        if row.shown_hash != shown_hash:
            raise ReleaseMoved
        row.state = "released"
    else:
        row.state = "withdrawn" if row.proposed_by == by else "rejected"
    row.decided_by, row.decided_at, row.answer = by, at, words
    await _audit(session, by, "release" if release else row.state, row)


# --- whom it touches --------------------------------------------------------------------------------------------------
async def reach(session: AsyncSession, products: Sequence[str], indices: Sequence[str], now: datetime) -> Reach:
    """The counts of what :func:`reached` lists."""

    async def count(asked: Select[*tuple[Any, ...]]) -> int:
        return int(await session.scalar(select(func.count()).select_from(asked.subquery())) or 0)

    return Reach(
        loans=await count(select(Loan.id).where(_loans(products, indices))),
        floating=await count(select(Loan.id).where(Loan.state == "live", _follows(indices))),
        lines=await count(select(CreditLine.id).where(_lines(products))),
        offers=await count(_offers(products, now)),
        applications=await count(select(Application.id).where(_undecided(products))),
    )


async def reached(
    session: AsyncSession, products: Sequence[str], indices: Sequence[str], now: datetime, most: int | None = None
) -> AsyncIterator[Reached]:
    """Live loans (those that float first), lines, offers that stand and applications in flight, by number; of each kind
    at most ``most``."""
    floats = _follows(indices).cast(Integer)
    number = Application.number
    joined = Application.id == Loan.application_id
    loans = select(Loan, number).join(Application, joined).where(_loans(products, indices))
    for row, n in (await session.execute(loans.order_by(floats.desc(), number).limit(most))).yield_per(PIECE):
        yield Reached(
            "loan", n, row.product_id, row.principal_minor, row.currency, row.annual_rate, row.terms, row.live_on, None
        )
    lines = select(CreditLine, number).join(Application, Application.id == CreditLine.application_id)
    for row, n in await session.execute(lines.where(_lines(products)).order_by(number).limit(most)):
        yield Reached("line", n, row.product_id, row.limit_minor, row.currency, row.annual_rate, {}, None, None)
    for offer, n, product, currency in await session.execute(
        _offers(products, now).order_by(number, Offer.n).limit(most)
    ):
        rate, amount = Decimal(str(offer.terms["annual_rate"])), int(offer.terms["amount_minor"])
        yield Reached("offer", n, product, amount, currency, rate, {}, None, offer.expires_at)
    waiting = select(Application).where(_undecided(products)).order_by(number).limit(most)
    for row in (await session.scalars(waiting)).yield_per(PIECE):
        yield Reached("application", row.number, row.product_id, row.amount_minor, row.currency, None, {}, None, None)


def _follows(indices: Sequence[str]) -> ColumnElement[bool]:
    return and_(
        Loan.terms["index"].as_string().in_(indices), Loan.terms["reprices_every_months"].as_string().is_not(None)
    )


def _loans(products: Sequence[str], indices: Sequence[str]) -> ColumnElement[bool]:
    return and_(Loan.state == "live", or_(Loan.product_id.in_(products), _follows(indices)))


def _lines(products: Sequence[str]) -> ColumnElement[bool]:
    return and_(CreditLine.state != "closed", CreditLine.product_id.in_(products))


def _offers(products: Sequence[str], now: datetime) -> Select[Offer, int, str, str]:
    return (
        select(Offer, Application.number, Application.product_id, Application.currency)
        .join(Application, Application.id == Offer.application_id)
        .where(
            Application.stage.in_([stage.value for stage in OFFERED]),
            Application.product_id.in_(products),
            Offer.expires_at > now,
        )
    )


def _undecided(products: Sequence[str]) -> ColumnElement[bool]:
    return and_(Application.stage.in_([stage.value for stage in UNDECIDED]), Application.product_id.in_(products))


async def _audit(session: AsyncSession, actor: str, action: str, row: PolicyRelease) -> None:
    detail = {"room": row.room, "subject": row.subject, "on": row.effective_on.isoformat(), "shown": row.shown_hash}
    await audits.append(
        session,
        actor=actor,
        action=f"policy.{action}",
        object_kind="policy",
        object_id=str(row.id),
        detail=detail,
        request_id=None,
    )

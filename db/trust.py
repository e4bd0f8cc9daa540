"""Trust in rows: what the book says of a person's loans, where each person stands, and what changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import LateStretch, Loan, TrustChange, TrustStanding
from lending.trust import Change, Lateness, Lent, Trusted, Why

A_TIME = 1_000  # people in memory together


@dataclass
class OfPerson:
    """One person's book."""

    loans: list[Lent] = field(default_factory=list[Lent])
    lateness: list[Lateness] = field(default_factory=list[Lateness])


async def note_lateness(session: AsyncSession, rows: Sequence[tuple[UUID, UUID, date, int]], on: date) -> None:
    """Loans that a close of ``on`` finds past due beyond their grace: (loan, person, missed day, days past due)."""
    if not rows:
        return
    made = insert(LateStretch)
    await session.execute(
        made.on_conflict_do_update(
            index_elements=[LateStretch.loan_id, LateStretch.since],
            set_={
                "last_on": func.greatest(LateStretch.last_on, made.excluded.last_on),
                "days": func.greatest(LateStretch.days, made.excluded.days),
            },
        ),
        [
            {"loan_id": loan, "person_id": person, "since": since, "first_on": on, "last_on": on, "days": days}
            for loan, person, since, days in rows
        ],
    )


async def to_look_at(session: AsyncSession, jurisdiction: str, on: date) -> list[UUID]:
    """People whose standing can have changed by the end of ``on``, in the order of their ids."""
    moved = func.greatest(Loan.live_on, Loan.closed_on)
    late = select(LateStretch.loan_id).where(
        LateStretch.person_id == Loan.person_id, LateStretch.last_on > TrustStanding.looked_on
    )
    found = await session.scalars(
        select(Loan.person_id)
        .outerjoin(TrustStanding, TrustStanding.person_id == Loan.person_id)
        .where(
            Loan.jurisdiction == jurisdiction,
            Loan.live_on <= on,
            or_(
                TrustStanding.person_id.is_(None),
                TrustStanding.rises_on <= on,
                TrustStanding.late,
                moved > TrustStanding.looked_on,
                late.exists(),
            ),
        )
        .distinct()
        .order_by(Loan.person_id)
    )
    return list(found.all())


async def books_of(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, OfPerson]:
    """What counts for each of them."""
    books: dict[UUID, OfPerson] = defaultdict(OfPerson)
    loans = await session.execute(
        select(Loan.person_id, Loan.live_on, Loan.closed_on).where(
            Loan.person_id.in_(people), Loan.live_on.is_not(None)
        )
    )
    for person, live_on, closed_on in loans:
        assert live_on is not None  # noqa: S101
        books[person].loans.append(Lent(live_on, closed_on))
    late = await session.execute(
        select(LateStretch.person_id, LateStretch.first_on, LateStretch.last_on, LateStretch.days).where(
            LateStretch.person_id.in_(people)
        )
    )
    for person, first_on, last_on, days in late:
        books[person].lateness.append(Lateness(first_on, last_on, days))
    return books


async def keep(session: AsyncSession, person: UUID, found: Trusted, on: date, at: datetime) -> list[Change]:
    """Store where a person stands; gives back what is new to their history, in order.

    What was written stays. Another level by new rules alone is a change of its own.
    """
    last = await session.scalar(
        select(TrustChange).where(TrustChange.person_id == person).order_by(TrustChange.n.desc()).limit(1)
    )
    new = [change for change in found.history if last is None or change.on > last.on_date]
    level = new[-1].level if new else last.level if last else 0
    if level != found.level:
        new.append(Change(on, found.level, Why.RULES_CHANGED))
    first = last.n + 1 if last else 1
    if new:
        await session.execute(insert(TrustChange), list(_rows(person, new, first, at)))
    standing = {
        "level": found.level,
        "since": new[-1].on if new else last.on_date if last else found.since,
        "counts_from": found.counts_from,
        "rises_on": found.rises_on,
        "late": found.late,
        "looked_on": on,
    }
    await session.execute(
        insert(TrustStanding)
        .values(person_id=person, **standing)
        .on_conflict_do_update(index_elements=[TrustStanding.person_id], set_=standing)
    )
    return new


def _rows(person: UUID, new: Iterable[Change], first: int, at: datetime) -> Iterable[dict[str, object]]:
    for n, change in enumerate(new, start=first):
        yield {
            "person_id": person,
            "n": n,
            "level": change.level,
            "reason": change.why.value,
            "on_date": change.on,
            "noticed_at": at,
        }


async def standing_of(session: AsyncSession, person: UUID) -> TrustStanding | None:
    """Where a person stands; None before a close has seen their first loan."""
    return await session.get(TrustStanding, person)


async def level_of(session: AsyncSession, person: UUID) -> int:
    """The level that benefits go by: the lowest for somebody new."""
    row = await standing_of(session, person)
    return row.level if row else 1


async def history_of(session: AsyncSession, person: UUID) -> Sequence[TrustChange]:
    """Every change, the newest first."""
    found = await session.scalars(
        select(TrustChange).where(TrustChange.person_id == person).order_by(TrustChange.n.desc())
    )
    return found.all()

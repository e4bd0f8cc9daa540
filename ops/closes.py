"""How far the close of a business day is: its shards, their debits, and whether it is done."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Close, CloseShard, Loan


class Step(StrEnum):
    """What a close does, in order."""

    SHARDS = "shards"
    DEBITS = "debits"
    PROOF = "proof"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """One close now. ``shards`` of those that hold live loans are closed; of those with debits so many were sent."""

    on: date
    jurisdiction: str
    closed: int
    shards: int
    loans: int
    to_collect: int
    collected: int
    started_at: datetime
    finished_at: datetime | None
    difference_minor: int

    @property
    def step(self) -> Step:
        if self.finished_at is not None:
            return Step.DONE
        if self.closed < self.shards:
            return Step.SHARDS
        return Step.DEBITS if self.collected < self.to_collect else Step.PROOF

    @property
    def part(self) -> float:
        """From 0 to 1; shards are nine tenths of the work, debits the rest."""
        if self.finished_at is not None:
            return 1.0
        shards = self.closed / self.shards if self.shards else 1.0
        debits = self.collected / self.to_collect if self.to_collect else shards
        return min(0.99, 0.9 * shards + 0.1 * min(shards, debits))


async def progress(session: AsyncSession, on: date | None = None) -> Progress | None:
    """The close of a day, or the newest; None: there was none."""
    asked = select(Close).order_by(Close.on_date.desc()).limit(1)
    row = (await session.scalars(asked if on is None else asked.where(Close.on_date == on))).first()
    if row is None:
        return None
    mine = (CloseShard.jurisdiction == row.jurisdiction, CloseShard.on_date == row.on_date)
    debits = CloseShard.instructed_minor > 0
    done, loans, wanted, sent = (
        await session.execute(
            select(
                func.count(),
                func.coalesce(func.sum(CloseShard.loans), 0),
                func.count().filter(debits),
                func.count().filter(debits, CloseShard.collected_at.is_not(None)),
            ).where(*mine)
        )
    ).one()
    live = select(func.count(func.distinct(Loan.shard))).where(
        Loan.state == "live", Loan.jurisdiction == row.jurisdiction
    )
    # A shard whose last loan ended in this very close is no longer among the living.
    shards = int(done) if row.finished_at else max(int(await session.scalar(live) or 0), int(done))
    return Progress(
        on=row.on_date,
        jurisdiction=row.jurisdiction,
        closed=int(done),
        shards=shards,
        loans=int(loans),
        to_collect=int(wanted),
        collected=int(sent),
        started_at=row.started_at,
        finished_at=row.finished_at,
        difference_minor=row.difference_minor,
    )

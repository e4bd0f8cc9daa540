"""A loan's life and the daily close."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class LoanCase:
    """Names the loan and what caused the step."""

    loan_id: UUID
    cause: str


@dataclass(frozen=True)
class LoanStanding:
    """``checkpoint`` is the next business instant at which the loan itself has something to do."""

    state: str
    checkpoint: datetime | None
    seconds: float


@dataclass(frozen=True)
class DayToClose:
    """One business day of one jurisdiction."""

    jurisdiction: str
    on: date


@dataclass(frozen=True)
class Shards:
    """The shards that hold live loans on that day."""

    numbers: tuple[int, ...]


@dataclass(frozen=True)
class ShardToClose:
    """One shard of a day's close: one transaction."""

    jurisdiction: str
    on: date
    shard: int


@dataclass(frozen=True)
class ShardClosed:
    """What the transaction did."""

    loans: int
    instructed: int
    settled: int = 0


class Servicing(ABC):
    """What happens to live loans."""

    @activity.defn
    @abstractmethod
    async def file_contract(self, case: LoanCase) -> None:
        """The signed text as paper: the very sheet that was shown, with the evidence of the act."""

    @activity.defn
    @abstractmethod
    async def welcome_borrower(self, case: LoanCase) -> LoanStanding:
        """After the money: the first-repayment explanation and the next checkpoint."""

    @activity.defn
    @abstractmethod
    async def check_loan(self, case: LoanCase) -> LoanStanding:
        """At a checkpoint: where the loan stands and when to look again."""

    @activity.defn
    @abstractmethod
    async def close_out_loan(self, case: LoanCase) -> LoanStanding:
        """Everything is repaid: the settlement certificate, the notice, the last line of the story."""


class Closing(ABC):
    """The close of a business day, in shards."""

    @activity.defn
    @abstractmethod
    async def start_close(self, day: DayToClose) -> None:
        """Start ``close/{jurisdiction}/{date}``; one that exists is the same close."""

    @activity.defn
    @abstractmethod
    async def open_close(self, day: DayToClose) -> Shards:
        """Put the close on record and tell the shards of the live loans."""

    @activity.defn
    @abstractmethod
    async def close_shard(self, shard: ShardToClose) -> ShardClosed:
        """Accrue, share the revenue, count days, write instructions: the rule in Python, the rows by COPY."""

    @activity.defn
    @abstractmethod
    async def collect_shard(self, shard: ShardToClose) -> ShardClosed:
        """Send the shard's instructions to the rail as one batch, and post what the receipts say."""

    @activity.defn
    @abstractmethod
    async def wake_loans(self, day: DayToClose) -> None:
        """Tell the workflows of loans that were repaid in full that day."""

    @activity.defn
    @abstractmethod
    async def finish_close(self, day: DayToClose) -> None:
        """Prove the day (accruals tie to the loans), close it, and report to the calendar."""

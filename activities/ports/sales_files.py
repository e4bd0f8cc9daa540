"""Bills that owners bring for running loans, into sales by day."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class SalesToRead:
    """A bill in the store."""

    file_id: UUID


@dataclass(frozen=True)
class SalesRead:
    """``state``: read or refused; ``problem``: the code of what could not be understood. Nothing of it crosses."""

    state: str
    problem: str | None = None


class SalesFiles(ABC):
    """What an owner brings of days that no feed told."""

    @activity.defn
    @abstractmethod
    async def read_sales(self, file: SalesToRead) -> SalesRead:
        """Read one bill in a confined child and keep its sales, refunds and chargebacks; none of them counts yet."""

    @activity.defn
    @abstractmethod
    async def give_up_sales(self, file: SalesToRead) -> SalesRead:
        """Reading failed for reasons of ours, many times: the owner is told, and no page says "reading" for ever."""

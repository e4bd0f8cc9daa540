"""A person's own data: a copy of it, and its erasure."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class DataToFulfil:
    """A request of a person about their data."""

    request_id: UUID


@dataclass(frozen=True)
class Fulfilled:
    """``state``: ready, erased or refused; ``problem``: the code of why not. Nothing of the data crosses."""

    state: str
    problem: str | None = None


class PersonalData(ABC):
    """What a person may ask of their data (个保法 45, 47)."""

    @activity.defn
    @abstractmethod
    async def fulfil_request(self, wanted: DataToFulfil) -> Fulfilled:
        """Make the copy, or erase; what was done before is not done again."""

    @activity.defn
    @abstractmethod
    async def give_up_request(self, wanted: DataToFulfil) -> Fulfilled:
        """It failed for reasons of ours, many times: the person is told, and may ask again."""

"""Photos of identity papers into fields."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class PaperToRead:
    """A photo of an identity card or a business licence."""

    paper_id: UUID


@dataclass(frozen=True)
class PaperRead:
    """``state``: read or refused; ``problem``: the code of what could not be understood. No field crosses."""

    state: str
    problem: str | None = None


class IdentityPapers(ABC):
    """What an owner photographs."""

    @activity.defn
    @abstractmethod
    async def read_paper(self, paper: PaperToRead) -> PaperRead:
        """Recognise one photo in a confined child; what was read before is not read again."""

    @activity.defn
    @abstractmethod
    async def give_up_paper(self, paper: PaperToRead) -> PaperRead:
        """Reading failed for reasons of ours, many times: the owner types instead, and no page says "reading"."""

"""Papers about a loan that its owner asks for."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class PaperWanted:
    """An order on record."""

    order_id: UUID


@dataclass(frozen=True)
class PaperMade:
    """``state``: ready or refused."""

    state: str
    problem: str | None = None


class LoanPapers(ABC):
    """Receipts, lists of interest, invoices, statements of balance: any day."""

    @activity.defn
    @abstractmethod
    async def print_loan_paper(self, wanted: PaperWanted) -> PaperMade:
        """Print, seal what certifies, and file; the same order is one paper."""

    @activity.defn
    @abstractmethod
    async def give_up_loan_paper(self, wanted: PaperWanted) -> PaperMade:
        """Printing failed for reasons of ours, many times: the owner may ask again."""

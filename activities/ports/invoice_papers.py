"""E-invoices that owners bring, into what they say."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class InvoiceToRead:
    """A file with one invoice, or a list with many."""

    paper_id: UUID


@dataclass(frozen=True)
class InvoiceRead:
    """``state``: read or refused; ``problem``: the code of what could not be understood. Nothing of it crosses."""

    state: str
    problem: str | None = None


class InvoicePapers(ABC):
    """What an owner brings instead of typing."""

    @activity.defn
    @abstractmethod
    async def read_invoice(self, paper: InvoiceToRead) -> InvoiceRead:
        """Read one file in a confined child, and have the tax bureau complete what it says; once."""

    @activity.defn
    @abstractmethod
    async def give_up_invoice(self, paper: InvoiceToRead) -> InvoiceRead:
        """Reading failed for reasons of ours, many times: the owner types instead, and no page says "reading"."""

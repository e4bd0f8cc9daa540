"""Whom a draw is paid to against invoices."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class PayeeNamed:
    """Names the row in which the owner named somebody."""

    payee_id: UUID


@dataclass(frozen=True)
class PayeeChecked:
    """``state``: covered (the invoices know this seller) or unknown. No name crosses."""

    state: str


class Payees(ABC):
    """A seller is paid only what their invoices ask for."""

    @activity.defn
    @abstractmethod
    async def check_payee(self, named: PayeeNamed) -> PayeeChecked:
        """Find the seller by exactly this name in the owner's list, and what it owes them."""

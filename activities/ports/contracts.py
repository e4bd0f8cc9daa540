"""Choosing an offer, the papers, the signature."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from activities.ports.intake import Standing


@dataclass(frozen=True)
class Choice:
    """The offer that the owner chose."""

    application_id: UUID
    cause: UUID
    offer_id: UUID


@dataclass(frozen=True)
class Papers:
    """For whom the key facts and the contract are printed."""

    application_id: UUID
    cause: UUID
    offer_id: UUID


@dataclass(frozen=True)
class Signature:
    """The act of signing: ``code_id`` is the used one-time code, bound to ``terms_hash``."""

    application_id: UUID
    cause: UUID
    code_id: UUID
    terms_hash: str


@dataclass(frozen=True)
class Signed:
    """The one contract's loan and its one payout; money may leave after ``standing.due_at``.

    ``line_id``: a line was opened instead; then there is no loan and no payout under the other ids.
    """

    standing: Standing
    loan_id: UUID
    payout_id: UUID
    line_id: UUID | None = None


class Contracts(ABC):
    """From offer to signed contract."""

    @activity.defn
    @abstractmethod
    async def choose_offer(self, choice: Choice) -> Standing:
        """Mark the offer as chosen if it has not expired; another choice before signing replaces it."""

    @activity.defn
    @abstractmethod
    async def print_papers(self, papers: Papers) -> Standing:
        """Key-facts sheet and contract as PDF into S3, their rows, and the application at signing."""

    @activity.defn
    @abstractmethod
    async def sign_contract(self, signature: Signature) -> Signed:
        """Contract, pending loan and scheduled payout in one transaction; a second signature finds the first."""

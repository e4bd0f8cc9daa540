"""Money to the borrower, once."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class PayoutCase:
    """Names the payout."""

    payout_id: UUID


@dataclass(frozen=True)
class PayoutPlan:
    """When the money may leave, in business time and in real seconds from now."""

    pay_at: datetime
    seconds: float
    cancellable: bool


@dataclass(frozen=True)
class PayoutState:
    """``state`` is one of ``db.tables.PAYOUT_STATES``.

    While it stays ``scheduled``, ``reason`` says why: ``early``, ``held`` (the owner is asked whether it is them) or
    ``unreleased`` (a second person has not let it go); ``until`` and ``seconds`` when to look again at the latest.
    ``task_id`` names the call-back that decides instead.
    """

    state: str
    reason: str | None = None
    until: datetime | None = None
    seconds: float | None = None
    task_id: UUID | None = None


@dataclass(frozen=True)
class CalledBack:
    """The call-back of a held payout has ended: ``done``, or ``unanswered`` for sixty days."""

    payout_id: UUID
    task_id: UUID
    end: str


@dataclass(frozen=True)
class LoanStarted:
    """What the workflow of the loan is started with."""

    loan_id: UUID
    application_id: UUID


class Payouts(ABC):
    """An attempt is committed before the rail is called; a timeout is UNKNOWN, and only the rail resolves it."""

    @activity.defn
    @abstractmethod
    async def plan_payout(self, case: PayoutCase) -> PayoutPlan:
        """Read when the payout may leave by its tier, and note the wait with the clock."""

    @activity.defn
    @abstractmethod
    async def claim_payout(self, case: PayoutCase) -> PayoutState:
        """SCHEDULED to SUBMITTING by one compare-and-set, with the attempt row and the entry of money in flight.

        Money that is early, held or not yet released by a second person stays SCHEDULED; past the last hour of these it
        is undone.
        """

    @activity.defn
    @abstractmethod
    async def cancel_payout(self, case: PayoutCase) -> PayoutState:
        """SCHEDULED to CANCELLED by the same compare-and-set: whichever comes first is the arbiter."""

    @activity.defn
    @abstractmethod
    async def apply_call_back(self, called: CalledBack) -> PayoutState:
        """What the person who called found out: it was the owner, and the money may leave, or it is stopped."""

    @activity.defn
    @abstractmethod
    async def submit_payout(self, case: PayoutCase) -> PayoutState:
        """Call the rail with the payout's end-to-end id. Never retried blindly: anything unclear is UNKNOWN."""

    @activity.defn
    @abstractmethod
    async def ask_rail(self, case: PayoutCase) -> PayoutState:
        """Ask the rail what became of the end-to-end id; not found before the cut-off is still UNKNOWN."""

    @activity.defn
    @abstractmethod
    async def settle_payout(self, case: PayoutCase) -> LoanStarted:
        """Credited: the loan lives and interest starts. Returned or cancelled: all is undone. With the projection."""

    @activity.defn
    @abstractmethod
    async def hand_to_desk(self, case: PayoutCase) -> PayoutState:
        """The rail's cut-off has passed without an answer: a person at the desk resolves it."""

    @activity.defn
    @abstractmethod
    async def start_loan(self, started: LoanStarted) -> None:
        """Start ``loan/{id}``; one that already runs is the same loan."""

"""The steps of somebody who takes part in somebody else's loan."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity

from activities.ports.intake import CheckAnswer, CheckPlan


@dataclass(frozen=True)
class PartyCase:
    """Names the part and what caused the step."""

    party_id: UUID
    cause: UUID


@dataclass(frozen=True)
class PartyStanding:
    """Where a part stands, until when it waits (business time), and the real seconds to that."""

    state: str
    due_at: datetime | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class PartyCheck:
    """One check of a party's identity."""

    party_id: UUID
    cause: UUID
    kind: str


@dataclass(frozen=True)
class PartyChecked:
    """The answers of the checks that were asked."""

    party_id: UUID
    cause: UUID
    answers: tuple[CheckAnswer, ...]


@dataclass(frozen=True)
class PartySignature:
    """A party signs: ``code_id`` is the used one-time code, bound to part and terms."""

    party_id: UUID
    cause: UUID
    code_id: UUID
    terms_hash: str


@dataclass(frozen=True)
class PartyEnding:
    """A part ends: ``declined`` by the party, ``removed`` by the applicant, ``lapsed`` by the clock."""

    party_id: UUID
    cause: UUID
    state: str


class Parties(ABC):
    """Invitation, identity, signature, end; each told on the application's timeline and to whom it concerns."""

    @activity.defn
    @abstractmethod
    async def invite_party(self, case: PartyCase) -> PartyStanding:
        """Tell the party by message what they are asked for, by whom, and until when."""

    @activity.defn
    @abstractmethod
    async def plan_party_checks(self, case: PartyCase) -> CheckPlan:
        """The checks of the party that no earlier proof serves for."""

    @activity.defn
    @abstractmethod
    async def ask_party_check(self, check: PartyCheck) -> CheckAnswer:
        """Ask a provider for one check of the party, under the party's own consent."""

    @activity.defn
    @abstractmethod
    async def conclude_party_checks(self, checked: PartyChecked) -> PartyStanding:
        """All match: the part is proven. Else it stays, and the party is told which failed."""

    @activity.defn
    @abstractmethod
    async def sign_party(self, signature: PartySignature) -> PartyStanding:
        """The party signs what it has read, for the plan that is chosen now."""

    @activity.defn
    @abstractmethod
    async def end_party(self, ending: PartyEnding) -> PartyStanding:
        """The part ends by its name; both sides are told. A part whose contract was concluded is bound instead."""

"""A proof of identity given anew, for one act."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class ProofWanted:
    """Names the proof; what it is for stands in its row."""

    proof_id: UUID


@dataclass(frozen=True)
class ProofGiven:
    """``outcome``: match, mismatch or no_answer."""

    outcome: str


class StepUps(ABC):
    """The second factor of an owner."""

    @activity.defn
    @abstractmethod
    async def ask_proof(self, wanted: ProofWanted) -> ProofGiven:
        """Ask the identity provider, the same question once; a match counts for a while, for this act alone."""

    @activity.defn
    @abstractmethod
    async def give_up_proof(self, wanted: ProofWanted) -> ProofGiven:
        """The provider did not answer in time: the owner reads so and may try again, or the other way."""

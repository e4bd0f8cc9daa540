"""What happens to a piece of collateral."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import activity


@dataclass(frozen=True)
class CollateralCase:
    """Names the piece, and what caused the step."""

    collateral_id: UUID
    cause: UUID


@dataclass(frozen=True)
class CollateralStanding:
    """``state``: a value of :class:`lending.collateral.CollateralState`. ``due_at``: when it is looked at next or ends,
    ``seconds`` real time until then; ``task_id``: whom it waits for."""

    state: str
    version: int
    due_at: datetime | None = None
    seconds: float | None = None
    problem: str | None = None
    task_id: UUID | None = None


@dataclass(frozen=True)
class Appraised:
    """A valuer's word; who, how much and under which number is in the command's row."""

    collateral_id: UUID
    command_id: UUID


@dataclass(frozen=True)
class AddedLater:
    """Its owner's word that it secures a loan that lives already, and the code that bound it."""

    collateral_id: UUID
    cause: UUID
    code_id: UUID


@dataclass(frozen=True)
class CollateralTaskEnded:
    """Somebody went out for it, or nobody did. ``end``: done, cancelled or unanswered."""

    collateral_id: UUID
    task_id: UUID
    end: str


class Valuing(ABC):
    """Until its value is known, and each time it is found anew."""

    @activity.defn
    @abstractmethod
    async def check_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Ask its register and the desktop model; then a valuer is sent, or it is refused."""

    @activity.defn
    @abstractmethod
    async def appraise_collateral(self, word: Appraised) -> CollateralStanding:
        """Write down what a valuer found; too far from the model, another one is sent (B4)."""

    @activity.defn
    @abstractmethod
    async def hear_collateral_task(self, ended: CollateralTaskEnded) -> CollateralStanding:
        """What came of whoever was sent."""

    @activity.defn
    @abstractmethod
    async def revalue_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Its valuation is as old as may be: find it anew; what is owed above it asks for a cure (B8)."""

    @activity.defn
    @abstractmethod
    async def put_off_collateral(self, case: CollateralCase) -> CollateralStanding:
        """The world outside does not answer: again in a while; a register's last day that is over ends it."""

    @activity.defn
    @abstractmethod
    async def end_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Nobody used it in time: it lapses, and its owner is told."""


class Securing(ABC):
    """What the registers have for us."""

    @activity.defn
    @abstractmethod
    async def register_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Search, register, search again; once nobody is before us it counts, and the money looks again (B6)."""

    @activity.defn
    @abstractmethod
    async def add_collateral(self, word: AddedLater) -> CollateralStanding:
        """It is to be registered for what is short, for a loan that lives (B8); refused where nothing is short."""

    @activity.defn
    @abstractmethod
    async def hold_against(self, case: CollateralCase) -> CollateralStanding:
        """Another piece came: hold what is owed against all of them; a cure that is done asks nobody any more."""

    @activity.defn
    @abstractmethod
    async def search_collateral(self, case: CollateralCase) -> CollateralStanding:
        """A fresh priority search before money leaves."""

    @activity.defn
    @abstractmethod
    async def unwind_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Nothing came of the loan: whatever was registered is cancelled."""

    @activity.defn
    @abstractmethod
    async def release_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Nothing is owed any more: its registration is cancelled."""

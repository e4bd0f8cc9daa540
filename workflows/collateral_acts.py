"""What people and other stories say to a running piece of collateral: see :mod:`workflows.acts`."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class StartCollateral:
    """What a ``Collateral`` is started with."""

    collateral_id: UUID
    clock_id: str


@dataclass(frozen=True)
class OfferCollateral:
    """A piece was offered for an application; its row exists."""

    command_id: UUID


@dataclass(frozen=True)
class Appraise:
    """A valuer has found its value; what they said is in the command's row."""

    command_id: UUID


@dataclass(frozen=True)
class Secure:
    """The contract is signed: have it registered."""

    command_id: UUID


@dataclass(frozen=True)
class Search:
    """Money is about to leave and its last search is old."""

    command_id: UUID


@dataclass(frozen=True)
class Unwind:
    """Nothing came of the loan, or its owner takes it back before anything was signed."""

    command_id: UUID


@dataclass(frozen=True)
class ReleaseCollateral:
    """Nothing is owed any more."""

    command_id: UUID


@dataclass(frozen=True)
class AddCollateral:
    """The owner adds it to a loan whose security carries less than is owed; ``code_id``: of the code that bound it."""

    command_id: UUID
    code_id: UUID


@dataclass(frozen=True)
class HoldAgainst:
    """Another piece of the same loan was registered: hold what is owed against all of them once more."""

    command_id: UUID


@dataclass(frozen=True)
class Revalue:
    """Something became of it since: look at its value now, and not at its day."""

    command_id: UUID


CollateralAct = (
    OfferCollateral | Appraise | Secure | Search | Unwind | ReleaseCollateral | AddCollateral | HoldAgainst | Revalue
)

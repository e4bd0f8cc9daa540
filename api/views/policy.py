"""The policy at the desk: what is in force, what was proposed with what it changes, and whom that touches."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IndexView:
    """A reference rate as it counts today."""

    index: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the policy that differs; None: it was or will not be there."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ReachView:
    """How many a release touches, when it was last counted. ``floating``: of the live loans, those with a rate that
    follows by its own clause; all others keep theirs."""

    loans: int
    floating: int
    lines: int
    offers: int
    applications: int


@dataclass(frozen=True, slots=True)
class TouchedView:
    """One contract, offer or application. ``effect``: keeps, resets (on a day), stands (until one), anew."""

    kind: str
    number: int
    product_id: str
    amount_minor: int
    currency: str
    annual_rate: Decimal | None
    effect: str
    on: date | None
    rate_after: Decimal | None


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A proposal and what became of it. Names are those of staff."""

    id: UUID
    number: int
    room: str
    subject: str
    effective_on: date
    state: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    mine: bool


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A proposal with everything that whoever releases it must have seen. ``shown_hash`` binds the answer to it.

    ``moved``: what it would change is no longer what was proposed. ``touched``: the first of each kind; all of them
    stand in the table to save.
    """

    line: ReleaseLine
    content: str
    rows: tuple[RowView, ...]
    shown_hash: str
    moved: bool
    reach: ReachView
    touched: tuple[TouchedView, ...]
    fresh: bool


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """What counts today, and every proposal, the newest first."""

    version: str
    on: date
    indices: tuple[IndexView, ...]
    rooms: tuple[str, ...]
    releases: tuple[ReleaseLine, ...]
    fresh: bool

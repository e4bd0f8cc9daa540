"""What the desk sees of the models: who decides, what their cards say, what was proposed, what rang."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from api.views.reason import Params


@dataclass(frozen=True, slots=True)
class MoveView:
    """A proposal to give a model another role, and its answer. Names are those of staff."""

    id: UUID
    model_id: str
    from_role: str
    to_role: str
    share: Decimal | None
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    mine: bool


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model of the list. ``decides``: it makes decisions now."""

    id: str
    role: str
    method: str
    label: str
    share: Decimal | None
    decides: bool
    stood_down_at: datetime | None
    stood_down_why: str | None
    auc: Decimal | None
    auc_low: Decimal | None
    auc_high: Decimal | None
    created_at: datetime
    waiting: MoveView | None


@dataclass(frozen=True, slots=True)
class Measures:
    """How well a model tells good from bad on some firms: all of them, or a slice by its ``name``."""

    name: str
    firms: int
    bad: int
    auc: Decimal | None
    auc_low: Decimal | None
    auc_high: Decimal | None
    ks: Decimal | None
    brier: Decimal | None
    ece: Decimal | None


@dataclass(frozen=True, slots=True)
class Weight:
    """How much of a model rests on one feature, from 0 to 1."""

    feature: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model with its card and its story. ``may_become``: roles that can be proposed for it."""

    line: ModelLine
    kind: str
    trained_on: str
    how: str
    sha256: str
    card_sha256: str
    data_sha256: str
    features: int
    whole: Measures
    slices: tuple[Measures, ...]
    weights: tuple[Weight, ...]
    may_become: tuple[str, ...]
    moves: tuple[MoveView, ...]
    fresh: bool


@dataclass(frozen=True, slots=True)
class AlarmView:
    """Something that the desk must look at. ``detail`` holds codes and figures."""

    id: UUID
    kind: str
    object_kind: str
    object_id: str
    detail: Params
    raised_at: datetime
    last_at: datetime
    times: int
    due_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None

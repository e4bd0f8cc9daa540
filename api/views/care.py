"""What the desk sees of the models: who decides, what their cards say, what was proposed, what rang."""

from dataclasses import dataclass, field
from datetime import date, datetime
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


@dataclass(frozen=True, slots=True)
class WatchLine:
    """One figure about a model on a day: drift (``high``: what chance reaches) or calibration (``expected``)."""

    on: date
    model_id: str
    measure: str
    subject: str
    value: Decimal | None
    expected: Decimal | None
    low: Decimal | None
    high: Decimal | None
    count: int
    state: str


@dataclass(frozen=True, slots=True)
class BesideLine:
    """A model beside the champion on the same decisions. ``gap``: mean chance of default less the champion's;
    ``widest``: of one firm, without sign. Of ``loans`` whose horizon is over ``bad`` went bad, where champion and model
    expected the part that is named."""

    model_id: str
    role: str
    decisions: int
    same_grade: int
    gap: Decimal | None
    widest: Decimal | None
    loans: int
    bad: int
    champion_expected: Decimal | None
    expected: Decimal | None


@dataclass(frozen=True, slots=True)
class CauseLine:
    """Overrides of one cause: how many each way, and what became of those that were lent to against the score."""

    cause: str
    overrides: int
    approved: int
    declined: int
    good: int
    bad: int
    running: int


@dataclass(frozen=True, slots=True)
class OverrideReport:
    """Reviews of a year: how often people decide against the score, and how often they change their own first view."""

    since: date
    reviews: int
    with_leaning: int
    overrides: int
    changed_views: int
    causes: tuple[CauseLine, ...]


@dataclass(frozen=True, slots=True)
class GapLine:
    """How far a group lies from the others at the same terms, with its interval; ``found``: it is a difference."""

    measure: str
    gap: Decimal
    low: Decimal
    high: Decimal
    firms: int
    found: bool


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of firms of one kind, how many were approved, and its gaps."""

    kind: str
    group: str
    firms: int
    approved: int
    rate_low: Decimal
    rate_high: Decimal
    gaps: tuple[GapLine, ...]


@dataclass(frozen=True, slots=True)
class PriceLine:
    """The same terms at more than one price."""

    terms: str
    prices: tuple[Decimal, ...]
    firms: int


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """The newest report; ``as_of`` None before the first night."""

    as_of: date | None
    window_days: int
    decisions: int
    differences: int
    groups: tuple[GroupLine, ...]
    two_prices: tuple[PriceLine, ...]


@dataclass(frozen=True, slots=True)
class WarningCard:
    """A borrower with a sign of difficulty; ``text`` says which, in figures."""

    id: UUID
    loan_id: UUID
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    cause: str
    text: str
    figures: Params
    raised_on: date
    due_at: datetime
    closed_at: datetime | None
    outcome: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class WarningView:
    """One warning, what may have come of it, and the loan's earlier ones."""

    card: WarningCard
    outcomes: tuple[str, ...]
    earlier: tuple[WarningCard, ...]
    closed_by: str | None

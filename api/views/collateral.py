"""What secures a loan, as its owner and the manager see it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CollateralKindView:
    """One kind that is taken: what is brought, which figures are asked, who values it, where it is registered.

    ``evidence``: in words; ``advance_rate``: of its value, lent at most; ``revalue_months``: how long a value holds.
    """

    kind: str
    name: str
    evidence: tuple[str, ...]
    facts: tuple[str, ...]
    valuer: str
    advance_rate: Decimal
    registry: str
    revalue_months: int


@dataclass(frozen=True, slots=True)
class AppraisalView:
    """One value that somebody found; ``n`` 0 is the desktop model's. All are kept. ``valuer_id`` and ``licence``: of
    the firm on the list; ``report_sha256``: of the report that came with it. For the lender's people: ``doubt``, what
    the report leaves open, ``taken`` by whom with which words, ``may_take``: whether the reader is one who may."""

    round: int
    n: int
    value_minor: int
    valuer: str | None
    reference: str | None
    valued_on: date
    id: UUID
    valuer_id: str | None = None
    licence: str | None = None
    report_sha256: str | None = None
    doubt: str = ""
    taken: str = field(default="", repr=False)
    taken_by: str = ""
    may_take: bool = False


@dataclass(frozen=True, slots=True)
class ValuerChoice:
    """A firm that may value a thing: its id on the list, name, licence, and the licence's last day."""

    id: str
    name: str
    licence: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class CropView:
    """What was seen of a field. ``stale``: it is read anew before money rests on it."""

    crop: str
    area_m2: int
    stage: str
    confidence: str
    seen_on: date
    stale: bool


@dataclass(frozen=True, slots=True)
class CollateralView:
    """One piece. ``value`` is the one that counts, ``desktop`` the model's; ``lends`` what may be lent on it after
    ``prior``, the registered maximum claims before ours; ``loan_to_value``: (prior + ours) / value, None without an
    accepted value; ``rank``: ours, None before the register was searched. Both are provisional, at what is asked, while
    ``before_registration``; owner and lender read the same (P18).

    ``problem``: a code, with its words; ``appraise``: a valuer's figure is awaited; ``customer`` and ``number``, of the
    application, ``reference``, the number of the report that whoever went there brought home, and ``valuers``, who may
    find its value now, for the lender's people alone; so are ``like``, which thing has a number near, and what was said
    of the two (``apart``, by whom).
    """

    id: UUID
    application_id: UUID
    kind: str
    name: str
    label: str
    title: str
    place: str
    owner: str
    ownership: str
    state: str
    problem: str
    problem_text: str
    desktop_minor: int | None
    value_minor: int | None
    currency: str
    valued_on: date | None
    lends_minor: int
    prior_minor: int
    rank: int | None
    ours_minor: int
    loan_to_value: Decimal | None
    leased_until: date | None
    reading: CropView | None
    appraisals: tuple[AppraisalView, ...]
    registration_no: str | None
    registered_at: datetime | None
    register_by: datetime | None
    searched_at: datetime | None
    revalue_on: date | None
    short_minor: int
    cure_on: date | None
    task_id: UUID | None
    appraise: bool
    due_at: datetime | None
    version: int
    customer: str | None = None
    number: int | None = None
    reference: str | None = None
    valuers: tuple[ValuerChoice, ...] = ()
    like: str = ""
    apart: str = field(default="", repr=False)
    apart_by: str = ""
    may_apart: bool = False
    before_registration: bool = False


@dataclass(frozen=True, slots=True)
class ClaimChoice:
    """An invoice of one's own that could secure a loan: who owes, how much is open, until when."""

    id: UUID
    buyer: str
    open_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True, slots=True)
class BorderView:
    """A field by its number: its corners as (longitude, latitude), to be looked at and offered as ``parcel``."""

    title: str
    corners: tuple[tuple[str, str], ...]
    area_m2: int


@dataclass(frozen=True, slots=True)
class PaperCheckView:
    """A paper contract held beside the screen: ``printed`` and ``shown`` are the first digits of both fingerprints."""

    same: bool
    printed: str
    shown: str


@dataclass(frozen=True, slots=True)
class SecurityView:
    """All pieces of an application: what is asked for, what valuers' figures carry, what it may be once the rest is
    valued. ``another_signs``: somebody owns a piece besides or instead of the borrower."""

    application_id: UUID
    currency: str
    asked_minor: int
    carries_minor: int
    expected_minor: int
    pieces: tuple[CollateralView, ...]
    kinds: tuple[CollateralKindView, ...]
    another_signs: bool
    may_offer: bool

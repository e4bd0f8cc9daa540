"""Things that secure a loan: what each is worth, what may be lent on it, and when that is looked at anew.

The kinds are data (``policies/collateral.yaml``): who values each, which part of its value is lent, where it is
registered, how long a valuation holds. A value is what an independent valuer found, held against a desktop model; a
rank is what the register says; no money leaves before a registration and a fresh search (P18, journey 2).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Any

from lending.refusals import CollateralNotValued, CollateralShort

A_DAY = timedelta(days=1)
MU = Decimal(2000) / 3  # square metres: one mu (亩)
MONTHS_A_YEAR = 12


class CollateralKind(StrEnum):
    """What a piece of collateral is."""

    REAL_ESTATE = "real_estate"
    EQUIPMENT = "equipment"
    INVENTORY = "inventory"
    WAREHOUSE_RECEIPT = "warehouse_receipt"
    VEHICLE = "vehicle"
    RECEIVABLE = "receivable"
    CROP = "crop"
    IP = "ip"


class Registry(StrEnum):
    """Where a right in it is registered."""

    ESTATES = "estates"  # the real-estate bureau (不动产登记)
    PLEDGES = "pledges"  # the unified register of movable security (中登网)
    VEHICLES = "vehicles"  # the vehicle office
    PATENTS = "patents"  # the office of intellectual property


class Right(StrEnum):
    """What the lender has in it."""

    MORTGAGE = "mortgage"  # 抵押: it stays with its owner
    PLEDGE = "pledge"  # 质押: a paper, a claim or a right


class Valuer(StrEnum):
    """Who says what it is worth."""

    LICENSED = "licensed"  # a licensed firm that looks at it on site (资产评估法)
    SUPERVISOR = "supervisor"  # whoever keeps the goods counts them
    MODEL = "model"  # the desktop model alone


class Ownership(StrEnum):
    """Whose it is. Whoever owns it besides or instead of the borrower signs too (民法典 301, 395)."""

    OWN = "own"
    CO_OWNED = "co_owned"
    THIRD_PARTY = "third_party"


SIGNED_BY_ANOTHER = frozenset({Ownership.CO_OWNED, Ownership.THIRD_PARTY})


class CollateralState(StrEnum):
    """Where a piece stands. Only ``registered`` ones let money leave."""

    OFFERED = "offered"
    VALUING = "valuing"
    SECOND = "second"  # the first valuer and the desktop model differ: another one looks
    VALUED = "valued"
    SECURING = "securing"  # the contract is signed; the register has it
    REGISTERED = "registered"
    RELEASED = "released"  # nothing is owed any more
    REFUSED = "refused"
    FAILED = "failed"  # the register said no, or somebody else came first
    UNWOUND = "unwound"  # nothing came of the loan: whatever was registered is cancelled
    LAPSED = "lapsed"


OVER = frozenset(
    {
        CollateralState.RELEASED,
        CollateralState.REFUSED,
        CollateralState.FAILED,
        CollateralState.UNWOUND,
        CollateralState.LAPSED,
    }
)
# While it stands in one of these its owner cannot offer the same thing again.
HOLDS = frozenset(CollateralState) - OVER
# And in one of these nobody can. That somebody typed its number says nothing yet about whose it is.
SECURES = frozenset({CollateralState.SECURING, CollateralState.REGISTERED})
# What counts as cover before a decision, and after it.
COUNTS = frozenset({CollateralState.VALUED, CollateralState.SECURING, CollateralState.REGISTERED})


@dataclass(frozen=True, slots=True)
class CollateralType:
    """One kind as the policy has it.

    ``advance_rate``: of its value, lent at most, prior claims included (one less the haircut); ``facts``: the figures
    that its owner gives; ``evidence``: papers and looks, as codes; ``visit``: somebody goes there; ``revalue_months``:
    how long a valuation holds; ``ranks``: as which rank at most it is taken; ``number``: which number whoever looks at
    it copies, as a code; ``right``: mortgaged or pledged; ``names``: by language.
    """

    kind: CollateralKind
    names: Mapping[str, str]
    evidence: tuple[str, ...]
    facts: tuple[str, ...]
    valuer: Valuer
    independent: bool
    visit: bool
    advance_rate: Decimal
    registry: Registry
    revalue_months: int
    ranks: int = 1
    number: str = "serial"
    right: Right = Right.MORTGAGE

    @property
    def haircut(self) -> Decimal:
        """What is taken off its value before anything is lent on it."""
        return 1 - self.advance_rate


@dataclass(frozen=True, slots=True)
class DesktopPrices:
    """What the desktop model reckons with. Prices in minor units; rates a year, as fractions of the price when new."""

    square_metre: Mapping[str, int]
    yearly_loss: Mapping[CollateralKind, Decimal]
    never_below: Decimal
    mu: Mapping[str, int]
    stages: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class CollateralRules:
    """The policy. ``band``: how far valuer and desktop model may differ, as a fraction of the model's figure;
    ``lease_cut``: of the value, where a lease is older than the mortgage (民法典 405); ``search_days``: working days
    that a priority search holds; ``crop_days``: days that a reading from above holds; ``register_within``: from the
    signature."""

    version: str
    types: Mapping[CollateralKind, CollateralType]
    prices: DesktopPrices
    band: Decimal
    lease_cut: Decimal
    search_days: int
    crop_days: int
    crop_confidence: Decimal
    register_within: timedelta
    cure_days: int

    def __post_init__(self) -> None:
        if missing := [kind.value for kind in CollateralKind if kind not in self.types]:
            raise ValueError(f"types: {', '.join(missing)} missing")
        if not 0 < self.band < 1 or not 0 <= self.lease_cut < 1:
            raise ValueError("band in (0, 1), lease_cut in [0, 1)")
        for one in self.types.values():
            if not 0 < one.advance_rate < 1:
                raise ValueError(f"types.{one.kind}.advance_rate: in (0, 1)")
            if not 1 <= one.revalue_months <= MONTHS_A_YEAR:
                raise ValueError(f"types.{one.kind}.revalue_months: at least yearly (P18)")
            if one.valuer is Valuer.LICENSED and not one.independent:
                raise ValueError(f"types.{one.kind}.independent: a licensed valuer is independent (资产评估法 4)")
        if self.register_within < A_DAY or min(self.search_days, self.crop_days, self.cure_days) < 1:
            raise ValueError("days are above zero")


# --- what it is worth -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CropReading:
    """What was seen of a parcel from above. ``area_m2``: within its polygon; ``confidence``: that it is this crop."""

    crop: str
    area_m2: int
    stage: str
    confidence: Decimal
    seen_on: date


def is_stale(reading: CropReading, today: date, rules: CollateralRules) -> bool:
    """Whether a field looks otherwise by now: after so many days it is read anew."""
    return (today - reading.seen_on).days > rules.crop_days


def desktop(
    kind: CollateralKind,
    facts: Mapping[str, Any],
    rules: CollateralRules,
    on: date,
    reading: CropReading | None = None,
) -> int | None:
    """What the desktop model makes of it, in minor units; None where it has no figure (IP, an unread field).

    ``facts``: the figures of the kind, amounts in minor units and days as ISO text.
    """
    prices = rules.prices
    match kind:
        case CollateralKind.REAL_ESTATE:
            return int(facts["area_m2"]) * prices.square_metre[str(facts["use"])]
        case CollateralKind.EQUIPMENT | CollateralKind.VEHICLE:
            days = max(0, (on - date.fromisoformat(str(facts["bought_on"]))).days)
            left = max(prices.never_below, 1 - prices.yearly_loss[kind] * days / Decimal(365))
            return _down(int(facts["bought_minor"]) * left)
        case CollateralKind.INVENTORY | CollateralKind.WAREHOUSE_RECEIPT:
            return int(facts["quantity"]) * int(facts["unit_minor"])
        case CollateralKind.RECEIVABLE:
            return int(facts["face_minor"])
        case CollateralKind.CROP:
            return None if reading is None else crop_value(reading, rules)
        case CollateralKind.IP:
            return None


def crop_value(reading: CropReading, rules: CollateralRules) -> int | None:
    """Area by price, by how far it has grown, by how sure the reading is; None where it is too unsure to lend on."""
    if reading.confidence < rules.crop_confidence or reading.crop not in rules.prices.mu:
        return None
    grown = rules.prices.stages.get(reading.stage, Decimal(0))
    return _down(reading.area_m2 / MU * rules.prices.mu[reading.crop] * grown * reading.confidence)


def apart(desktop_minor: int | None, appraised_minor: int, rules: CollateralRules) -> bool:
    """Whether a valuer and the desktop model differ so far that another valuer looks (journey 2, B4). Without a figure
    of the model there is nothing to hold the valuer against, so a second one looks too."""
    if desktop_minor is None:
        return True
    return abs(appraised_minor - desktop_minor) > desktop_minor * rules.band


def value_of(desktop_minor: int | None, appraised: Sequence[int], rules: CollateralRules) -> int | None:
    """The value that counts, in minor units; None while a valuer is awaited. ``appraised``: in the order they came.

    One valuer within the band counts as they said; of two the lower one counts, and both are kept.
    """
    if not appraised:
        return None
    if len(appraised) == 1:
        return None if apart(desktop_minor, appraised[0], rules) else appraised[0]
    return min(appraised)


# --- what is lent on it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece with its value, in minor units. ``prior_minor``: registered maximum claims before ours; ``earlier``:
    how many those are; ``leased``: to somebody before our mortgage."""

    id: str
    kind: CollateralKind
    value_minor: int
    prior_minor: int = 0
    earlier: int = 0
    leased: bool = False

    @property
    def rank(self) -> int:
        """Ours in the register, 1 is the first."""
        return self.earlier + 1


def lends(piece: Piece, rules: CollateralRules) -> int:
    """What may be lent on a piece: its value with the haircut, less what others are before us for (P18)."""
    one = rules.types[piece.kind]
    if piece.rank > one.ranks:
        return 0
    kept = 1 - rules.lease_cut if piece.leased else Decimal(1)
    return max(0, _down(piece.value_minor * one.advance_rate * kept) - piece.prior_minor)


def cover(pieces: Sequence[Piece], rules: CollateralRules) -> int:
    """What may be lent on all of them together."""
    return sum(lends(piece, rules) for piece in pieces)


def carried(amount_minor: int, *, found: int, expected: int, valued: bool, currency: str) -> None:
    """Whether pieces carry an amount: ``found`` by what valuers said, ``expected`` with the model's for the rest.

    Raises :class:`CollateralShort`; where ``valued`` is asked and only values are missing :class:`CollateralNotValued`.
    """
    if expected < amount_minor:
        raise CollateralShort(carries_minor=expected, asked_minor=amount_minor, currency=currency)
    if valued and found < amount_minor:
        raise CollateralNotValued(carries_minor=found, asked_minor=amount_minor, currency=currency)


def loan_to_value(piece: Piece, ours_minor: int) -> Decimal:
    """(prior registered maximum claims + ours) / value, rounded up to four places (P18)."""
    if piece.value_minor <= 0:
        raise ValueError("a value is above zero")
    return (Decimal(piece.prior_minor + ours_minor) / piece.value_minor).quantize(Decimal("0.0001"), ROUND_CEILING)


def spread(owed_minor: int, pieces: Sequence[Piece], rules: CollateralRules) -> dict[str, int]:
    """For how much each piece is registered: in proportion to what it carries, the last one takes the rounding.

    No piece is registered for more than it carries. What all of them do not carry is left out.
    """
    carries = [(piece.id, lends(piece, rules)) for piece in pieces]
    whole = sum(carried for _, carried in carries)
    left = min(owed_minor, whole)
    spreads: dict[str, int] = {}
    for name, carried in carries:
        part = -(-left * carried // whole) if whole else 0
        spreads[name] = min(part, left, carried)
        left -= spreads[name]
        whole -= carried
    return spreads


def shortfall(owed_minor: int, pieces: Sequence[Piece], rules: CollateralRules) -> int:
    """What is owed above what they carry. It asks for a cure and calls nothing (journey 2, B8)."""
    return max(0, owed_minor - cover(pieces, rules))


def added(piece: Piece, short_minor: int, rules: CollateralRules) -> int:
    """For how much a piece that comes later is registered: what is short, as far as it carries that."""
    return min(short_minor, lends(piece, rules))


# --- the register -----------------------------------------------------------------------------------------------------


class Bar(StrEnum):
    """Why a thing is not taken."""

    UNKNOWN = "unknown"  # the register has no such title
    NOT_THEIRS = "not_theirs"
    SEALED = "sealed"  # a court has it (查封)
    RANK = "rank"  # others are before us, as many as are taken or more
    EXHAUSTED = "exhausted"  # prior claims leave nothing to lend on
    UNREADABLE = "unreadable"  # the field could not be read surely enough


def is_fresh(searched_on: date, today: date, is_working: Callable[[date], bool], rules: CollateralRules) -> bool:
    """Whether a priority search still holds: no more working days have begun since than it is good for (B6)."""
    day, begun = searched_on, 0
    while day < today and begun <= rules.search_days:
        day += A_DAY
        begun += is_working(day)
    return begun <= rules.search_days


@dataclass(frozen=True, slots=True)
class Secured:
    """What the release of money looks at. ``searched_on``: of the newest search that found nobody before us."""

    state: CollateralState
    registration_no: str | None
    searched_on: date | None
    reading: CropReading | None = field(default=None)


# The loan may take its longest and be late; so long the register of pledges has it (中登网: at most thirty years).
PLEDGED_FOR = timedelta(days=365 * 8)


class Waits(StrEnum):
    """What money waits for."""

    REGISTRATION = "registration"
    SEARCH = "search"
    FAILED = "failed"  # it will never leave
    NUMBER = "number"  # what was copied on the spot is not the piece's number, and nobody said why


def in_the_way(
    pieces: Sequence[Secured], today: date, is_working: Callable[[date], bool], rules: CollateralRules
) -> Waits | None:
    """What keeps money back: every piece needs its number and a fresh search, and one that failed ends it (B6)."""
    if any(piece.state in OVER for piece in pieces):
        return Waits.FAILED
    if any(piece.state is not CollateralState.REGISTERED or not piece.registration_no for piece in pieces):
        return Waits.REGISTRATION
    for piece in pieces:
        if piece.searched_on is None or not is_fresh(piece.searched_on, today, is_working, rules):
            return Waits.SEARCH
        if piece.reading is not None and is_stale(piece.reading, today, rules):
            return Waits.SEARCH
    return None


def _down(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_FLOOR))

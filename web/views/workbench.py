"""What the manager's workbench shows: clocks, the day, the book, quotes and the code."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from api import views
from api.views.managing import WordAttemptView
from web.views.owner import ProductCard
from web.views.parts import Form
from web.wording import Say

# Where each kind of clock is opened; every other kind is a task outside.
PLACES = {
    "review": "/manager/tasks",
    "see_person": "/manager/seeings",
    "help_call": "/manager/calls",
    "warning": "/manager/warnings",
}
CONDITIONS = {"condition_manager": "/manager/customers/{}#terms-title", "condition_desk": "/desk/cases/{}#terms-title"}
NAMED = frozenset({*PLACES, *CONDITIONS, "call_back", "held_words"})
MOODS = {"late": "alarm", "remind": "warm"}


@dataclass(frozen=True)
class ClockItem:
    """One thing with its clock, and where it is opened. ``releases``: its reader may open payouts that wait; to anybody
    else a call back leads to its customer."""

    card: views.ClockCard
    releases: bool = False

    @property
    def title(self) -> Say:
        kind = self.card.kind
        return Say(f"web.clocks.kind.{kind}" if kind in NAMED else f"lending.offline_kind.{kind}")

    @property
    def href(self) -> str:
        if self.card.kind == "call_back":
            return "/desk/releases" if self.releases else f"/manager/customers/{self.card.application_id}"
        if self.card.kind == "held_words":
            return f"/manager/words#words-{self.card.id}"
        if self.card.kind in CONDITIONS:
            return CONDITIONS[self.card.kind].format(self.card.application_id)
        return f"{PLACES.get(self.card.kind, '/manager/offline')}/{self.card.id}"

    @property
    def mood(self) -> str:
        return MOODS.get(self.card.burn, "plain")

    @property
    def shown(self) -> Decimal:
        """The part of the clock that is drawn: never more than all of it."""
        return min(self.card.spent, Decimal(1))


@dataclass(frozen=True)
class ClocksPage:
    """Everything that waits for one, what burns on top. ``whose``: ``mine`` or ``all``."""

    items: tuple[ClockItem, ...]
    whose: str = "mine"

    @property
    def late(self) -> int:
        return sum(one.card.burn == "late" for one in self.items)

    @property
    def away_matters(self) -> bool:
        """Whether something is done outside, where a phone may have no network."""
        return any(one.href.startswith("/manager/offline/") for one in self.items)


@dataclass(frozen=True)
class DayStop:
    """Where to be at an hour."""

    item: views.DayItem

    @property
    def title(self) -> Say:
        kind = self.item.kind
        return Say(f"web.clocks.kind.{kind}" if kind in NAMED else f"lending.offline_kind.{kind}")

    @property
    def href(self) -> str:
        return f"{PLACES.get(self.item.kind, '/manager/offline')}/{self.item.id}"

    @property
    def way(self) -> Say | None:
        if not self.item.way:
            return None
        place = "web.seeing.method" if self.item.kind == "see_person" else "lending.offline_way"
        return Say(f"{place}.{self.item.way}")


@dataclass(frozen=True)
class DayPage:
    """A day by the hour; ``before`` and ``after``: the days beside it; ``kept``: a phone may keep it, being today."""

    seen: views.DayView
    stops: tuple[DayStop, ...]
    calls: tuple[ClockItem, ...]
    today: date
    before: date
    after: date
    kept: bool = False


@dataclass(frozen=True)
class BookPage:
    """One's customers: first whoever needs something, then whose end is near, then the rest."""

    seen: views.ManagerBook

    @property
    def pressing(self) -> tuple[views.BookCustomer, ...]:
        return tuple(one for one in self.seen.customers if _presses(one))

    @property
    def ending(self) -> tuple[views.BookCustomer, ...]:
        return tuple(one for one in self.seen.customers if not _presses(one) and _ends(one))

    @property
    def others(self) -> tuple[views.BookCustomer, ...]:
        return tuple(one for one in self.seen.customers if not _presses(one) and not _ends(one))


def _presses(one: views.BookCustomer) -> bool:
    return any(loan.days_past_due or loan.check_late or loan.warnings for loan in one.loans)


def _ends(one: views.BookCustomer) -> bool:
    return any(loan.band is not None or loan.check_open for loan in one.loans)


@dataclass(frozen=True)
class CheckPage:
    """Putting down that a loan was looked at."""

    customer: views.BookCustomer
    loan: views.BookLoan
    form: Form
    results: tuple[str, ...]


@dataclass(frozen=True)
class HandOverPage:
    """Giving a customer to a colleague; ``clocks``: what is open and goes along."""

    customer: str
    number: str
    back: str
    now: views.OwnManager | None
    colleagues: tuple[views.Colleague, ...]
    form: Form
    clocks: tuple[ClockItem, ...] = ()

    @property
    def options(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((str(one.id), one.name, "") for one in self.colleagues)


@dataclass(frozen=True)
class Hears:
    """Whose customer a quote is for."""

    application_id: str
    name: str


@dataclass(frozen=True)
class CataloguePage:
    """What may be told, what was just told, and one's own code as a picture. ``form`` None: may not quote; ``hears``:
    the customer who reads the quote in their story."""

    products: tuple[views.CatalogueTerm, ...]
    form: Form | None
    told: views.QuoteView | None = None
    hears: Hears | None = None

    @property
    def options(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((one.product_id, one.name, "") for one in self.products)


@dataclass(frozen=True)
class CodePage:
    """One's own code as a picture of squares (``path`` of an SVG of ``size``), to be scanned from the screen."""

    seen: views.ManagerCodeView
    path: str
    size: int
    anew: Form


@dataclass(frozen=True)
class IntroducedPage:
    """Whom somebody is welcomed by who scanned a code."""

    seen: views.Introduced
    product: ProductCard


@dataclass(frozen=True)
class MeasuresPage:
    """What service costs in time. Shares are None of nothing."""

    seen: views.WorkMeasures

    @property
    def first_share(self) -> Decimal | None:
        return _share(self.seen.first_contact, self.seen.first_contact_of)

    @property
    def straight_share(self) -> Decimal | None:
        return _share(self.seen.straight_through, self.seen.decided)


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


@dataclass(frozen=True)
class AttemptsPage:
    """Rates that somebody wanted to promise and that no product has, and words that did not leave."""

    attempts: tuple[views.QuoteAttempt, ...]
    words: tuple[WordAttemptView, ...] = ()


@dataclass(frozen=True)
class TerritoriesPage:
    """Whose each area is, and a form to say so."""

    areas: tuple[views.TerritoryView, ...]
    managers: tuple[views.Colleague, ...]
    form: Form

    @property
    def options(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((str(one.id), one.name, "") for one in self.managers)

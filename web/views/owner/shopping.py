"""Pages before and around an account: the simulator, the product, signing in, what went wrong. Amounts: minor units."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from api.views import HelpAnswer, HelpCallView
from web.charts import LineChart, weathers
from web.views.figures import Weather
from web.views.parts import Action, Form
from web.wording import Say


@dataclass(frozen=True)
class Range:
    """What a slider may be set to; money in whole yuan, shares in percent, terms in months."""

    low: int | Decimal
    high: int | Decimal
    step: int | Decimal


@dataclass(frozen=True)
class Kind:
    """How a loan may be repaid: a product by its name and sentence in the catalogue."""

    product_id: str
    name: str
    text: str
    repayment: str


class Due(NamedTuple):
    """What one due day of a plan by dates asks for."""

    on: date
    amount_minor: int
    interest_minor: int
    left_minor: int


@dataclass(frozen=True)
class Quote:
    """What a loan would cost in three weathers, from the engine that the ledger uses, and what the planned months ask
    for: ``least_minor`` of principal in each ``window_months``, all of it by ``latest_on``.

    ``due``: the days of a plan by dates, which no sales change.
    """

    amount_minor: int
    months: int
    share: Decimal
    revenue_minor: int
    annual_rate: Decimal
    start: date
    weathers: tuple[Weather, ...]
    window_months: int
    least_minor: int
    latest_on: date
    due: tuple[Due, ...] = ()

    @property
    def normal(self) -> Weather:
        return next(weather for weather in self.weathers if weather.kind == "normal")

    @property
    def monthly_minor(self) -> int:
        """About what goes to repayment in a usual month; of a plan by dates the first instalment."""
        return self.due[0].amount_minor if self.due else int(self.revenue_minor * self.share)

    @property
    def longer(self) -> bool:
        """Whether usual sales need longer than planned."""
        return self.normal.finish_on is not None and self.normal.months > self.months

    def chart(self) -> LineChart:
        """The three lines."""
        return weathers(self.weathers, self.start)


@dataclass(frozen=True)
class Ranges:
    amount: Range
    months: Range
    share: Range
    revenue: Range


@dataclass(frozen=True)
class HomePage:
    """The simulator. ``quote`` is None when what was asked for is outside the product; the form says why. ``on``: what
    secures it, empty for nothing; ``kinds``: how it may be repaid, where that is to be chosen."""

    form: Form
    ranges: Ranges
    quote: Quote | None
    product: "ProductCard"
    on: str = ""
    kinds: tuple[Kind, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """The one that is chosen."""
        return next((one for one in self.kinds if one.product_id == self.product.product_id), None)

    @property
    def by_dates(self) -> bool:
        """Whether nothing is shared, so that no share is asked for."""
        return self.kind is not None and self.kind.repayment != "revenue_share"


@dataclass(frozen=True)
class ProductCard:
    """The product in its own numbers, before anybody signs in."""

    product_id: str
    name: str
    amount_low_minor: int
    amount_high_minor: int
    months_low: int
    months_high: int
    annual_rate: Decimal
    late_factor: Decimal
    grace_days: int
    share_low: Decimal
    share_high: Decimal
    history_months: int
    window_months: int
    stretch: Decimal
    path_longest_months: int
    fast_limit_minor: int
    delay_hours: Decimal
    automatic_limit_minor: int
    highest_annual_rate: Decimal


ELIGIBILITY = ("months", "takings", "overdue")


@dataclass(frozen=True)
class ProductPage:
    """``answers`` by question of :data:`ELIGIBILITY`, "yes" or "no"; ``verdict`` None until all three are given;
    ``kinds``: how else it may be repaid stands beside it."""

    card: ProductCard
    form: Form
    verdict: str | None = None
    blockers: tuple[Say | str, ...] = ()
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class HelpPage:
    """Answers with their rules; ``open`` is the one for where the reader came from.

    ``asked``: what was asked, then ``answers`` are to it; ``miss`` says that they do not help;
    ``person``: somebody to talk to was asked for; ``call`` is waited for.
    """

    answers: tuple[HelpAnswer, ...]
    open: str = ""
    asked: str = ""
    miss: Form | None = None
    person: bool = False
    noted: bool = False
    call: HelpCallView | None = None


@dataclass(frozen=True)
class SignInPage:
    """First the phone, then the code. ``codes_url`` is where a simulated world shows the messages it "sent"."""

    stage: str
    form: Form
    phone_masked: str = ""
    code_minutes: int = 10
    resend: Form | None = None
    codes_url: str | None = None


@dataclass(frozen=True)
class ProblemPage:
    """Something did not work: an HTTP status, what to do about it, and the number to quote."""

    status: int
    code: str
    title: str = ""
    message: Say | str | None = None
    reference: str = ""
    wait_seconds: int | None = None
    back: Action | None = None
    details: tuple[Say | str, ...] = field(default_factory=tuple)

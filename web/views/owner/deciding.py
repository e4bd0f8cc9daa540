"""The decision: reasons, plans to choose from, their price, and what leads to a yes. Amounts are minor units."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.views import SubsidyView
from web.views.figures import Weather
from web.views.health import Health, WayToYes
from web.views.owner.shopping import Quote, Ranges
from web.views.parts import Action, Form
from web.wording import Say


@dataclass(frozen=True)
class Reason:
    """Why, in the owner's words; ``effect`` is for, against or plain."""

    text: Say | str
    effect: str = "plain"


@dataclass(frozen=True)
class Plan:
    """One offer on the table. ``least_minor`` of principal is the least progress in each ``window_months``.

    ``shape`` names it among those beside it; ``said``: share and months that were asked for, where it has others.
    """

    offer_id: str
    shape: str
    amount_minor: int
    months: int
    share: Decimal
    annual_rate: Decimal
    normal: Weather
    good: Weather
    slow: Weather
    window_months: int
    least_minor: int
    chosen: bool = False
    pays_off_minor: int = 0
    net_minor: int = 0
    subsidy: SubsidyView | None = None
    wait_hours: int = 0
    second_person: bool = False
    said: tuple[Decimal, int] | None = None
    instalment_minor: int = 0  # the first one of a plan by dates; 0 of a share of sales

    @property
    def line(self) -> Say:
        """What sets it apart, with the figures where it is not what was asked for."""
        if self.said is None:
            return Say(f"web.offers.plan.{self.shape}.line")
        share, months = self.said
        figures = {"asked_share": share, "share": self.share, "wanted": months, "months": self.months}
        return Say(f"web.offers.plan.{self.shape}.line", figures)

    @property
    def arrives(self) -> Say:
        """When the money is there, reckoned from the signature."""
        if self.second_person:
            return Say("web.offers.arrives_person", {"n": self.wait_hours})
        return (
            Say("web.offers.arrives_hours", {"n": self.wait_hours})
            if self.wait_hours
            else Say("web.offers.arrives_now")
        )


@dataclass(frozen=True)
class Price:
    """What the loan costs a year, the best that the product has, and what of the firm made the difference."""

    annual_rate: Decimal
    best_rate: Decimal
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionPage:
    """``outcome`` is waiting, approve, decline or review. ``tried``: ways to a yes were looked for; ``cheaper``: what
    lowers the price."""

    outcome: str
    number: str
    due_at: datetime | None = None
    who: Say | None = None
    limit_minor: int = 0
    reasons: tuple[Reason, ...] = ()
    path_to_yes: Say | str | None = None
    ways: tuple[WayToYes, ...] = ()
    cheaper: tuple[WayToYes, ...] = ()
    tried: bool = False
    health: Health | None = None
    path: Action | None = None
    review: Form | None = None
    review_asked: bool = False
    plans: tuple[Plan, ...] = ()
    choose: Form | None = None
    adjust: Form | None = None
    ranges: Ranges | None = None
    expires_at: datetime | None = None
    revenue_minor: int = 0
    simulated_model: bool = False
    by_person: bool = False
    automatic_limit_minor: int = 0
    before_minor: int | None = None
    price: Price | None = None
    lacking: tuple[str, ...] = ()
    line: bool = False  # a limit is asked for, to be drawn on
    renew: Form | None = None
    preview: Quote | None = None
    reckoning: bool = False
    secured: bool = False  # no money before a register has what secures it
    by_dates: bool = False  # nothing is shared, so no share may be moved

    def same(self, name: str) -> bool:
        """Whether all plans agree in a figure: it is told once then."""
        return all(getattr(plan, name) == getattr(self.plans[0], name) for plan in self.plans)

    @property
    def raised(self) -> bool:
        """Whether the limit is higher than it was before more bills came."""
        return self.before_minor is not None and self.before_minor < self.limit_minor

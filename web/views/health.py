"""How healthy a business looks, and what leads to a yes, as pages show them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from web.charts import PointsBar, points_bar
from web.views.parts import Action
from web.wording import Say


@dataclass(frozen=True)
class HealthDriver:
    """One area: points above or below the usual firm, of how many in a hundred similar firms it is at least as good."""

    name: str
    points: int
    better_than: int | None = None
    reason: str | None = None
    advice: str | None = None
    change: int | None = None


@dataclass(frozen=True)
class Health:
    """``index`` is 0 to 100. ``trade``: compared with firms of the same trade, not with all."""

    index: int
    drivers: tuple[HealthDriver, ...]
    on: date
    trade: bool = False
    before: int | None = None
    before_on: date | None = None
    simulated: bool = False

    def bar(self, driver: HealthDriver) -> PointsBar:
        return points_bar(driver.points, max(abs(each.points) for each in self.drivers))


@dataclass(frozen=True)
class WayToYes:
    """One way to a yes: what to do (one or two things), how it is meant, what comes out, the button that begins it."""

    changes: tuple[str, ...]
    how: tuple[str, ...]
    outcome: str
    amount_minor: int
    months: int
    annual_rate: Decimal | None = None
    action: Action | None = None

    @property
    def result(self) -> Say:
        return Say(f"web.way.outcome.{self.outcome}")

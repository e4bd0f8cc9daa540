"""``assumptions.yaml`` as values."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from lending.contact_policy import Channel
from lending.offers import Shape
from policies.files import PolicyFile, Section, read_file
from policies.shapes import Fraction

SHIPPED = Path(__file__).with_name("assumptions.yaml")
Chance = Annotated[float, Field(ge=0, le=1)]
Pair = Annotated[tuple[float, float], Field()]


class Asks(Section):
    not_in_last_months: int
    of_monthly_sales: Pair
    months: tuple[int, ...]
    takes_offer: Chance
    takes_smaller: Chance
    plans: dict[Shape, Chance]


class ScoreStandIn(Section):
    blurred_by: Annotated[float, Field(ge=0)]
    confidence: Fraction


class Reviews(Section):
    say_yes: Chance


class Means(Section):
    spare_days: Annotated[float, Field(gt=0)]
    spread: Annotated[float, Field(ge=0)]
    account_days: Annotated[float, Field(gt=0)]
    account_spread: Annotated[float, Field(ge=0)]


class Partners(Section):
    count: Annotated[int, Field(ge=1)]
    tied: Chance
    share: Pair
    skew: Annotated[float, Field(gt=0)]


class Habit(Section):
    """What one kind of owner does, as chances."""

    share: Chance
    bounce: Chance
    by_themselves: Chance
    answers: dict[Channel, Chance]
    pays: Chance
    promises: Chance
    keeps: Chance
    disputes: Chance
    heeds: Chance
    turns_away: Chance
    diverts: Chance


class LateWays(Section):
    pays_part: Chance
    complains: Chance
    promised_in_days: tuple[int, int]
    pays_in_days: tuple[int, int]
    dispute_answered_after: int


class Scenario(Section):
    """What befalls all firms from the first day of month ``from_month`` (0 is the first) on."""

    from_month: int = 0
    sales: Annotated[float, Field(gt=0, le=1)] = 1.0
    bounce: Annotated[float, Field(ge=1)] = 1.0
    failures: Annotated[float, Field(ge=1)] = 1.0
    partner_fails: bool = False
    found_anew: Chance = 0.0
    within_months: Annotated[int, Field(ge=1)] = 1


class Assumptions(PolicyFile):
    begins_on: date
    history_days: int
    asks: Asks
    returning: Chance
    score: ScoreStandIn
    reviews: Reviews
    means: Means
    partners: Partners
    habits: dict[str, Habit]
    late: LateWays
    pays_off_early: Chance
    scenarios: dict[str, Scenario]


@dataclass(frozen=True, slots=True)
class Play:
    """What is played: the same value, the same book, however many processes play it."""

    firms: int
    months: int
    seed: int
    scenario: str = "base"


@lru_cache(maxsize=4)
def assumed(path: Path = SHIPPED) -> Assumptions:
    """The file; :class:`policies.files.PolicyError` for one that is not exactly of its shape."""
    return read_file(path, Assumptions)

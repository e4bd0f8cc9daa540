"""A floating rate: which rate holds from which day, by the index as it was published (P4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lending.amortisation import RateChange
from lending.calendars import BusinessCalendar, DayRule, add_months
from lending.instalment_products import Price
from lending.refusals import OutsidePolicy


def rate_on(price: Price, published: Mapping[date, Decimal], on: date) -> Decimal:
    """The annual rate of a contract signed on ``on``; ``published``: values of the index by the day they count from."""
    if price.index is None:
        return price.rate({})
    known = [day for day in published if day <= on]
    if not known:
        raise OutsidePolicy(rule=f"index {price.index} is not published by {on.isoformat()}")
    return price.rate({price.index: published[max(known)]})


def repricings(price: Price, published: Mapping[date, Decimal], start: date, until: date) -> list[RateChange]:
    """The changes of the rate on each repricing day (重定价日) after ``start`` and before ``until``.

    A day on which the index has not moved changes nothing and is left out; so is every day of a fixed rate.
    """
    every = price.reprices_every_months
    if price.index is None or every is None:
        return []
    changes: list[RateChange] = []
    rate, number = rate_on(price, published, start), 1
    while (day := add_months(start, every * number)) < until:
        now = rate_on(price, published, day)
        if now != rate:
            changes.append(RateChange(day, now))
        rate, number = now, number + 1
    return changes


@dataclass(frozen=True, slots=True)
class Clause:
    """What a signed contract says of its own rate: the index, its points, and every how many months it is set anew."""

    index: str
    points: int
    every_months: int


def clause_of(terms: Mapping[str, object]) -> Clause | None:
    """The clause in stored terms; None where the rate is fixed: then no later value of any index touches it."""
    index, every = terms.get("index"), terms.get("reprices_every_months")
    if not isinstance(index, str) or not isinstance(every, int) or every < 1:
        return None
    points = terms.get("points")
    return Clause(index, points if isinstance(points, int) else 0, every)


def next_reset(clause: Clause, start: date, after: date) -> date:
    """The first repricing day (重定价日) of a contract that began on ``start`` that lies after ``after``."""
    number = 1
    while (day := add_months(start, clause.every_months * number)) <= after:
        number += 1
    return day


# The funding centre publishes on the 20th of each month, on the next working day where that is none.
PUBLISHED_ON_THE = 20
# No publication ever moved the rate by more than a quarter of this: more is a slip of the hand.
MOST_MOVE = Decimal("0.01")


def is_publication_day(on: date, calendar: BusinessCalendar) -> bool:
    """Whether a reference rate is published on a day (P4)."""
    return calendar.moved(on.replace(day=PUBLISHED_ON_THE), DayRule.FOLLOWING) == on

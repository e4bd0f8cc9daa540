"""A floating rate: which rate holds from which day, by the index as it was published (P4)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lending.amortisation import RateChange
from lending.calendars import add_months
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

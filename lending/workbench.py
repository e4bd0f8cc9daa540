"""A manager's day in rules: what burns first, whose end is near, and which loan is looked at again (P28, P33)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from lending.ahead import Way
from lending.measures import Costs
from lending.promising import WordRules

# The reminder comes when three quarters of the time are gone.
REMIND_AT = Decimal("0.75")
HUNDREDTH = Decimal("0.01")


class Burn(StrEnum):
    """How a clock stands: before 75 %, from 75 % on, past its time."""

    CALM = "calm"
    REMIND = "remind"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Clock:
    """What somebody promised. ``spent``: the part of its time that is gone, 1 at the promise, more after it."""

    spent: Decimal
    burn: Burn


def clock(created_at: datetime, due_at: datetime, now: datetime) -> Clock:
    """How the time from ``created_at`` to ``due_at`` stands at ``now``; one that was due at once is late at once."""
    whole, gone = due_at - created_at, now - created_at
    if whole <= timedelta(0):
        return Clock(Decimal(1), Burn.LATE)
    spent = max(Decimal(0), Decimal(gone // timedelta(microseconds=1)) / (whole // timedelta(microseconds=1)))
    burn = Burn.LATE if spent >= 1 else Burn.REMIND if spent >= REMIND_AT else Burn.CALM
    return Clock(spent.quantize(HUNDREDTH), burn)


def heat(burn: Burn, due_at: datetime) -> tuple[int, datetime]:
    """What burns comes first: late, then reminded, then calm, each by when it is due."""
    return (Burn.LATE, Burn.REMIND, Burn.CALM).index(burn), due_at


@dataclass(frozen=True, slots=True)
class BookRules:
    """``bands``: days to a loan's end at which it stands out; ``first_check``: after the payout (P28), ``checks``: how
    often from then on by grade, ``otherwise`` for a loan without one; ``shown_before``: a check stands in the book;
    ``costs``: what people are reckoned with (P36); ``words``: what may not stand in words to a customer
    (B7); ``usual``: how long a step usually takes."""

    bands: tuple[int, ...]
    first_check: timedelta
    checks: Mapping[str, timedelta]
    otherwise: timedelta
    shown_before: timedelta
    costs: Costs
    usual: Mapping[Way, timedelta]
    words: WordRules

    def band(self, matures_on: date, today: date) -> int | None:
        """The narrowest band that holds the days left: 7, 30 or 60; 0 from the day on; None: farther away."""
        left = (matures_on - today).days
        if left <= 0:
            return 0
        return min((days for days in self.bands if left <= days), default=None)

    def check_due_on(self, live_on: date, last_due_on: date | None, grade: str | None) -> date:
        """When a loan is to be looked at next; ``last_due_on``: the check that was done last, by its own day.

        Counted from the day a check was due, not done: one that came late does not push all the others back.
        """
        if last_due_on is None:
            return live_on + self.first_check
        return last_due_on + self.checks.get(grade or "", self.otherwise)


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """双人调查 (P33): of these products, above so many minor units, two people look into the firm and both sign."""

    products: frozenset[str]
    above_minor: int


def needs_two_people(rules: tuple[TwoPeople, ...], product_id: str, amount_minor: int) -> bool:
    """Whether any rule asks for it."""
    return any(product_id in rule.products and amount_minor > rule.above_minor for rule in rules)


def territory(area: str, known: Collection[str]) -> str | None:
    """The longest of the known areas that ``area`` (digits of GB/T 2260) lies in; None: nobody's."""
    return max((one for one in known if area.startswith(one)), key=len, default=None)

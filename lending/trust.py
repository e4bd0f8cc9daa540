"""Trust in five levels: earned by months repaid as agreed and by loans repaid, lowered by lateness, by nothing else.

A level is a fold over what the book says of one person: when money came, when a loan was over, when one was past due
beyond its grace. No trait of the person is here, so none can count. The same book and policy give the same history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from lending.calendars import add_months

ONE_DAY = timedelta(days=1)
LOWEST = 1


class Why(StrEnum):
    """What a level rests on."""

    FIRST_LOAN = "first_loan"
    CLEAN_MONTHS = "clean_months"
    REPAID = "repaid"
    LATE = "late"
    VERY_LATE = "very_late"
    RULES_CHANGED = "rules_changed"


# What a person did that raised their level.
ROSE = frozenset({Why.CLEAN_MONTHS, Why.REPAID})


@dataclass(frozen=True, slots=True)
class Benefits:
    """What a level brings. ``offer_days``: so much longer an offer stands; ``review_within``: a person has answered by
    then; ``coupon``: what is given when the level is reached, by its name in the catalogue of coupons."""

    offer_days: int = 0
    review_within: timedelta = timedelta(days=1)
    coupon: str | None = None


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """``clean_months``: after so many in a row a level rises. A repaid loan raises it too if it was lent for
    ``repaid_after_days`` at least: borrowing for a day proves nothing. From ``very_late_days`` on nothing is left."""

    clean_months: int
    repaid_after_days: int
    very_late_days: int
    levels: tuple[Benefits, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.clean_months <= 6:
            raise ValueError("clean_months: from 1 to 6")
        if self.repaid_after_days < 1 or self.very_late_days < 1:
            raise ValueError("repaid_after_days: days are counted from 1")
        if len(self.levels) != 5:
            raise ValueError("levels: five of them")
        for lower, higher in pairwise(self.levels):
            if higher.offer_days < lower.offer_days or higher.review_within > lower.review_within:
                raise ValueError("levels: a higher one is never worse")

    @property
    def highest(self) -> int:
        return len(self.levels)

    def benefits(self, level: int) -> Benefits:
        """What level 1 to 5 brings."""
        return self.levels[level - 1]


@dataclass(frozen=True, slots=True)
class Lent:
    """One loan in the book: the day of its money, and the day on which nothing was owed any more."""

    live_on: date
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """A stretch past due beyond the days of grace: the first and the last day on which a close said so, and the most
    days past due that it counted."""

    first_on: date
    last_on: date
    days: int


@dataclass(frozen=True, slots=True)
class Change:
    """A level from ``on`` on, and why."""

    on: date
    level: int
    why: Why


@dataclass(frozen=True, slots=True)
class Trusted:
    """Where somebody stands. ``counts_from``: since when clean months are counted, None while no loan is open or one is
    late; ``rises_on``: the latest day of the next rise if all goes as agreed, None where nothing runs or is left."""

    level: int
    history: tuple[Change, ...]
    counts_from: date | None
    rises_on: date | None
    late: bool

    @property
    def why(self) -> Why:
        return self.history[-1].why

    @property
    def since(self) -> date:
        return self.history[-1].on


class _Order(StrEnum):
    """What happens on one day, in this order: bad news first, so that no level rises on the day that lowers it."""

    A_LATE = "a"
    B_VERY_LATE = "b"
    C_CURED = "c"
    D_ENDED = "d"
    E_BEGAN = "e"


def trusted(loans: Sequence[Lent], lateness: Sequence[Lateness], on: date, policy: TrustPolicy) -> Trusted | None:
    """Where a person stands at the end of ``on``, with every change that led there; None before the first loan.

    A stretch whose ``last_on`` is ``on`` is still open. Months count while a loan is open and nothing is past due; what
    was counted when the last loan ended goes on with the next one.
    """
    events = sorted(event for event in _events(loans, lateness, on, policy) if event[0] <= on)
    if not any(kind is _Order.E_BEGAN for _, kind, _ in events):
        return None
    walk = _Walk(policy)
    for day, kind, lived in events:
        walk.clean_until(day - ONE_DAY if kind in (_Order.A_LATE, _Order.B_VERY_LATE) else day)
        walk.take(day, kind, lived)
    walk.clean_until(on)
    running = walk.counts_from if not walk.late else None
    rises = add_months(running, policy.clean_months) if running and walk.level < policy.highest else None
    return Trusted(walk.level, tuple(walk.history), running, rises, walk.late > 0)


def _events(
    loans: Sequence[Lent], lateness: Sequence[Lateness], on: date, policy: TrustPolicy
) -> list[tuple[date, _Order, int]]:
    found: list[tuple[date, _Order, int]] = []
    for loan in loans:
        found.append((loan.live_on, _Order.E_BEGAN, 0))
        if loan.closed_on is not None:
            found.append((loan.closed_on, _Order.D_ENDED, (loan.closed_on - loan.live_on).days))
    for one in lateness:
        found.append((one.first_on, _Order.A_LATE, 0))
        if one.days >= policy.very_late_days:
            # ``days`` were counted on ``last_on``: so many days before it the limit was passed.
            passed = one.last_on - timedelta(days=one.days - policy.very_late_days)
            found.append((max(passed, one.first_on), _Order.B_VERY_LATE, 0))
        if one.last_on < on:
            found.append((one.last_on + ONE_DAY, _Order.C_CURED, 0))
    return found


class _Walk:
    """One person's book, event by event."""

    def __init__(self, policy: TrustPolicy) -> None:
        self.policy = policy
        self.level = LOWEST
        self.history: list[Change] = []
        self.open = self.late = 0
        self.counts_from: date | None = None
        self._banked = timedelta(0)

    def clean_until(self, on: date) -> None:
        """Every rise by clean months up to and on that day."""
        while self.counts_from is not None and self.level < self.policy.highest:
            due = add_months(self.counts_from, self.policy.clean_months)
            if due > on:
                return
            self._go(due, self.level + 1, Why.CLEAN_MONTHS)
            self.counts_from = due

    def take(self, on: date, kind: _Order, lived: int) -> None:
        match kind:
            case _Order.A_LATE:
                self.late += 1
                self.counts_from, self._banked = None, timedelta(0)
                self._go(on, max(LOWEST, self.level - 1), Why.LATE)
            case _Order.B_VERY_LATE:
                self._go(on, LOWEST, Why.VERY_LATE)
            case _Order.C_CURED:
                self.late -= 1
                self._count(on)
            case _Order.D_ENDED:
                self._ended(on, lived)
            case _Order.E_BEGAN:
                self.open += 1
                if not self.history:
                    self.history.append(Change(on, LOWEST, Why.FIRST_LOAN))
                self._count(on)

    def _ended(self, on: date, lived: int) -> None:
        self.open -= 1
        rose = not self.late and lived >= self.policy.repaid_after_days and self.level < self.policy.highest
        if rose:
            self._go(on, self.level + 1, Why.REPAID)
            self.counts_from = on if self.counts_from else None
        if not self.open and self.counts_from is not None:
            self._banked, self.counts_from = on - self.counts_from, None

    def _count(self, on: date) -> None:
        """Months run from here, where a loan is open and none is late, with what was counted before."""
        if self.open and not self.late and self.counts_from is None:
            self.counts_from, self._banked = on - self._banked, timedelta(0)

    def _go(self, on: date, level: int, why: Why) -> None:
        if level != self.level:
            self.level = level
            self.history.append(Change(on, level, why))

"""One firm's life, day by day: the same generator as the population's, reproducible for any day in any order.

Each month is drawn from its own seed, so a bill for last spring is the same whether it is asked for today or next year,
and what a firm sells on a day is what its bill for that day says.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from statistics import NormalDist
from threading import RLock
from typing import Literal

import numpy as np

from simulators.firms.character import Firms, draw
from simulators.firms.course import Month, Standing, step
from simulators.firms.lines import Kind, Lines, Role, Stretch, counterparty, write
from simulators.firms.trades import DAY_SECONDS, KEYS, MONTH, ordinal

FADING_DAYS = 25.0  # a failing firm loses two thirds of its sales in so many days
CHARGEBACK_ONE_IN = 12  # so many refunds are forced by the payer's bank
CHARACTER, COURSE, LINES = 0, 1, 2  # what a seed is used for


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to one firm. ``closed``: shut from ``first`` to ``last``. ``refund_wave``: in the month of
    ``first``, earlier sales are given back until refunds are ``share`` of that month's sales."""

    kind: Literal["closed", "refund_wave"]
    first: date
    last: date
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What determines a life. ``health`` in (0, 1): the share of firms that are weaker. ``monthly_sales`` in yuan."""

    seed: int
    trade: str
    monthly_sales: float
    health: float
    opened_on: date
    fails_on: date | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day's till in fen: what came in, what went back, and what was spent."""

    on: date
    sales: int
    refunds: int
    chargebacks: int
    spent: int

    @property
    def net(self) -> int:
        return self.sales - self.refunds - self.chargebacks


@dataclass(slots=True)
class Life:
    plan: Plan
    firms: Firms = field(init=False)
    _standing: Standing = field(init=False)
    _months: list[Month] = field(init=False, default_factory=list)
    _lines: dict[int, Lines] = field(init=False, default_factory=dict)
    _one: RLock = field(init=False, default_factory=RLock)  # bills and trading ask from two threads

    def __post_init__(self) -> None:
        plan = self.plan
        z = NormalDist().inv_cdf(min(max(plan.health, 0.001), 0.999))
        rng = np.random.default_rng([plan.seed, CHARACTER])
        self.firms = draw(rng, 1, z=z, trade=KEYS.index(plan.trade), level=plan.monthly_sales)
        self._standing = Standing.fresh(1)

    @property
    def key(self) -> int:
        """Names the firm in its bills' numbers."""
        return int(self.firms.key[0])

    @property
    def platform(self) -> int:
        """The counterparty that settles the platforms' sales each night."""
        return int(counterparty(self.firms.key, Role.PLATFORM, np.zeros(1, np.uint64))[0])

    def lines(self, first: date, last: date) -> Lines:
        """The lines of these days, oldest first."""
        begin, end = ordinal(max(first, self.plan.opened_on)), ordinal(last)
        if end < begin:
            return _slice(self._month(int(MONTH[begin])), 0, 0)
        parts: list[Lines] = []
        for month in range(int(MONTH[begin]), int(MONTH[end]) + 1):
            lines = self._month(month)
            low, high = np.searchsorted(lines.second, [begin * DAY_SECONDS, (end + 1) * DAY_SECONDS])
            parts.append(_slice(lines, int(low), int(high)))
        return _joined(parts)

    def days(self, first: date, last: date) -> list[Day]:
        """Each day's till from ``first`` to ``last``."""
        lines = self.lines(first, last)
        n = (last - first).days + 1
        index = lines.second // DAY_SECONDS - ordinal(first)
        charged_back = (lines.kind == Kind.REFUND) & (lines.counterparty % np.uint64(CHARGEBACK_ONE_IN) == 0)

        def total(mask: np.ndarray) -> np.ndarray:
            # Sums of fen stay below 2**53, where floats are exact.
            return np.rint(np.bincount(index[mask], weights=lines.amount[mask], minlength=n)).astype(np.int64)

        sales = total(lines.kind == Kind.SALE)
        refunds = total((lines.kind == Kind.REFUND) & ~charged_back)
        chargebacks = total(charged_back)
        spent = total(np.isin(lines.kind, (Kind.PURCHASE, Kind.RENT, Kind.PAYROLL, Kind.PRIVATE, Kind.LOAN_REPAY)))
        return [
            Day(first + timedelta(days=i), int(sales[i]), int(refunds[i]), int(chargebacks[i]), int(spent[i]))
            for i in range(max(n, 0))
        ]

    def _month(self, month: int) -> Lines:
        """The lines of a calendar month (months since 1970-01)."""
        with self._one:
            if month not in self._lines:
                lines = self._drawn(month)
                for event in self.plan.events:
                    if event.kind == "refund_wave" and int(MONTH[ordinal(event.first)]) == month:
                        lines = self._with_wave(lines, month, event.share)
                self._lines[month] = lines
            return self._lines[month]

    def _drawn(self, month: int) -> Lines:
        plan, course = self.plan, self._course(month)
        day = np.flatnonzero(month == MONTH)
        factor = np.full(len(day), float(course.factor[0]))
        for event in plan.events:
            if event.kind == "closed":
                factor[(day >= ordinal(event.first)) & (day <= ordinal(event.last))] = 0.0
        if plan.fails_on is not None:
            factor *= np.exp(-np.maximum(day - ordinal(plan.fails_on), 0) / FADING_DAYS)
        row = np.ones((1, len(day)))
        stretch = Stretch(
            day=day[None, :],
            factor=factor[None, :],
            live=(day >= ordinal(plan.opened_on))[None, :],
            lent=row * course.lent,
            repaid=row * course.repaid,
            late=(row * course.late).astype(np.int64),
        )
        return write(np.random.default_rng([plan.seed, LINES, month]), self.firms, stretch)

    def _course(self, month: int) -> Month:
        first = int(MONTH[ordinal(self.plan.opened_on)])
        while len(self._months) <= month - first:
            n = len(self._months)
            rng = np.random.default_rng([self.plan.seed, COURSE, first + n])
            self._months.append(step(self.firms, self._standing, n, rng))
        return self._months[month - first]

    def _with_wave(self, lines: Lines, month: int, share: float) -> Lines:
        """``lines`` and refunds of two months' sales, largest first, until refunds reach ``share`` of this month's: one
        month alone may have sold less."""
        before = _joined([self._drawn(month - 2), self._drawn(month - 1)])
        sold = np.flatnonzero(before.kind == Kind.SALE)
        sold = sold[np.argsort(-before.amount[sold], kind="stable")]
        missing = share * lines.amount[lines.kind == Kind.SALE].sum() - lines.amount[lines.kind == Kind.REFUND].sum()
        taken = sold[: int(np.searchsorted(np.cumsum(before.amount[sold]), missing)) + 1]
        day = np.flatnonzero(month == MONTH)[2 + np.arange(len(taken)) % 24]
        wave = Lines(
            firm=np.zeros(len(taken), np.int32),
            second=day * DAY_SECONDS + 10 * 3600 + np.arange(len(taken)) * 61 % (8 * 3600),
            direction=np.full(len(taken), -1, np.int8),
            amount=before.amount[taken],
            counterparty=before.counterparty[taken],
            kind=np.full(len(taken), Kind.REFUND, np.int8),
        )
        both = _joined([lines, wave])
        return _slice(both, 0, len(both), np.argsort(both.second, kind="stable"))


@lru_cache(maxsize=256)
def life_of(plan: Plan) -> Life:
    """The life of a plan; kept, since months already lived need not be drawn again."""
    return Life(plan)


def _slice(lines: Lines, low: int, high: int, order: np.ndarray | None = None) -> Lines:
    rows = slice(low, high) if order is None else order
    return Lines(
        lines.firm[rows],
        lines.second[rows],
        lines.direction[rows],
        lines.amount[rows],
        lines.counterparty[rows],
        lines.kind[rows],
    )


def _joined(parts: list[Lines]) -> Lines:
    return Lines(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("firm", "second", "direction", "amount", "counterparty", "kind")
        )
    )

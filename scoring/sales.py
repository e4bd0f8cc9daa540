"""A firm's sales day by day as one array, and the kinds of days that a calendar knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from lending.calendars import BusinessCalendar
from lending.festivals import Festival
from scoring.lines import REFUND, SALE, Floats, Ints, Lines, day_number

LONGEST = 3_660  # ten years of days: what is older tells nothing about next month
SUNDAY, MIDWEEK = 6, 2


@dataclass(frozen=True, slots=True)
class Sales:
    """Net sales of each day from ``first`` on (days since 1970-01-01), in the unit of whoever counts: fen, visitors.

    NaN is a day of which nothing is known or on which the shop was closed. No day is below zero: a day on which more
    was given back than sold sold nothing.
    """

    first: int
    amount: Floats

    def __len__(self) -> int:
        return len(self.amount)

    @property
    def days(self) -> Ints:
        """The number of each day."""
        return np.arange(self.first, self.first + len(self.amount))

    def until(self, day: int) -> "Sales":
        """The part before ``day``."""
        return Sales(self.first, self.amount[: max(0, day - self.first)])

    @classmethod
    def of_days(cls, day: Ints, amount: Floats | Ints) -> "Sales":
        """From days in any order; a day told twice is added up. Days that are not told are not known."""
        if not len(day):
            return cls(0, np.zeros(0))
        last = int(day.max())
        recent = day > last - LONGEST
        day, amount = day[recent], np.asarray(amount, np.float64)[recent]
        first = int(day.min())
        total = np.bincount(day - first, amount, last - first + 1)
        told = np.bincount(day - first, minlength=last - first + 1) > 0
        return cls(first, np.where(told, np.maximum(total, 0.0), np.nan))

    @classmethod
    def of_lines(cls, lines: Lines, as_of: date) -> "Sales":
        """From one firm's statement lines up to ``as_of``, from the first line's day to the last's; in minor units."""
        known = lines.day <= day_number(as_of)
        if not known.any():
            return cls(0, np.zeros(0))
        sold = known & (lines.kind == SALE) & (lines.direction == 1)
        back = known & (lines.kind == REFUND) & (lines.direction == -1)
        net = lines.amount_minor * (sold.astype(np.float64) - back)
        counts = sold | back
        # Days without a sale between the first and the last line were days without sales, and are no gap.
        ends = np.array([lines.day[known].min(), lines.day[known].max()])
        series = cls.of_days(np.concatenate([lines.day[counts], ends]), np.concatenate([net[counts], [0.0, 0.0]]))
        return cls(series.first, np.where(np.isnan(series.amount), 0.0, series.amount))


@dataclass(frozen=True, slots=True)
class Days:
    """What kind of day each day of a stretch is.

    ``weekday``: Monday 0; a public holiday counts as a Sunday, a weekend day that is worked as a Wednesday.
    ``festival``: number of the festival within ``names`` that the day belongs to, or -1. ``position``: the day of the
    year in months, 0 in the middle of January.
    """

    weekday: Ints
    festival: Ints
    position: Floats


@dataclass(frozen=True, slots=True)
class TradeCalendar:
    """Holidays and festivals of one place. The empty calendar knows weekdays and months alone."""

    names: tuple[str, ...] = ()
    spans: tuple[tuple[int, int, int], ...] = ()  # number of the name, first day, last day
    holidays: tuple[int, ...] = ()  # days
    workdays: tuple[int, ...] = ()

    @classmethod
    def of(cls, business: BusinessCalendar | None, festivals: Sequence[Festival] = ()) -> "TradeCalendar":
        """From the policies' holidays and festivals."""
        names = tuple(sorted({one.name for one in festivals}))
        return cls(
            names=names,
            spans=tuple((names.index(one.name), day_number(one.first), day_number(one.last)) for one in festivals),
            holidays=_numbers(business.holidays if business else ()),
            workdays=_numbers(business.workdays if business else ()),
        )

    def kinds(self, first: int, count: int) -> Days:
        """Of ``count`` days from ``first`` on."""
        days = np.arange(first, first + count)
        weekday = (days + 3) % 7
        weekday[np.isin(days, self.holidays)] = SUNDAY
        weekday[np.isin(days, self.workdays)] = MIDWEEK
        festival = np.full(count, -1)
        for name, begins, ends in self.spans:
            festival[max(0, begins - first) : max(0, ends - first + 1)] = name
        stamps = days.astype("datetime64[D]")
        month = stamps.astype("datetime64[M]")
        within = (stamps - month.astype("datetime64[D]")).astype(np.int64) / 30.4375
        return Days(weekday, festival, month.astype(np.int64) % 12 + within - 0.5)


def _numbers(days: Iterable[date]) -> tuple[int, ...]:
    return tuple(sorted(day_number(day) for day in days))

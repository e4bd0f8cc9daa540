"""Where the ink of a chart goes. Pure geometry: values in, places out; the macros in ``parts/charts.html`` draw it.

Across, places are percentages of the width, so that one drawing fits a phone and a desk and letters keep their size;
down, they are pixels. Bars start at zero. No colour carries a meaning alone: lines differ in stroke, bars in pattern.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from web.views.figures import MonthRevenue, Path, Weather

TOP = 14  # px left free above the highest value for its label
LABEL_GAP = 46  # px that the label of a line's end needs
LABEL_ROOM = 62  # px that three labels above each other need
LINE = 17  # px of one of them
NOMINAL = 340  # px of a phone's chart; used only to keep labels apart


@dataclass(frozen=True)
class Gridline:
    y: float
    value_minor: int


@dataclass(frozen=True)
class Tick:
    x: float
    month: date
    anchor: str
    year: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a chart: ``points`` for an inner drawing of 100 x 100 that stretches, the end for dot and label."""

    name: str
    points: str
    end_x: float
    end_y: float
    label_y: float
    anchor: str
    finish_on: date | None


@dataclass(frozen=True)
class LineChart:
    height: int
    plot_top: int
    plot_height: int
    gridlines: tuple[Gridline, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    y: float
    height: float
    label_x: float
    month: date
    value_minor: int
    whole: bool
    labelled: bool
    ticked: bool
    year: bool


@dataclass(frozen=True)
class BarChart:
    height: int
    plot_top: int
    plot_height: int
    gridlines: tuple[Gridline, ...]
    bars: tuple[Bar, ...]
    mean_y: float
    mean_minor: int


@dataclass(frozen=True)
class BandChart:
    """What is left to pay: the line so far, the band ahead, the line in its middle, today."""

    height: int
    plot_top: int
    plot_height: int
    gridlines: tuple[Gridline, ...]
    ticks: tuple[Tick, ...]
    actual: str
    band: str
    middle: str
    today_x: float
    today_y: float
    early_x: float
    late_x: float


def round_step(top: float, steps: int = 3) -> int:
    """A pleasant distance between gridlines: 1, 2, 2.5 or 5 times a power of ten, in minor units."""
    if top <= 0:
        return 100
    raw = top / steps
    power = 10 ** (len(str(int(raw))) - 1)
    return int(next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999))


def month_after(start: date, months: int) -> date:
    """The same day ``months`` later, or the last one of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def weathers(weathers: Sequence[Weather], start: date, height: int = 212, foot: int = 40) -> LineChart:
    """What is owed, month by month, when business is good, as usual and slow."""
    plot_height = height - TOP - foot
    top = max(max(weather.balances_minor) for weather in weathers)
    length = max(2, *(len(weather.balances_minor) - 1 for weather in weathers))
    lines: list[Line] = []
    taken: list[tuple[float, float]] = []
    ends = [TOP + plot_height * (1 - weather.balances_minor[-1] / top) for weather in weathers]
    lowest = max((end for end in ends if end < TOP + LABEL_ROOM), default=TOP)
    for weather in sorted(weathers, key=lambda w: (len(w.balances_minor), -w.balances_minor[-1])):
        last = _months_until(weather, start)
        end_x = 100 * last / length
        end_y = TOP + plot_height * (1 - weather.balances_minor[-1] / top)
        # Lines that end high up have their labels below them all, since above there is no room.
        below = end_y < TOP + LABEL_ROOM
        label_y = lowest + 20 if below else end_y - 9
        while any(abs(end_x - x) * NOMINAL / 100 < LABEL_GAP and abs(label_y - y) < LINE for x, y in taken):
            label_y += 18 if below else -18
        taken.append((end_x, label_y))
        anchor = "end" if end_x > 88 else "middle"
        lines.append(
            Line(
                weather.kind,
                _points(weather.balances_minor, top, length, last),
                round(end_x, 2),
                round(end_y, 2),
                round(label_y, 2),
                anchor,
                weather.finish_on,
            )
        )
    return LineChart(
        height, TOP, plot_height, _gridlines(top, plot_height), _ticks(start, length), tuple(reversed(lines))
    )


def revenue_bars(months: Sequence[MonthRevenue], height: int = 204, foot: int = 40) -> BarChart:
    """Net revenue of each month; a month that the bills cover only in part is hatched and stays out of the mean."""
    head = 26
    plot_height = height - head - foot
    top = max([1, *(month.revenue_minor for month in months)])
    slot = 100 / len(months)
    gap = slot * 0.22 if len(months) > 2 else slot * 0.5
    best = max(range(len(months)), key=lambda place: months[place].revenue_minor)
    every = 1 if len(months) <= 8 else 2 if len(months) <= 14 else 3
    ticked = [(len(months) - 1 - place) % every == 0 for place in range(len(months))]
    shown = [month.month.year for month, tick in zip(months, ticked, strict=True) if tick]
    fresh = iter([True, *(b != a for a, b in pairwise(shown))])
    bars = tuple(
        Bar(
            x=round(slot * place + gap / 2, 2),
            width=round(slot - gap, 2),
            y=round(head + plot_height * (1 - max(0, month.revenue_minor) / top), 2),
            height=round(max(1.0, plot_height * max(0, month.revenue_minor) / top), 2),
            label_x=round(slot * (place + 0.5), 2),
            month=month.month,
            value_minor=month.revenue_minor,
            whole=month.whole,
            labelled=place == best,
            ticked=ticked[place],
            year=ticked[place] and next(fresh),
        )
        for place, month in enumerate(months)
    )
    whole = [month.revenue_minor for month in months if month.whole] or [month.revenue_minor for month in months]
    mean = sum(whole) // len(whole)
    mean_y = round(head + plot_height * (1 - max(0, mean) / top), 2)
    return BarChart(height, head, plot_height, (), bars, mean_y, mean)


def loan_path(path: Path, height: int = 212, foot: int = 40) -> BandChart:
    """What is left of a loan: as it went, and the band in which it will end."""
    plot_height = height - TOP - foot
    top = max(path.actual_minor)
    first, last = path.start, path.late_on
    span = max(1, (last - first).days)

    def x(day: date) -> float:
        return round(100 * (day - first).days / span, 2)

    def y(value: int) -> float:
        return round(100 * (1 - value / top), 2)

    here = path.actual_minor[-1]
    days = [
        first.toordinal() + (path.today - first).days * place // max(1, len(path.actual_minor) - 1)
        for place in range(len(path.actual_minor))
    ]
    actual = " ".join(
        f"{x(date.fromordinal(day))},{y(value)}" for day, value in zip(days, path.actual_minor, strict=True)
    )
    band = f"{x(path.today)},{y(here)} {x(path.early_on)},100 {x(path.late_on)},100"
    middle = f"{x(path.today)},{y(here)} {x(path.middle_on)},100"
    months = max(1, round(span / 30.44))
    return BandChart(
        height, TOP, plot_height, _gridlines(top, plot_height), _ticks(first, months), actual, band, middle,
        x(path.today), TOP + plot_height * y(here) / 100, x(path.early_on), x(path.late_on),
    )  # fmt: skip


def _points(values: Sequence[int], top: int, length: int, last: float) -> str:
    """One point a month; the last one where it ends, which is rarely a whole month."""
    places = [min(float(n), last) for n in range(len(values))]
    pairs = zip(places, values, strict=True)
    return " ".join(f"{100 * place / length:.2f},{100 * (1 - value / top):.2f}" for place, value in pairs)


def _months_until(weather: Weather, start: date) -> float:
    """How many months, counted from ``start``, the line is long."""
    whole = len(weather.balances_minor) - 1
    if weather.finish_on is None:
        return float(whole)
    begun = month_after(start, whole - 1)
    days = (month_after(start, whole) - begun).days
    return whole - 1 + min(1.0, max(0.0, (weather.finish_on - begun).days / days))


def _gridlines(top: int, plot_height: int) -> tuple[Gridline, ...]:
    step = round_step(top)
    values = range(step, int(top * 1.02) + 1, step)
    return tuple(Gridline(round(TOP + plot_height * (1 - value / top), 1), value) for value in values)


def _ticks(start: date, length: int) -> tuple[Tick, ...]:
    every = next(step for step in (1, 2, 3, 4, 6, 12, 24, 60) if length / step <= 6)
    places = list(range(0, length + 1, every))
    ticks = [Tick(round(100 * place / length, 2), month_after(start, place), "middle") for place in places]
    ticks[0] = Tick(0, ticks[0].month, "start")
    if ticks[-1].x > 94:
        ticks[-1] = Tick(ticks[-1].x, ticks[-1].month, "end")
    years = [True, *(b.month.year != a.month.year for a, b in pairwise(ticks))]
    return tuple(replace(tick, year=year) for tick, year in zip(ticks, years, strict=True))


@dataclass(frozen=True)
class PointsBar:
    """A bar from the middle of its row: to the right what is above the usual, to the left what is below; percent."""

    x: float
    width: float
    above: bool


# Points that fill half a row at least: a firm near the usual in everything must not look torn.
LEAST_REACH = 16


def points_bar(points: int, largest: int) -> PointsBar:
    """One area's bar; all areas of a firm are drawn to the same reach, that of the largest."""
    width = 50 * abs(points) / max(largest, LEAST_REACH)
    return PointsBar(round(50 if points >= 0 else 50 - width, 2), round(width, 2), points >= 0)

"""Where the ink of the book's charts goes: parts of a whole as lines, sums of days and buckets as bars.

Pure geometry as in :mod:`web.charts`: across in percent of the width, down in pixels; parts are Decimals of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

TOP, FOOT, HEIGHT = 26, 26, 206
LABEL = 15  # px that a line's name at its end needs from its neighbour's
STEPS = tuple(map(Decimal, ("0.01", "0.02", "0.05", "0.1", "0.2", "0.25", "0.5")))
MOST_LINES = 3


@dataclass(frozen=True)
class Named:
    """One line: its name as it is written at its end, and a value at each tick; None where there is none."""

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True)
class ShareLine:
    name: str
    stroke: int
    points: str
    end_x: float
    end_y: float
    label_y: float
    anchor: str


@dataclass(frozen=True)
class ShareChart:
    height: int
    plot_top: int
    plot_height: int
    gridlines: tuple[tuple[float, Decimal], ...]
    ticks: tuple[tuple[float, str, str], ...]  # place, words, anchor
    lines: tuple[ShareLine, ...]


def shares(lines: Sequence[Named], ticks: Sequence[str]) -> ShareChart | None:
    """Lines over the same ticks; None where no line has two values, since a point is no line."""
    drawn = [line for line in lines if sum(value is not None for value in line.values) > 1]
    if not drawn:
        return None
    plot = HEIGHT - TOP - FOOT
    highest = max(value for line in drawn for value in line.values if value is not None)
    step = next((step for step in STEPS if step * 4 >= highest), STEPS[-1])
    rows = max(1, ceil(highest / step))
    top = step * rows
    wide = max(1, len(ticks) - 1)
    found: list[ShareLine] = []
    taken: list[float] = []
    for number, line in enumerate(drawn):
        places = [(100 * at / wide, value) for at, value in enumerate(line.values) if value is not None]
        points = " ".join(f"{x:.2f},{float(100 * (1 - value / top)):.2f}" for x, value in places)
        x, last = places[-1]
        end_y = TOP + plot * float(1 - last / top)
        label_y = end_y - 11
        while any(abs(label_y - other) < LABEL for other in taken):
            label_y -= LABEL
        taken.append(label_y)
        anchor = "end" if x > 80 else "middle"
        found.append(
            ShareLine(line.name, number % MOST_LINES, points, round(x, 2), round(end_y, 1), round(label_y, 1), anchor)
        )
    grid = tuple((round(TOP + plot * (1 - n / rows), 1), step * n) for n in range(1, rows + 1))
    every = -(-len(ticks) // 7)
    marks = tuple(
        (round(100 * at / wide, 2), words, "start" if at == 0 else "end" if at == wide else "middle")
        for at, words in enumerate(ticks)
        if at % every == 0
    )
    return ShareChart(HEIGHT, TOP, plot, grid, marks, tuple(found))


@dataclass(frozen=True)
class DayBar:
    """A day's two bars side by side: what came, and what was announced."""

    on: date
    x: float
    width: float
    paid_y: float
    paid_height: float
    due_y: float
    due_height: float
    ticked: bool
    label_x: float


@dataclass(frozen=True)
class DayChart:
    height: int
    plot_top: int
    plot_height: int
    bars: tuple[DayBar, ...]
    today_x: float
    top_minor: int


def days(rows: Sequence[tuple[date, int, int]], first: date, last: date, today: date) -> DayChart | None:
    """(Day, paid, announced) over all days from ``first`` to ``last``; None where nothing moved."""
    top = max((max(paid, due) for _, paid, due in rows), default=0)
    if top <= 0:
        return None
    plot, count = HEIGHT - TOP - FOOT, (last - first).days + 1
    slot = 100 / count
    found: list[DayBar] = []
    for on, paid, due in rows:
        at = (on - first).days
        heights = [plot * minor / top for minor in (paid, due)]
        found.append(
            DayBar(
                on, round(slot * at + slot * 0.12, 2), round(slot * 0.36, 2), round(TOP + plot - heights[0], 1),
                round(heights[0], 1), round(TOP + plot - heights[1], 1), round(heights[1], 1), at % 7 == 0,
                round(slot * (at + 0.5), 2),
            )
        )  # fmt: skip
    return DayChart(HEIGHT, TOP, plot, tuple(found), round(slot * ((today - first).days + 1), 2), top)

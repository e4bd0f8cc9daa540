"""Days without a year, as printed statements write them: the year comes from the period that the file states."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from imports.cells import MONTHS, is_empty, parse_moment
from imports.preamble import Preamble

# More than a year has a day twice, and nothing says which is meant.
LONGEST = timedelta(days=365)

_NUMBERS = re.compile(r"^(\d{1,2})\s*([-/.月])\s*(\d{1,2})\s*日?(?:\s+(\d{1,2}:\d{2}(?::\d{2})?))?$")
_FOUR = re.compile(r"^(\d{2})(\d{2})$")
_WORD = re.compile(
    r"^(?:(\d{1,2})(?:st|nd|rd|th)?[\s/-]*([a-z]{3})[a-z]*\.?|([a-z]{3})[a-z]*\.?[\s/-]*(\d{1,2})(?:st|nd|rd|th)?)"
    r"(?:\s+(\d{1,2}:\d{2}(?::\d{2})?))?$",
    re.I,
)

Row = Sequence[str]


def is_day(text: str) -> bool:
    """Whether a text can be a day of some year; 12.05 is an amount before it is a day."""
    found = _parts(text)
    return (
        found is not None
        and "." not in text
        and any(1 <= min(one, other) <= 12 and max(one, other) <= 31 for one, other, _ in found)
    )


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a file says it covers, and whether the month stands first in 01/06."""

    first: date
    last: date
    month_first: bool = True

    def completed(self, cell: str) -> str:
        """The cell with the only year that lies in the period; empty where there is none or more than one."""
        for month, day, clock in _parts(cell, month_first=self.month_first) or ():
            days = {made for year in range(self.first.year, self.last.year + 1) if (made := _date(year, month, day))}
            inside = [made for made in days if self.first <= made <= self.last]
            if len(inside) == 1:
                return f"{inside[0].isoformat()} {clock}".strip()
        return ""


def period_of(preamble: Preamble, cells: Sequence[str]) -> Period | None:
    """The period in which all of these cells are days; None where the file states none, or one longer than a year."""
    last = preamble.period_to or preamble.exported_at[:10]
    if not last:
        return None
    to = date.fromisoformat(last)
    first = date.fromisoformat(preamble.period_from) if preamble.period_from else to - LONGEST + timedelta(days=1)
    if not timedelta(0) <= to - first <= LONGEST:
        return None
    told = [cell for cell in cells if not is_empty(cell)]
    fitting = [
        period
        for period in (Period(first, to, month_first=True), Period(first, to, month_first=False))
        if sum(bool(period.completed(cell)) for cell in told) * 10 >= 9 * len(told)
    ]
    # Where both readings fit, they are told apart by the days lying closer together.
    return min(fitting, key=lambda period: _spread(period, told), default=None) if told else None


def _spread(period: Period, cells: Sequence[str]) -> int:
    days = sorted(made[:10] for cell in cells if (made := period.completed(cell)))
    return (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days if days else 0


def with_years(rows: Iterable[Row], column: int, period: Period) -> Iterator[Row]:
    """Rows whose days have a year where it can be said; the others stay as they are and are named later."""
    for row in rows:
        made = period.completed(row[column]) if column < len(row) else ""
        yield [*row[:column], made, *row[column + 1 :]] if made else row


def _parts(cell: str, *, month_first: bool = True) -> list[tuple[int, int, str]] | None:
    """(month, day, clock) as the cell can be read; None where it is no day without a year."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if found := _NUMBERS.match(text):
        one, sign, other, clock = int(found[1]), found[2], int(found[3]), found[4] or ""
        return [(one, other, clock) if month_first or sign == "月" else (other, one, clock)]
    if found := _FOUR.match(text):
        return [(int(found[1]), int(found[2]), "") if month_first else (int(found[2]), int(found[1]), "")]
    if (found := _WORD.match(text)) and parse_moment(text) is None:
        word = (found[2] or found[3]).lower()
        return [(MONTHS.index(word) + 1, int(found[1] or found[4]), found[5] or "")] if word in MONTHS else None
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

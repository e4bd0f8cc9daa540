"""Days of six digits, as older banks write them: 930101 is the first of January 1993, where nothing else fits."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from imports.cells import EARLIEST_YEAR, is_empty, parse_moment
from imports.columns import LIKELY_YEARS
from imports.headings import Role, plain_heading, role_of
from imports.misreadings import StatementNotUnderstood

Row = Sequence[str]

_SIX = re.compile(r"\d{6}", re.A)
_OF_DAYS = re.compile(r"日期|[入记起交]?账日|^日|date|datum|day$")
_OF_TIMES = re.compile(r"时|time|clock")
_USUAL = "ymd"
_OTHERS = ("dmy", "mdy", "ym")  # what six digits may be besides


def column_of(heading: Row, sample: Sequence[Row], *, at_row: int, today: str) -> int | None:
    """The column of a table's days where they are years, months and days of two digits each; None where they are not.

    ``today`` (``YYYY-MM-DD`` or empty) is the day that none lies after. Raises StatementNotUnderstood
    ``six_digits_are_no_days`` where a cell is no such day, ``dates_of_six_digits`` where all fit another order as well.
    """
    found: tuple[int, list[str]] | None = None
    for position, name in enumerate(heading):
        named = role_of(name)
        cells = [row[position].strip() for row in sample if position < len(row) and not is_empty(row[position])]
        if named is None or named[0] != Role.MOMENT or not cells:
            continue
        if any((moment := parse_moment(cell)) is not None and moment.day for cell in cells):
            return None  # six digits beside a whole day are a time
        plain = plain_heading(name)
        told = [cell for cell in cells if _SIX.fullmatch(cell)]  # others are named row by row
        if found is None and len(told) * 2 > len(cells) and _OF_DAYS.search(plain) and not _OF_TIMES.search(plain):
            found = position, told
    if found is None:
        return None
    position, cells = found
    column = heading[position].strip()[:20]
    wrong = next((cell for cell in cells if not read(cell, _USUAL, today)), None)
    if wrong is not None:
        raise StatementNotUnderstood("six_digits_are_no_days", where=str(at_row), column=column, cell=wrong[:20])
    for order in _OTHERS:
        if all(read(cell, order, today) for cell in cells):
            one, other = read(cells[0], _USUAL, today), read(cells[0], order, today)
            raise StatementNotUnderstood(
                "dates_of_six_digits", where=str(at_row), column=column, cell=cells[0], one=one, other=other
            )
    return position


def read(cell: str, order: str, today: str) -> str:
    """Six digits as ``YYYY-MM-DD`` (``YYYY-MM`` in the order ``ym``), empty where they are none up to today."""
    text = cell.strip()
    if not _SIX.fullmatch(text):
        return ""
    last = today or f"{LIKELY_YEARS[-1]}-12-31"
    if order == "ym":
        year, month = int(text[:4]), int(text[4:])
        day = f"{year}-{month:02}" if 1 <= month <= 12 else ""
        return day if year >= EARLIEST_YEAR and day <= last[:7] else ""
    parts = dict(zip(order, (int(text[at : at + 2]) for at in (0, 2, 4)), strict=True))
    for century in (2000, 1900):
        try:
            day = date(century + parts["y"], parts["m"], parts["d"]).isoformat()
        except ValueError:
            continue
        if f"{EARLIEST_YEAR}-01-01" <= day <= last:
            return day
    return ""


def with_years(rows: Iterable[Row], column: int, today: str) -> Iterator[Row]:
    """Rows whose days have four digits of year where they can be read; the others stay and are named later."""
    for row in rows:
        day = read(row[column], _USUAL, today) if column < len(row) else ""
        yield [*row[:column], day, *row[column + 1 :]] if day else row

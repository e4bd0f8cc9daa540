"""Where a table begins and how its cells are wrapped: headings of two rows, marks of spreadsheets, days said once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from imports.cells import is_empty, parse_amount, parse_moment
from imports.columns import Columns, is_header, roles_named
from imports.headings import plain_heading, role_of
from imports.misreadings import RowNotUnderstood

Row = Sequence[str]

# What keeps a spreadsheet from changing a long number: ="00123", `00123, '00123.
_MARK = re.compile(r"^\s*(?:=\"(?P<formula>.*)\"|=(?P<bare>\d+)|[`'’](?P<tick>.*?))\s*$", re.S)


def marks_in(rows: Iterable[Row]) -> bool:
    """Whether cells that hold numbers are wrapped so that a spreadsheet takes them for text."""
    return any((found := _MARK.match(cell)) and any(map(str.isdigit, cell)) and found for row in rows for cell in row)


def without_marks(row: Row) -> list[str]:
    """A row as it reads without such marks."""
    return [_bare(cell) if "=" in cell or cell[:1] in "`'’" else cell for cell in row]


def _bare(cell: str) -> str:
    found = _MARK.match(cell)
    if found is None:
        return cell
    return next(part for part in (found["formula"], found["bare"], found["tick"]) if part is not None)


def heading_at(rows: Sequence[Row], at: int) -> tuple[list[str], int]:
    """The heading that begins in a row, and of how many rows it is made; empty where none begins there."""
    row = rows[at]
    under = rows[at + 1] if at + 1 < len(rows) else ()
    both = joined(row, under)
    best_alone = max(roles_named(line) if is_header(line) else 0 for line in (row, under))
    more = sum(map(bool, map(role_of, both))) > max(sum(map(bool, map(role_of, line))) for line in (row, under))
    if both and is_header(both) and (more or roles_named(both) > best_alone):
        return both, 2
    return (list(row), 1) if is_header(row) else ([], 0)


def joined(row: Row, under: Row) -> list[str]:
    """Two rows of a heading as one: what stands over several columns belongs to each; empty where they are not two.

    The lower row must hold headings alone: no day, no amount, and at least one cell that names something.
    """
    # One cell alone over a heading is a title or a remark.
    if len(under) > len(row) + 1 or sum(not is_empty(cell) for cell in row) < 2 or not any(map(role_of, row)):
        return []
    filled = [cell for cell in under if not is_empty(cell)]
    if not filled or not any(cell.strip() for cell in row) or any(_is_value(cell) for cell in filled):
        return []
    if not any(role_of(cell) for cell in filled):
        return []
    width = max(len(row), len(under))
    upper, lower = ([*cells, *([""] * (width - len(cells)))] for cells in (row, under))
    both, over = [], ""
    for top, below in zip(upper, lower, strict=True):
        over = top if top.strip() else over if below.strip() else ""
        both.append(_named(over, below))
    return both


def _named(over: str, below: str) -> str:
    if not below.strip():
        return over
    if not over.strip() or plain_heading(over) == plain_heading(below):
        return below
    together = f"{over.strip()}{below.strip()}"
    # 发生额 over 借方: the two together say more than either; 对方 over 账号 too.
    return together if role_of(together) else below


@lru_cache(maxsize=8_192)
def _is_value(cell: str) -> bool:
    return parse_moment(cell) is not None or is_amount(cell)


def is_amount(cell: str) -> bool:
    """Whether a cell holds an amount."""
    try:
        return parse_amount(cell) is not None
    except RowNotUnderstood:
        return False


def repeats(row: Row, heading: Row) -> bool:
    """Whether a row says the heading again, as at the top of every page."""
    same = sum(
        1
        for cell, name in zip(row, heading, strict=False)
        if name.strip() and plain_heading(cell) == plain_heading(name)
    )
    return same * 2 > sum(1 for name in heading if name.strip())


# Words without which no row is the sum of others.
SUMS = ("合计", "小计", "累计", "总计", "月计", "年计", "total")
_SUBTOTAL = re.compile(
    r"\W*(?:本?[年月日季周旬页](?:度|份)?|当[月日])?(?:合计|小计|累计|总计|月计|年计)\W*|"
    r"(?:sub|(?:daily|monthly|weekly|page|day|month)[ -]?)-?total",
    re.I,
)


def subtotals_left_out(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows without the sums of a month or a page that bear a day of their own, as if they were lines."""
    for row in rows:
        named = next((cell for cell in row[:4] if _SUBTOTAL.fullmatch(cell.strip())), None) if len(row) > 2 else None
        yield [named] if named is not None and any(_is_day(cell) for cell in row[:2]) else row


def _is_day(cell: str) -> bool:
    moment = parse_moment(cell)
    return moment is not None and bool(moment.day)


def days_stand_once(sample: Sequence[Row], columns: Columns) -> bool:
    """Whether a day is written for the first of its lines only, as printed statements do."""
    if columns.other_dates:
        return False
    blank = sum(
        1 for row in sample if len(row) >= columns.needed and is_empty(row[columns.date]) and _moves(row, columns)
    )
    return blank > 0


def _moves(row: Row, columns: Columns) -> bool:
    for position in columns.money_columns:
        try:
            amount = parse_amount(row[position])
        except RowNotUnderstood:
            continue
        if amount is not None and amount.minor:
            return True
    return False


def filled_down(rows: Iterable[Row], columns: Columns) -> Iterator[Row]:
    """Rows with the day of the row above where they say none but move money."""
    day = ""
    for row in rows:
        if len(row) < columns.needed:
            yield row
        elif not is_empty(row[columns.date]):
            if parse_moment(row[columns.date], order=columns.order) is not None:
                day = row[columns.date]
            yield row
        elif day and _moves(row, columns):
            yield [*row[: columns.date], day, *row[columns.date + 1 :]]
        else:
            yield row

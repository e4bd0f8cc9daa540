"""Which column of a table means what: by its heading first, by what stands in it where headings are ambiguous."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from imports.cells import ORDERS, Amount, is_empty, parse_amount, parse_direction, parse_moment
from imports.headings import GUESSED, Role, currency_in, plain_heading, role_of, times_of
from imports.misreadings import RowNotUnderstood

CLOCK_DIGITS = 6
# Gives the filled cells of a column in the sample.
ValuesOf = Callable[[int], list[str]]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table: positions from 0, by role. ``descriptions`` and ``moments`` may be several."""

    header_row: int
    headings: tuple[str, ...]
    date: int
    time: int | None
    has_clock: bool  # the date's own column also holds the time of day
    direction: int | None
    money: int | tuple[int, int]  # one column, or one for money in and one for money out
    one: dict[Role, int] = field(default_factory=dict)
    descriptions: tuple[int, ...] = ()
    order: str = "dmy"  # how a date of three numbers is read, see ``cells.ORDERS``
    order_guessed: bool = False
    other_dates: tuple[int, ...] = ()  # where a day stands when the date's own cell is empty
    times: Decimal = Decimal(1)  # the unit of the amounts, where the heading names one: ten thousand for 万元
    currency: str = ""  # named in the amount's heading
    out_is_negative: bool = False  # the column of money out holds negative numbers that mean just that

    def position(self, role: Role) -> int | None:
        return self.one.get(role)

    @property
    def money_columns(self) -> tuple[int, ...]:
        return (self.money,) if isinstance(self.money, int) else self.money

    @property
    def needed(self) -> int:
        """How many cells a row must at least have to be a line."""
        return 1 + max(
            position for position in (self.date, self.time, self.direction, *self.money_columns) if position is not None
        )


def is_header(row: Sequence[str]) -> bool:
    """Whether a row names at least a moment, an amount of some kind and one more column."""
    roles = _roles(row)
    kinds = {role for _, role, _ in roles}
    money = Role.AMOUNT in kinds or Role.MONEY_IN in kinds or Role.MONEY_OUT in kinds
    filled = sum(1 for cell in row if cell.strip())
    enough = len(roles) * 2 >= filled or sum(1 for _, _, rank in roles if rank < GUESSED) >= 5
    # A table of few columns may have one that nobody can name: then what it has must be named for sure.
    sure = len(roles) >= 3 or (filled <= 4 and sum(1 for _, _, rank in roles if rank < GUESSED) >= 2)
    return Role.MOMENT in kinds and money and sure and enough


def roles_named(row: Sequence[str]) -> int:
    """How well a row's cells name roles: two for each heading that is known, one for each that a part gives away."""
    return sum(2 if rank < GUESSED else 1 for _, _, rank in _roles(row))


def headings_seen(rows: Iterable[Sequence[str]]) -> tuple[Sequence[str], list[str]]:
    """For a table that is no bill: the most heading-like row and which of date and amount it lacks."""
    best: list[tuple[int, Role, int]] = []
    best_row: Sequence[str] = ()
    for row in rows:
        roles = _roles(row)
        if len(roles) > len(best) and len([cell for cell in row if cell.strip()]) <= 3 * len(roles):
            best, best_row = roles, row
    kinds = {role for _, role, _ in best}
    missing = [] if Role.MOMENT in kinds else ["date"]
    if not kinds & {Role.AMOUNT, Role.MONEY_IN, Role.MONEY_OUT}:
        missing.append("amount")
    return best_row if len(best) >= 2 else (), missing


def _roles(row: Sequence[str]) -> list[tuple[int, Role, int]]:
    found = []
    for position, cell in enumerate(row):
        if named := role_of(cell):
            found.append((position, *named))
    return found


def recognise(header_row: int, header: Sequence[str], sample: Sequence[Sequence[str]]) -> Columns:
    """The columns of a table from its heading row and some rows under it.

    Raises KeyError with ``date`` or ``amount`` when the table has none that can be read.
    """
    roles = _roles(header)
    by_role: dict[Role, list[int]] = {}
    for position, role, _ in sorted(roles, key=lambda found: (found[2], found[0])):
        by_role.setdefault(role, []).append(position)

    def values(position: int) -> list[str]:
        return [row[position] for row in sample if position < len(row) and not is_empty(row[position])]

    order, guessed = _order([value for position in by_role.get(Role.MOMENT, []) for value in values(position)])
    date_at, time_at, has_clock, other_dates = _moments(by_role.get(Role.MOMENT, []), values, order)
    if date_at is None:
        raise KeyError("date")

    direction = _direction(by_role, values)
    surely = {position for position, _, rank in roles if rank < GUESSED}

    def columns_of(role: Role) -> list[int]:
        return [p for p in by_role.get(role, []) if _holds_amounts(values(p), named=p in surely)]

    amounts, into, out = columns_of(Role.AMOUNT), columns_of(Role.MONEY_IN), columns_of(Role.MONEY_OUT)
    if into and out:
        money: int | tuple[int, int] = (into[0], out[0])  # two sides say more than one column beside them
    elif amounts or into or out:
        money = (amounts or into or out)[0]
        if len(amounts) > 1 and (balance := next(iter(by_role.get(Role.BALANCE, [])), None)) is not None:
            money = _follows(amounts, balance, sample)
    else:
        raise KeyError("amount")
    headings = tuple(plain_heading(cell) for cell in header)
    first = money if isinstance(money, int) else money[0]

    one = {
        role: next((p for p in positions if values(p)), positions[0])
        for role, positions in by_role.items()
        if role not in (Role.MOMENT, Role.DIRECTION, Role.AMOUNT, Role.MONEY_IN, Role.MONEY_OUT, Role.DESCRIPTION)
        and positions[0] != direction
    }
    if currency := currency_in(header[first]):
        one.pop(Role.CURRENCY, None)  # the amount's own heading says it; another column may be of what was paid abroad
    if Role.COUNTERPARTY not in one and Role.COUNTER_ACCOUNT in one:
        named = [p for p in by_role[Role.COUNTER_ACCOUNT] if "账" in header[p] or "account" in header[p].casefold()]
        if named:
            one[Role.COUNTERPARTY] = named[0]
    return Columns(
        header_row=header_row,
        headings=headings,
        date=date_at,
        time=time_at,
        has_clock=has_clock,
        direction=direction,
        money=money,
        one=one,
        descriptions=tuple(by_role.get(Role.DESCRIPTION, [])[:3]),
        order=order,
        order_guessed=guessed,
        other_dates=other_dates,
        times=times_of(header[first]),
        currency=currency,
        out_is_negative=not isinstance(money, int) and _all_negative(values(money[1])),
    )


def _all_negative(cells: list[str]) -> bool:
    signs = {amount.minor < 0 for cell in cells if (amount := _amount(cell)) is not None and amount.minor}
    return signs == {True}


def _follows(candidates: list[int], balance: int, sample: Sequence[Sequence[str]]) -> int:
    """The amount column that the running balance follows, in either order; the first where none stands out."""

    def steps(position: int) -> int:
        rows = [(_cell_minor(row, balance), _cell_minor(row, position)) for row in sample]
        known = [(left, moved) for left, moved in rows if left is not None and moved is not None]
        pairs = list(pairwise(known))
        down = sum(abs(after - before) == abs(moved) for (before, _), (after, moved) in pairs)
        up = sum(abs(before - after) == abs(moved) for (before, moved), (after, _) in pairs)
        return max(down, up)

    return max(candidates, key=steps)  # the first of equals


def _cell_minor(row: Sequence[str], position: int) -> int | None:
    amount = _amount(row[position]) if position < len(row) else None
    return amount.minor if amount is not None else None


def _amount(cell: str) -> Amount | None:
    try:
        return parse_amount(cell)
    except RowNotUnderstood:
        return None


def _moments(
    candidates: list[int], values: ValuesOf, order: str
) -> tuple[int | None, int | None, bool, tuple[int, ...]]:
    """The column of the day; that of the time, where it is another; whether the first has both; other days."""
    dated: list[tuple[int, bool]] = []
    timed: list[int] = []
    for position in candidates:
        cells = values(position)[:50]
        if max(map(len, cells), default=0) == CLOCK_DIGITS and all(map(str.isdecimal, cells)):
            cells = [cell.zfill(CLOCK_DIGITS) for cell in cells]  # 91113 among 101112 lost its first zero
        moments = [parse_moment(value, order=order) for value in cells]
        known = [moment for moment in moments if moment is not None]
        if not moments:
            dated.append((position, False))
        elif len(known) * 2 < len(moments):
            continue
        elif sum(1 for moment in known if moment.day) * 2 > len(known):
            dated.append((position, sum(1 for moment in known if moment.time) * 2 > len(known)))
        else:
            timed.append(position)
    if not dated:
        return None, None, False, ()
    complete = next((position for position, has_time in dated if has_time), None)
    chosen, has_clock = (complete, True) if complete is not None else (dated[0][0], False)
    others = tuple(position for position, _ in dated if position != chosen)
    return chosen, None if has_clock else (timed[0] if timed else None), has_clock, others


def _direction(by_role: dict[Role, list[int]], values: ValuesOf) -> int | None:
    for position in [*by_role.get(Role.DIRECTION, []), *by_role.get(Role.TYPE, [])]:
        words = values(position)[:200]
        named = position in by_role.get(Role.DIRECTION, [])
        known = sum(1 for word in words if parse_direction(word) is not None)
        if (not words and named) or (words and known * (2 if named else 1) >= len(words)):
            return position
    return None


def _holds_amounts(cells: list[str], *, named: bool) -> bool:
    """Whether a column's cells are amounts: most of them, or one alone under a heading that is surely an amount's."""
    good = sum(_amount(cell) is not None for cell in cells[:50])
    return good * 2 > min(len(cells), 50) or not cells or (named and (good > 0 or len(cells) < 5))


_NUMBERS = re.compile(r"^\s*\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})\b")
LIKELY_YEARS = range(2005, 2041)


def _order(cells: list[str]) -> tuple[str, bool]:
    """How dates of three numbers are to be read, and whether that had to be guessed.

    An order that cannot be is ruled out by a single cell. Of those left the one wins whose days lie closest together:
    an export covers weeks or months, and the wrong order scatters them over years. Equals are read day first.
    """
    found = [cell for cell in cells if _NUMBERS.match(unicodedata.normalize("NFKC", cell))][:SAMPLE_OF_DATES]
    if not found:
        return "dmy", False
    spans: list[tuple[int, int, str]] = []
    for rank, order in enumerate(ORDERS):
        if order == "ymd" and any(len(_year_of(cell)) == 4 for cell in found):
            continue
        days = [moment.day for cell in found if (moment := parse_moment(cell, order=order)) is not None]
        if len(days) * 10 < len(found) * 9 or not days:
            continue
        unlikely = sum(int(day[:4]) not in LIKELY_YEARS for day in days)
        span = (date.fromisoformat(max(days)) - date.fromisoformat(min(days))).days
        spans.append((unlikely * 100_000 + span, rank, order))
    if not spans:
        return "dmy", False
    likely = [span for span in spans if span[0] < 100_000]
    return min(spans)[2], len(likely) > 1


def _year_of(cell: str) -> str:
    found = _NUMBERS.match(unicodedata.normalize("NFKC", cell))
    return found[1] if found else ""


SAMPLE_OF_DATES = 600

"""Revenue as it is told: one account's sales, refunds and chargebacks of a day, row by row, from JSON or CSV.

A source tells whole days: what it says of a day replaces what it said before. A day that no close has taken yet is
recomputed so; of one that was taken, the difference is settled with the next close.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, cast

ROWS_AT_MOST = 100_000
# A day's sales come at the latest with the export of the next quarter.
OLDEST = timedelta(days=100)
LARGEST_MINOR = 10**13

ACCOUNT = re.compile(r"[0-9]{8,34}", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
WHOLE = re.compile(r"-?[0-9]{1,14}", re.ASCII)
AMOUNTS = ("sales_minor", "refunds_minor", "chargebacks_minor")
COLUMNS = ("account", "on", *AMOUNTS, "currency")
NAMED = set(COLUMNS)


class NotABatch(Exception):
    """The bytes are no batch at all; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Told(NamedTuple):
    """One account's day as its source told it: whole minor units, each not negative; ``row`` counts from 1."""

    row: int
    account: str
    on: date
    sales_minor: int
    refunds_minor: int
    chargebacks_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row was left out; the rows beside it count. ``field`` names its place where there is one."""

    row: int
    code: str
    field: str = ""


def read_json(body: bytes) -> Sequence[object]:
    """The rows of ``{"rows": [...]}``. Raises :class:`NotABatch`."""
    try:
        said: object = json.loads(body)
    except (ValueError, RecursionError):
        raise NotABatch("not_json") from None
    rows = cast("dict[str, object]", said).get("rows") if isinstance(said, dict) else None
    if not isinstance(rows, list):
        raise NotABatch("no_rows")
    return _bounded(cast("list[object]", rows))


def read_csv(body: bytes) -> Sequence[object]:
    """The rows of a table in UTF-8 whose first line names :data:`COLUMNS`, in any order. Raises :class:`NotABatch`."""
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        head = [name.strip() for name in next(lines, cast("list[str]", []))]
        if sorted(head) != sorted(COLUMNS):
            raise NotABatch("no_such_columns")
        rows = [_cells(head, line) for line in lines if line]
    except (UnicodeDecodeError, csv.Error):
        raise NotABatch("not_csv") from None
    return _bounded(rows)


def _cells(head: list[str], line: list[str]) -> object:
    if len(line) != len(head):
        return None
    row: dict[str, object] = dict(zip(head, line, strict=True))
    for name in AMOUNTS:
        text = str(row[name])
        row[name] = int(text) if WHOLE.fullmatch(text) else text
    return row


def _bounded(rows: Sequence[object]) -> Sequence[object]:
    if not rows:
        raise NotABatch("no_rows")
    if len(rows) > ROWS_AT_MOST:
        raise NotABatch("too_many_rows")
    return rows


def checked(rows: Iterable[object], today: date, account: re.Pattern[str] = ACCOUNT) -> Iterator[Told | RowProblem]:
    """Each row, or what is wrong with it. A day of an account that stands twice counts once, as first told.

    ``account``: how accounts are written here, their numbers or a hash of them.
    """
    seen: set[tuple[str, date, str]] = set()
    days: dict[str, date | None] = {}
    for n, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            yield RowProblem(n, "wrong_form")
            continue
        one = _row(n, cast("Mapping[str, object]", row), today, days, account)
        if isinstance(one, Told):
            if (key := (one.account, one.on, one.currency)) in seen:
                one = RowProblem(n, "same_day_twice", "on")
            seen.add(key)
        yield one


def _row(
    n: int, row: Mapping[str, object], today: date, days: dict[str, date | None], written: re.Pattern[str]
) -> Told | RowProblem:
    if set(row) != NAMED:
        return RowProblem(n, "wrong_form", next((name for name in COLUMNS if name not in row), ""))
    account, currency, said = row["account"], row["currency"], row["on"]
    if not isinstance(account, str) or not written.fullmatch(account):
        return RowProblem(n, "wrong_form", "account")
    if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        return RowProblem(n, "wrong_form", "currency")
    amounts = (row["sales_minor"], row["refunds_minor"], row["chargebacks_minor"])
    for name, value in zip(AMOUNTS, amounts, strict=True):
        if type(value) is not int or not -LARGEST_MINOR <= value <= LARGEST_MINOR:
            return RowProblem(n, "wrong_form", name)
    sales, refunds, chargebacks = cast("tuple[int, int, int]", amounts)
    on = _day(said, days)
    if on is None:
        return RowProblem(n, "wrong_form", "on")
    if on > today:
        return RowProblem(n, "future_day", "on")
    if on < today - OLDEST:
        return RowProblem(n, "too_old", "on")
    if sales < 0 or refunds < 0 or chargebacks < 0:
        worst = next(name for name, value in zip(AMOUNTS, (sales, refunds, chargebacks), strict=True) if value < 0)
        return RowProblem(n, f"negative_{worst.removesuffix('_minor')}")
    return Told(n, account, on, sales, refunds, chargebacks, currency)


def _day(said: object, days: dict[str, date | None]) -> date | None:
    """A day in ISO form; a batch has few of them, and each is read once."""
    if not isinstance(said, str) or len(said) != len("2026-01-01"):
        return None
    if said not in days:
        try:
            days[said] = date.fromisoformat(said)
        except ValueError:
            days[said] = None
    return days[said]

"""What the commands ``schedule`` and ``apr`` do with files: cases in, figures out, or one line and exit code 2."""

import csv
import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

from lending.calendars import add_months
from lending.money import BadAmount, Money
from ops.case_fields import BadCase


class BadInput(click.ClickException):
    """Input that is not understood: one line on standard error, nothing on standard output."""

    exit_code = 2


def schedules(file: TextIO, *, jsonl: bool) -> None:
    """Answer one case, or one a line; nothing is printed unless every line is understood."""
    from ops.case_answers import answer

    text = read_text(file)
    if not jsonl:
        click.echo(json.dumps(_understood(lambda: answer(_json(text, "the case"))), ensure_ascii=False))
        return
    said: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            name = f"line {number}"
            said.append(json.dumps(_understood(lambda: answer(_json(line, name)), name), ensure_ascii=False))  # noqa: B023
    click.echo("\n".join(said))


def read_text(file: TextIO) -> str:
    """All of a file, or one line that says that it is no text."""
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8 text: byte {error.object[error.start] if error.object else 0:#04x}") from None


def rates(text: str) -> None:
    """Answer annual-rate cases; see :mod:`ops.rate_cases`."""
    from ops.rate_cases import answers

    click.echo(json.dumps(_understood(lambda: answers(_json(text, "the file"))), ensure_ascii=False, indent=1))


def revenue_series(path: Path) -> list[tuple[date, int]]:
    """Net revenue by day from a CSV of (day or month, amount in yuan); a month is spread evenly over its days."""
    found: list[tuple[date, int]] = []
    with path.open(encoding="utf-8-sig") as file:
        for number, row in enumerate(csv.reader(read_text(file).splitlines()), start=1):
            if not row or row[0].startswith("#") or (number == 1 and not row[0][:1].isdigit()):
                continue
            try:
                when, amount = row
                minor = Money.parse(amount.strip().replace(",", "")).minor
                found += _days(when.strip(), minor)
            except (ValueError, BadAmount):
                _bad(f"{path.name} line {number}: not a day or month and an amount: {','.join(row)[:60]!r}")
    if not found:
        _bad(f"{path.name}: no revenue")
    for (one, _), (other, _) in pairwise(found):
        if other <= one:
            _bad(f"{path.name}: {other.isoformat()} does not come after {one.isoformat()}")
    return found


def from_day(series: list[tuple[date, int]], start: date) -> Iterator[tuple[date, int]]:
    """Every day from ``start`` to the end of the series; days that are not in it earned nothing."""
    known = dict(series)
    day = start
    while day <= series[-1][0]:
        yield day, known.get(day, 0)
        day += timedelta(days=1)


def _days(when: str, minor: int) -> Iterator[tuple[date, int]]:
    if len(when) != len("2026-11"):
        yield date.fromisoformat(when), minor
        return
    first = date.fromisoformat(f"{when}-01")
    count = (add_months(first, 1) - first).days
    for index in range(count):
        yield first + timedelta(days=index), minor * (index + 1) // count - minor * index // count


def _json(text: str, name: str) -> object:
    def no_float(literal: str) -> Any:
        return json.JSONDecoder().decode(literal) if len(literal) < 64 else _bad(f"{name}: a number is too long")

    try:
        return json.loads(text, parse_float=no_float, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        _bad(f"{name}: no JSON: {str(error)[:80]}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise BadCase("a key stands twice in one object")
    return values


def _understood(ask: Any, name: str | None = None) -> Any:
    try:
        return ask()
    except BadCase as error:
        _bad(str(error) if name is None else f"{name}: {error}")


def _bad(line: str) -> NoReturn:
    raise BadInput(" ".join(line.split()))

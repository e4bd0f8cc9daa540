"""How a command answers: a table or JSON on standard output, or one clear line on standard error and exit code 1."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import click

WIDE = 120  # columns of a file or a pipe, which has no width of its own


class Unreadable(click.ClickException):
    """What was given cannot be read: one clear line, and the exit code of bad input."""

    exit_code = 2


@contextmanager
def refusals_told(locale: str) -> Iterator[None]:
    """A business "no" becomes its sentence in the terminal's language."""
    from infra.phrases import phrase
    from lending.refusals import Refusal

    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(phrase(f"lending.refusal.{refusal.code}", locale, refusal.params)) from refusal


def as_json(value: Any) -> None:
    """Amounts as integers of minor units, rates as strings, days as YYYY-MM-DD."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns of figures, the first one flush left."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for n, heading in enumerate(headings):
        made.add_column(heading, justify="left" if n == 0 else "right", no_wrap=True)
    for row in rows:
        made.add_row(*row)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    console.print(made)


def money(text: str) -> int:
    """ "80,000.00" or "80000" as minor units. Raises ``click.BadParameter``."""
    from lending.money import Money

    plain = text.replace(",", "")
    try:
        minor = Money.parse(plain if "." in plain else f"{plain}.00").minor
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not an amount like 80000.00") from error
    if minor < 0:
        raise click.BadParameter(f"{text!r} is negative")
    return minor


def _plain(value: object) -> str:
    if isinstance(value, date | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no plain form")

"""``huoshui apr``: the annual rate of money that came and went on days."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, TextIO

import click

from ops import money_cli
from ops.commands import answers

if TYPE_CHECKING:
    from lending.apr import Flow


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8-sig"), default="-")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def apr(file: TextIO, as_json: bool) -> None:
    """Compute the annual rate of dated payments.

    FILE (or standard input) holds lines of day and amount: 2026-11-21,80000.00. Received is positive, paid negative.
    Or it holds JSON: one case, a list of cases, or an object with "vectors"; the answer is then a list with a rate
    for each.
    """
    from infra import i18n
    from lending.apr import irr_effective, irr_nominal
    from ops.stack.telling import terminal_locale

    locale = terminal_locale()
    text = money_cli.read_text(file)
    if text.lstrip()[:1] in ("{", "["):
        money_cli.rates(text)
        return
    with answers.refusals_told(locale):
        flows = list(_flows(text.splitlines()))
        nominal, effective = irr_nominal(flows), irr_effective(flows)
    if as_json:
        places = 6
        answers.as_json({"nominal": str(round(nominal, places)), "effective": str(round(effective, places))})
        return
    for key, rate in (("nominal", nominal), ("effective", effective)):
        click.echo(i18n.text(f"ops.apr.{key}", locale, rate=i18n.percent(rate, locale, digits=4)))


def _flows(lines: list[str]) -> "Iterator[Flow]":
    from lending.apr import Flow

    for n, row in enumerate(csv.reader(lines), 1):
        if not row or row[0].startswith("#"):
            continue
        try:
            day, amount = row
            sign = -1 if amount.strip().startswith("-") else 1
            yield Flow(date.fromisoformat(day.strip()), sign * answers.money(amount.strip().lstrip("+-")))
        except (ValueError, click.BadParameter) as error:
            raise money_cli.BadInput(f"line {n}: not a day and an amount: {','.join(row)[:60]!r}") from error

"""``huoshui finish``: the finish date that a loan's page shows, tried on the past of real or simulated firms."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.money_cli import BadInput

if TYPE_CHECKING:
    from ops.finish_trial import AtHorizon

PRODUCT = "revenue_linked_working_capital"
FIRST, LAST = date(2023, 1, 2), date(2025, 12, 31)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A table of sales, or a folder with one.")
@click.option("--simulated", type=click.IntRange(1, 2_000), help="So many simulated firms of three years instead.")
@click.option("--seed", default=7, show_default=True, help="Of the simulated firms.")
@click.option("--firms", type=click.IntRange(1, 100_000), default=200, show_default=True, help="At most so many firms.")
@click.option("--firm", help="Column of the firm; guessed when not named.")
@click.option("--day", help="Column of the day; guessed when not named.")
@click.option("--amount", help="Column of the amount; guessed when not named.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def finish(
    data: Path | None,
    simulated: int | None,
    seed: int,
    firms: int,
    firm: str | None,
    day: str | None,
    amount: str | None,
    as_json: bool,
) -> None:
    """Think of loans on every second month of each firm's past, and compare when they would have been over with what
    their page would have said: error quantiles by horizon, and how many ended inside the band."""
    from ops.finish_trial import by_horizon, tried
    from ops.sales_tables import panel
    from ops.usual_sales import simulated as lives
    from policies.book import load

    if (data is None) == (simulated is None):
        raise click.UsageError("either --data, or --simulated with how many firms")
    if data is not None:
        found, _ = panel(data, firm=firm, day=day, amount=amount)
        step = max(1, -(-len(found) // firms))
        chosen = found[::step]
    else:
        chosen = [sales for sales, _ in lives(range(seed * 10_000, seed * 10_000 + (simulated or 0)), FIRST, LAST)]
    rows = by_horizon(tried(chosen, load().product(PRODUCT)))
    if not rows:
        raise BadInput("no firm has four weeks of sales and two months after them")
    if as_json:
        told = [{name: _plain(value) for name, value in asdict(row).items()} for row in rows]
        click.echo(json.dumps({"firms": len(chosen), "horizons": told}))
    else:
        click.echo(_table(len(chosen), rows))


def _plain(value: float) -> float | str:
    """Never over is no number of days."""
    return "not over" if value == float("inf") else round(value, 4)


def _days(value: float) -> str:
    return "not over" if value == float("inf") else f"{value:+.0f}"


def _table(firms: int, rows: "list[AtHorizon]") -> str:
    lines = [
        f"{firms} firms, {sum(row.loans for row in rows)} loans; error in days, + is later than was shown",
        "days ahead   loans      P10      P50      P90   inside  earlier   later",
    ]
    lines += [
        f"{row.horizon:>10} {row.loans:>7} {_days(row.p10):>8} {_days(row.p50):>8} {_days(row.p90):>8}"
        f" {row.inside:>8.1%} {row.earlier:>8.1%} {row.later:>7.1%}"
        for row in rows
    ]
    return "\n".join(lines)

"""``huoshui forecast``: how good forecasts of daily sales are on a table of sales, or on simulated firms."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from ops.money_cli import BadInput
from scoring.forecast_trial import NothingToCompare, Trial, try_out
from scoring.lines import day_number


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="A table of sales, or a folder with one.")
@click.option(
    "--train-until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The first day that is forecast; the last quarter of the table's time when none is given.",
)
@click.option("--firm", help="Column of the firm; guessed when not named, one firm when there is none.")
@click.option("--day", help="Column of the day; guessed when not named.")
@click.option("--amount", help="Column of the amount; guessed when not named, quantity times price where both are.")
@click.option("--calendar", type=click.Choice(["CN"]), help="Holidays and festivals to know; none when not named.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def forecast(
    data: Path,
    train_until: datetime | None,
    firm: str | None,
    day: str | None,
    amount: str | None,
    calendar: str | None,
    as_json: bool,
) -> None:
    """Learn on the first part of a table of sales, forecast the rest day by day, and compare.

    Rows of one firm and day are added up. Days without a row are days of which nothing is known.
    """
    from ops.sales_tables import panel, three_quarters
    from ops.usual_sales import trade_calendar

    sales, columns = panel(data, firm=firm, day=day, amount=amount)
    split = train_until.date() if train_until else three_quarters(sales)
    try:
        trial = try_out(sales, day_number(split), trade_calendar(calendar))
    except NothingToCompare:
        raise BadInput(
            f"no firm has sales before and from {split.isoformat()} on: give another --train-until"
        ) from None
    said = as_said(trial, split, columns)
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else _table(said))


def as_said(trial: Trial, split: date, columns: dict[str, str]) -> dict[str, Any]:
    """A trial as JSON; losses in the data's own unit."""
    return {
        "columns": columns,
        "train_until": split.isoformat(),
        "firms": trial.firms,
        "firms_without_history": trial.firms_without_history,
        "days": trial.days,
        "coverage": round(trial.inside, 4),
        "below_p10": round(trial.below, 4),
        "above_p90": round(trial.above, 4),
        "coverage_by_days_ahead": {str(ahead): round(part, 4) for ahead, part in trial.inside_by_ahead.items()},
        "pinball": round(trial.pinball, 4),
        "pinball_seasonal_naive": round(trial.naive, 4),
        "better_than_seasonal_naive": round(trial.better, 4),
        "pinball_seasonal_naive_with_band": round(trial.naive_band, 4),
        "better_than_seasonal_naive_with_band": round(trial.better_than_band, 4),
        "ms_per_firm": round(trial.ms, 2),
    }


def _table(said: dict[str, Any]) -> str:
    missed = f"below {said['below_p10']:.1%}, above {said['above_p90']:.1%}"
    naive, band = said["better_than_seasonal_naive"], said["better_than_seasonal_naive_with_band"]
    rows = (
        f"{said['firms']} firms, {said['days']} days from {said['train_until']} on",
        f"within P10 to P90   {said['coverage']:.1%}  ({missed})",
        f"pinball loss        {said['pinball']:.3f}",
        f"seasonal naive      {said['pinball_seasonal_naive']:.3f}  we lose {naive:.1%} less",
        f"  with its own band {said['pinball_seasonal_naive_with_band']:.3f}  we lose {band:.1%} less",
    )
    return "\n".join(rows)

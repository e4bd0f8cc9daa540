"""``huoshui bench``: how fast it is, each figure beside a floor that is measured in the same run."""

import asyncio
from typing import TYPE_CHECKING

import click

from ops.commands import answers

if TYPE_CHECKING:
    from ops.bench.figures import Figure

NAMES = (
    *("decision", "payout", "journey-1", "journey-9", "applications", "import", "first-page", "start"),
    *(
        "schedule-12",
        "schedule-36",
        "schedule-360",
        "schedule-bulk",
        "apr",
        "rate-band",
        "posting",
        "posting-bulk",
        "contact-policy",
    ),
    *("score-one", "score-batch", "counterfactual", "import-1m"),
    *("close-10k", "close-100k", "close-1m", "ingest", "call-during-close", "loan-year", "twin"),
)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--seed", type=click.IntRange(1, 1_000), default=1, show_default=True, help="Makes the data of a run.")
def bench(names: tuple[str, ...], as_json: bool, seed: int) -> None:
    """Measure speed against a floor taken in the same run.

    NAME is decision, payout, journey-1, journey-9, applications, import, first-page, start, schedule-12, schedule-36,
    schedule-360, schedule-bulk, apr, rate-band, posting, posting-bulk, contact-policy, score-one, score-batch,
    counterfactual, import-1m, close-10k, close-100k, close-1m, ingest, call-during-close, loan-year or twin; without
    one: all. The ratio is ours divided by the floor. A cross marks a figure that misses its bar, which is set for an
    idle machine.
    """
    from ops.bench.figures import machine
    from ops.bench.running import measured

    figures = asyncio.run(measured(names or NAMES, seed, lambda told: click.echo(told, err=True)))
    for figure in figures:
        if figure.floor is None:
            click.echo(f"{figure.name}: {figure.meaning}", err=True)
    if as_json:
        answers.as_json([figure.as_json() for figure in figures])
        return
    headings = ("name", "ours", "floor", "ratio", "unit", "bar", "the floor is")
    answers.table(headings, [_row(figure) for figure in figures])
    click.echo(f"{machine()}; seed {seed}")


def _row(figure: "Figure") -> list[str]:
    ratio = "–" if figure.ratio is None else f"{figure.ratio:.2f}"
    ours, floor = _amount(figure.ours), _amount(figure.floor)
    return [figure.name, ours, floor, ratio, figure.unit, figure.verdict, figure.meaning]


def _amount(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1_000 else f"{value:,.1f}"

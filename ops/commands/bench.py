"""``huoshui bench``: how fast it is, each figure beside a floor that is measured in the same run."""

import asyncio
from typing import TYPE_CHECKING

import click

from ops.commands import answers

if TYPE_CHECKING:
    from ops.bench.figures import Figure

ALONE = {"import": "ops.bench.importing", "start": "ops.bench.starting"}
IN_A_STACK = ("first-page", "decision", "payout", "applications")
NAMES = (*ALONE, *IN_A_STACK)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--seed", type=int, default=1, show_default=True, help="Makes the data of a run repeatable.")
def bench(names: tuple[str, ...], as_json: bool, seed: int) -> None:
    """Measure speed against a floor taken in the same run.

    Without NAMES: all. The ratio is ours divided by the floor.
    """
    from ops.bench.figures import machine

    figures: list[Figure] = asyncio.run(_measured(names or NAMES, seed))
    if as_json:
        answers.as_json([figure.as_json() for figure in figures])
        return
    rows = [
        [figure.name, f"{figure.ours:,.1f}", f"{figure.floor:,.1f}", f"{figure.ratio:.2f}", figure.unit, figure.meaning]
        for figure in figures
    ]
    answers.table(("name", "ours", "floor", "ratio", "unit", "the floor is"), rows)
    click.echo(machine())


async def _measured(names: tuple[str, ...], seed: int) -> "list[Figure]":
    from importlib import import_module

    from ops.bench import deciding, opening
    from ops.stack.testing import stack

    inside = {
        "first-page": opening.measure,
        "decision": deciding.decision,
        "payout": deciding.payout,
        "applications": deciding.applications,
    }
    figures: list[Figure] = []
    for name in names:
        if name in ALONE:
            click.echo(f"{name} …", err=True)
            figures += await import_module(ALONE[name]).measure(seed)
    wanted = [name for name in names if name in inside]
    if wanted:
        click.echo("starting a system …", err=True)
        with stack() as running:
            for name in wanted:
                click.echo(f"{name} …", err=True)
                figures += await inside[name](running, seed)
    return figures

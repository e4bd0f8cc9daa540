"""``huoshui demo``: a fresh town plays the journeys that exist, and the ledger proves itself at the end."""

import asyncio
import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ops.commands.answers import WIDE
from ops.demo.journeys import NUMBERS, Part, acts_of
from ops.demo.told import Journey, JourneyBroke, Step
from ops.demo.town import Town, town_of
from ops.stack.testing import stack


@click.command()
@click.option("--journey", "wanted", type=click.Choice([str(number) for number in NUMBERS]), help="Only this journey.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON and nothing else.")
def demo(wanted: str | None, as_json: bool) -> None:
    """Play the journeys on a fresh system of its own; exit 1 if anything is not as expected."""
    console = Console(stderr=as_json, quiet=as_json)
    if not console.is_terminal:
        console = Console(stderr=as_json, quiet=as_json, width=WIDE)
    numbers = [int(wanted)] if wanted else list(NUMBERS)
    with console.status("starting a fresh town …"):
        running = stack()
        town = running.__enter__()
    try:
        played, proof = asyncio.run(_play(town, numbers, console))
    finally:
        running.__exit__(None, None, None)
    if as_json:
        click.echo(json.dumps([journey.as_json() for journey in played], ensure_ascii=False, indent=2))
    else:
        _tell(console, played, proof)
    sys.exit(0 if all(journey.ok for journey in played) and _proven(proof) else 1)


async def _play(running: Any, numbers: list[int], console: Console) -> tuple[list[Journey], list[dict[str, Any]]]:
    def say(step: Step) -> None:
        mark = "[green]✓[/green]" if step.ok else "[red]✗[/red]"
        console.print(f"{mark} [dim]{step.journey}[/dim] {step.step}: {step.seen} [dim]{step.ms} ms[/dim]")

    async def play(part: Part) -> Journey:
        try:
            return await part(town, say)
        except JourneyBroke as broke:
            return broke.journey

    played: list[Journey] = []
    async with town_of(running) as town:
        for act in acts_of(numbers):
            played += await asyncio.gather(*(play(part) for part in act))
        proof = await _proof(town)
    return _joined(played), proof


async def _proof(town: Town) -> list[dict[str, Any]]:
    return (await town.trial_balance())["items"]


def _proven(proof: list[dict[str, Any]]) -> bool:
    return bool(proof) and all(balance["proven"] for balance in proof)


def _joined(parts: list[Journey]) -> list[Journey]:
    """One journey per number, with the steps of all its parts in order."""
    joined: dict[int, Journey] = {}
    for part in parts:
        whole = joined.setdefault(part.number, Journey(part.number, part.say))
        whole.steps.extend(part.steps)
    return list(joined.values())


def _tell(console: Console, played: list[Journey], proof: list[dict[str, Any]]) -> None:
    table = Table("journey", "step", "expected", "seen", "ms", title="What was played")
    for journey in played:
        for step in journey.steps:
            style = "" if step.ok else "red"
            table.add_row(str(journey.number), step.step, step.expected, step.seen, str(step.ms), style=style)
    console.print(table)
    for balance in proof:
        ledger = Table("account", "debit", "credit", "balance", title=f"The ledger, {balance['currency']}")
        for line in balance["accounts"]:
            figures = (line[side]["amount"] for side in ("debit", "credit", "balance"))
            ledger.add_row(line["account"], *figures)
        console.print(ledger)
        console.print(
            f"debits − credits = {balance['difference']['amount']}; {balance['entries']} entries; "
            f"{'proven' if balance['proven'] else 'NOT PROVEN'}"
        )

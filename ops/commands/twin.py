"""``huoshui twin``: a book of simulated firms under the rules in force, or under two policies beside each other."""

import os
from pathlib import Path

import click

from ops.commands import answers

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SCENARIOS = ("base", "downturn", "top-partner-fails")


@click.command()
@click.option("--firms", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="Who ask for a loan.")
@click.option("--months", type=click.IntRange(3, 60), default=18, show_default=True, help="How long the book lives.")
@click.option("--scenario", type=click.Choice(SCENARIOS), default="base", show_default=True, help="What befalls them.")
@click.option("--policy", "policy", type=FILE, multiple=True, help="A policy file in the place of a shipped one.")
@click.option("--against", type=FILE, multiple=True, help="The same for a second policy to compare with.")
@click.option("--compare", is_flag=True, help="Compare with the shipped policy where --against names none.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=7, show_default=True, help="Of firms and owners.")
@click.option("--processes", type=click.IntRange(1, 64), help="As many at once.  [default: one a core]")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Write the charts there as SVG.")
@click.option("--locale", type=click.Choice(["zh_CN", "en"]), help="The language.  [default: the terminal's]")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def twin(
    firms: int,
    months: int,
    scenario: str,
    policy: tuple[Path, ...],
    against: tuple[Path, ...],
    compare: bool,
    seed: int,
    processes: int | None,
    plots: Path | None,
    locale: str | None,
    as_json: bool,
) -> None:
    """Let simulated firms ask, borrow, sell, pay and fall late under the rules of production, day by day.

    The same seed gives the same book, whatever the number of processes; two policies meet the same firms.
    """
    from infra import i18n
    from ops.stack.telling import terminal_locale
    from ops.twin import tally, telling
    from ops.twin.assumptions import Play
    from ops.twin.played import book_of, played
    from ops.twin.running import run
    from policies.files import PolicyError

    to = locale or terminal_locale()
    play = Play(firms, months, seed, scenario)
    try:
        chosen = [played(policy), *([played(against)] if against or compare else [])]
        for one in chosen:
            book_of(one)
    except PolicyError as error:
        raise answers.Unreadable(str(error)) from None
    if len({one.name for one in chosen}) < len(chosen):
        raise click.UsageError("--policy and --against are the same")
    at_once = processes or os.cpu_count() or 1
    results = [run(play, one, processes=at_once) for one in chosen]
    tallies = [tally.tally(result) for result in results]
    written = telling.plots(plots, results, tallies, to) if plots is not None else []
    if as_json:
        answers.as_json([tally.as_json(one, result) for one, result in zip(tallies, results, strict=True)])
        return
    said = i18n.text("ops.twin.played", to, firms=firms, months=months, scenario=_scenario(scenario, to), seed=seed)
    click.echo(said)
    names = [telling.named(result, to) for result in results]
    answers.table([i18n.text("ops.twin.figure", to), *names], telling.figures(tallies, to))
    for name, one in zip(names, tallies, strict=True):
        click.echo(i18n.text("ops.twin.rolls", to, policy=name))
        answers.table(*telling.rolls(one, to))
        click.echo(i18n.text("ops.twin.vintages", to, policy=name))
        answers.table(*telling.vintages(one, to))
    for path in written:
        click.echo(str(path))


def _scenario(name: str, locale: str) -> str:
    from infra import i18n

    return i18n.text(f"ops.twin.scenario.{name}", locale)

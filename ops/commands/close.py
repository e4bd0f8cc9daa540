"""``huoshui close``: how far a daily close is; a bar on a terminal, a line for each step anywhere else."""

import asyncio
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ops.commands import answers
from ops.commands.system import answered

if TYPE_CHECKING:
    from infra.settings import Settings
    from ops.closes import Progress

WIDTH = 30
LOOK = 0.5  # seconds between two looks


@click.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The business day.  [default: the newest]")
@click.option("--watch", is_flag=True, help="Stay until it is done.")
@click.option("--timeout", type=click.FloatRange(0.1), default=3_600.0, help="Seconds to stay at most.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def close(on: datetime | None, watch: bool, timeout: float, as_json: bool) -> None:
    """Show how far a daily close is.

    Of the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder. Exit code 1: it is not done, or
    its books do not tie.
    """
    found = answered(lambda settings: _followed(settings, on, timeout if watch else 0.0, quiet=as_json))
    if found is None:
        day = on.date().isoformat() if on else "any day"
        raise click.ClickException(f"there is no close of {day} yet")
    if as_json:
        said = {name: str(value) if hasattr(value, "isoformat") else value for name, value in asdict(found).items()}
        answers.as_json({**said, "step": found.step.value, "part": round(found.part, 4)})
    raise SystemExit(0 if found.finished_at is not None and not found.difference_minor else 1)


async def _followed(settings: "Settings", on: datetime | None, seconds: float, *, quiet: bool) -> "Progress | None":
    from db.sessions import Sessions
    from ops.closes import progress

    sessions = Sessions(settings, scope="worker")
    telling = Telling(sys.stdout.isatty())
    until = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            async with sessions.begin() as session:
                found = await progress(session, on.date() if on else None)
            if found is not None and not quiet:
                telling.tell(found)
            over = found is None or found.finished_at is not None or asyncio.get_running_loop().time() >= until
            if over:
                telling.end()
                return found
            await asyncio.sleep(LOOK)
    finally:
        await sessions.close()


class Telling:
    """One moving line on a terminal; else a line when a step begins, and for each quarter of the shards."""

    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal
        self._last = ""
        self._told: tuple[str, int] | None = None

    def tell(self, found: "Progress") -> None:
        """Say how far it is, where that is news."""
        words = line(found)
        if self._terminal:
            click.echo(f"\r{bar(found.part)} {words}".ljust(len(self._last)), nl=False)
            self._last = f"\r{bar(found.part)} {words}"
            return
        news = (found.step.value, int(found.part * 4))
        if news != self._told:
            self._told = news
            click.echo(words)

    def end(self) -> None:
        """The moving line stays where it is."""
        if self._last:
            click.echo()


def bar(part: float) -> str:
    """From nothing to full."""
    full = int(part * WIDTH)
    return f"[{'█' * full}{'░' * (WIDTH - full)}] {part:>4.0%}"


def line(found: "Progress") -> str:
    """One step in words."""
    from infra import i18n
    from ops.closes import Step
    from ops.stack.telling import terminal_locale

    told: dict[str, object] = {
        "on": found.on.isoformat(),
        "closed": found.closed,
        "shards": found.shards,
        "loans": found.loans,
        "collected": found.collected,
        "to_collect": found.to_collect,
    }
    step = found.step
    if step is Step.DONE:
        taken = (found.finished_at - found.started_at).total_seconds() if found.finished_at else 0
        told["seconds"] = f"{taken:.1f}"
        key = "differs" if found.difference_minor else "done"
    else:
        key = step.value
    return i18n.text(f"ops.close.{key}", terminal_locale(), **told)

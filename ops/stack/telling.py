"""What a person at the terminal sees while the stack starts, runs and stops."""

import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from infra import i18n
from ops import demo_staff
from ops.stack.engine import Part, State
from ops.stack.plan import Plan

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
REDRAW_SECONDS = 0.12


def terminal_locale(environment: Mapping[str, str] = os.environ) -> str:
    """The language of this terminal: HUOSHUI_LOCALE, else what the system says; C and POSIX speak English."""
    for name in ("HUOSHUI_LOCALE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return "zh_CN" if value.lower().startswith("zh") else "en"
    return "en"


def command_line(words: str, data: Path) -> str:
    """How to call ``huoshui`` for this data folder, to be copied as it stands."""
    program = Path(sys.executable).with_name("huoshui")
    shown = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
    usual = data.resolve() == Path(".huoshui").resolve()
    return f"{shown} {words}" + ("" if usual else f" --data {data}")


class Telling:
    """Lines for what has happened, and one moving line for what is awaited (on a terminal only)."""

    def __init__(self, console: Console | None = None, locale: str | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.locale = locale or terminal_locale()
        self._live: Live | None = None
        self._turn = 0
        self._drawn = 0.0

    def text(self, key: str, **params: object) -> str:
        return i18n.text(key, self.locale, **params)

    def part(self, name: str) -> str:
        return self.text(f"ops.part.{name}")

    def line(self, key: str, style: str = "", **params: object) -> None:
        self.console.print(Text(self.text(key, **params), style=style))

    def raw(self, told: str, style: str = "dim") -> None:
        self.console.print(Text(told, style=style))

    def ready(self, part: Part) -> None:
        seconds = f"{part.ready_after or 0:.1f}"
        told = self.text(
            "ops.up.ready_part", part=self.part(part.program.name), seconds=seconds, address=part.program.address
        )
        self.console.print(Text("✓ ", style="green").append(told.rstrip(), style="default"))

    def wait(self, parts: Iterable[Part], run_folder: Path) -> None:
        """Refreshes the moving line, a few times a second however often it is called."""
        if not self.console.is_terminal or time.monotonic() - self._drawn < REDRAW_SECONDS:
            return
        self._drawn = time.monotonic()
        if self._live is None:
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.start()
        self._turn += 1
        waiting = [part for part in parts if part.state is not State.READY]
        starting = [part for part in waiting if part.state is State.STARTING]
        names = ", ".join(self.part(part.program.name) for part in starting or waiting)
        doing = next((told for part in starting if (told := self._progress(run_folder, part))), "")
        line = Text(SPINNER[self._turn % len(SPINNER)] + " ", style="cyan")
        line.append(self.text("ops.up.waiting", names=names) + (f" ({doing})" if doing else ""), style="dim")
        self._live.update(line, refresh=True)

    def settle(self) -> None:
        """Takes the moving line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def welcome(self, plan: Plan, kept: Mapping[str, str], seconds: float) -> None:
        """Addresses, logins, and what to try."""
        web, world = plan.addresses["web"], plan.addresses["simulators"]
        self.console.print()
        self.line("ops.up.ready", "bold green", seconds=f"{seconds:.1f}")
        rows = [
            ("web", web),
            ("messages", f"{world}/messages/"),
            ("firms", f"{world}/firms/demo"),
            ("temporal-ui", plan.addresses.get("temporal-ui", "")),
            ("logs", str(plan.wish.data / "logs")),
        ]
        for name, address in rows:
            if address:
                self.console.print(Text(f"  {address:<38}", style="bold").append(self.text(f"ops.up.address.{name}")))
        if plan.wish.speed > 1:
            self.line("ops.up.lapse", speed=plan.wish.speed)
        self.console.print()
        self.line("ops.up.owner")
        self.line("ops.up.logins", url=f"{web}/staff/sign-in", password=kept["STACK_DEMO_PASSWORD"])
        seeds = {demo_staff.SEED: kept["STACK_DEMO_TOTP_SEED"]}
        for player in demo_staff.PLAYERS:
            seed = demo_staff.seed_of(player.login, seeds)
            self.raw("  " + self.text("ops.up.login", login=f"{player.login:<11}", name=player.name, seed=seed), "")
        self.raw("  " + self.text("ops.up.login_code", command=command_line("code manager", plan.wish.data)))
        self.console.print()
        self.line("ops.up.try", "bold")
        for key in ("borrow", "company", "two", "lapse", "fresh", "stop"):
            told = self.text(f"ops.up.try.{key}", url=web, firms=f"{world}/firms/demo")
            self.console.print(Text(f"  · {told}"))

    def _progress(self, run_folder: Path, part: Part) -> str:
        try:
            told = (run_folder / f"{part.program.name}.progress").read_text(encoding="utf-8").strip()
        except OSError:
            return ""
        key = f"ops.up.progress.{told}"
        return self.text(key) if i18n.known(key) else told

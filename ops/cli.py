"""The ``huoshui`` command. Each subcommand lives in its own module, imported when called: ``--help`` stays quick."""

import importlib
import sys
from importlib.util import find_spec
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

# name -> module:attribute, and what it is for. A command whose module is not installed does not exist.
COMMANDS = {
    "up": ("ops.commands.running:up", "Start the whole system on this machine and keep it running."),
    "stop": ("ops.commands.running:stop", "Stop the system that runs on this machine."),
    "status": ("ops.commands.running:status", "Show what runs, where, and how much memory it takes."),
    "code": ("ops.commands.running:code", "Show the six digits of a demo login's authenticator."),
    "keys": ("ops.commands.running:keys", "Make the secrets of a new installation."),
    "demo": ("ops.commands.demo:demo", "Play the journeys on a fresh system and check each step."),
    "statement": ("ops.commands.statement:statement", "Show what is understood of a bill or bank statement."),
    "invoices": ("ops.commands.invoices:invoices", "Show what is understood of a list of invoices or receivables."),
    "score": ("ops.commands.score:score", "Train, evaluate and explain the scoring model."),
    "forecast": ("ops.commands.forecast:forecast", "Measure forecasts of daily sales on a table of sales."),
    "finish": ("ops.commands.finish:finish", "Try the finish date that a loan shows on firms' past."),
    "model": ("ops.commands.model:model", "List and show scoring models, enter a candidate."),
    "apr": ("ops.commands.apr:apr", "Compute the annual rate of dated payments."),
    "schedule": ("ops.commands.schedule:schedule", "Project a loan's repayment."),
    "decision": ("ops.commands.decision:decision", "Find decisions again from what they rested on."),
    "contract": ("ops.commands.contract:contract", "Check the signatures of a contract."),
    "audit": ("ops.commands.audit:audit", "Prove that the audit trail and the journal are whole."),
    "ledger": ("ops.commands.ledger:ledger", "Show the books on any day; match the bank's statement."),
    "rebuild": ("ops.commands.rebuild:rebuild", "Rebuild projections from their source and compare."),
    "policy": ("ops.commands.policy:policy", "Show the policy in force; what a change would touch."),
    "close": ("ops.commands.close:close", "Run or show a daily close."),
    "bench": ("ops.commands.bench:bench", "Measure speed against a floor taken in the same run."),
    "twin": ("ops.commands.twin:twin", "Play a portfolio forward."),
    "chaos": ("ops.commands.chaos:chaos", "Break parts of the system while journeys run."),
}


class Lazy(click.Group):
    """A group that imports a command's module when the command is called, not when it is listed."""

    def main(self, *args: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        """As click does it, except that a wrong word is told in one line."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **kwargs)
        try:
            code = super().main(*args, standalone_mode=False, **kwargs)
        except NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(f"Error: {' '.join(error.format_message().split())}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Aborted!", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, (target, _) in COMMANDS.items() if _exists(target)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS or not _exists(COMMANDS[cmd_name][0]):
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        return getattr(importlib.import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _exists(target: str) -> bool:
    return find_spec(target.partition(":")[0]) is not None


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="huoshui", prog_name="huoshui")
def main() -> None:
    """Huoshui (活水): a lending service for small firms."""


if __name__ == "__main__":
    main()

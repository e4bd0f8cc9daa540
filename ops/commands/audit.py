"""``huoshui audit``: the proof that what was written once still stands as it was written."""

from typing import TYPE_CHECKING

import click

from ops.commands import answers
from ops.commands.system import answered, chosen

if TYPE_CHECKING:
    from infra.settings import Settings
    from ops.proof import Proof


@click.group()
def audit() -> None:
    """Prove that the audit trail and the journal are whole."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--offline", is_flag=True, help="Do not compare the signed roots with those in the store.")
@click.option("--public-key", help="Whose signature the roots must bear, base64.  [default: HUOSHUI_AUDIT_KEY's]")
def verify(as_json: bool, offline: bool, public_key: str | None) -> None:
    """Walk both chains and name every row that was changed, removed, inserted or reordered.

    Of the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder. Exit code 1: something was
    found. Rows of the last second may still wait for their seal; that is no fault.
    """
    from ops.stack.telling import terminal_locale

    found = answered(lambda settings: _proof(settings, offline, public_key), without_store="; --offline leaves it out")
    if as_json:
        answers.as_json(found.as_json())
    else:
        _told(found, terminal_locale())
    raise SystemExit(1 if found.faults else 0)


@audit.command()
def key() -> None:
    """Show the public key that the roots are signed with: keep it where this machine's masters cannot reach."""
    from infra.signing import Signer

    settings = chosen()
    if settings.audit_key is None:
        raise click.ClickException("HUOSHUI_AUDIT_KEY is not set: nobody signs here")
    click.echo(Signer(settings.secret_bytes("audit_key")).public)


async def _proof(settings: "Settings", offline: bool, public_key: str | None) -> "Proof":
    from infra.signing import NoKey
    from ops.proof import proof

    try:
        return await proof(settings, offline=offline, public_key=public_key)
    except NoKey as error:
        raise click.BadParameter(str(error), param_hint="--public-key") from error


def _told(found: "Proof", locale: str) -> None:
    from infra import i18n

    def line(key: str, **params: object) -> None:
        click.echo(i18n.text(f"ops.audit.{key}", locale, **params))

    for name, chain in (("trail", found.audit), ("journal", found.journal)):
        line(name, rows=chain.rows, waiting=chain.waiting, head=chain.head[:16])
    line("roots" if found.compared else "roots_offline", n=found.roots)
    for fault in found.faults:
        where = f"{fault.table} {fault.row}"
        what = i18n.text(f"ops.audit.kind.{fault.kind.value}", locale)
        line("fault", where=where, what=what, position=fault.position or "–", note=fault.note or "–")
    line("broken" if found.faults else "whole", n=len(found.faults))

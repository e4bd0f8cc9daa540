"""``huoshui audit``: the proof that what was written once still stands as it was written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import click

from ops.commands import answers

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

    Of the system that the environment names (HUOSHUI_ENV_FILE). Exit code 1: something was found. Rows of the last
    second may still wait for their seal; that is no fault.
    """
    from ops.stack.telling import terminal_locale

    found = answered(lambda settings: _proof(settings, offline, public_key))
    if as_json:
        answers.as_json(found.as_json())
    else:
        _told(found, terminal_locale())
    raise SystemExit(1 if found.faults else 0)


@audit.command()
def key() -> None:
    """Show the public key that the roots are signed with: keep it where this machine's masters cannot reach."""
    from infra.settings import settings
    from infra.signing import Signer

    chosen = settings()
    if chosen.audit_key is None:
        raise click.ClickException("HUOSHUI_AUDIT_KEY is not set: nobody signs here")
    click.echo(Signer(chosen.secret_bytes("audit_key")).public)


def answered(ask: "Callable[[Settings], Awaitable[Any]]") -> Any:
    """What a question to the running system gives; one line when there is none, or it is not reached."""
    from pydantic import ValidationError
    from sqlalchemy.exc import DBAPIError, OperationalError

    from infra.clock import NoClock
    from infra.settings import settings
    from infra.storage import StorageUnavailable

    async def asked() -> Any:
        return await ask(settings())

    try:
        return asyncio.run(asked())
    except ValidationError as error:
        names = ", ".join(f"HUOSHUI_{str(one['loc'][0]).upper()}" for one in error.errors() if one["loc"])
        raise click.ClickException(
            f"no system is named: set HUOSHUI_ENV_FILE (for `make up`: .huoshui/stack.env); missing or wrong: {names}"
        ) from None
    except StorageUnavailable as error:
        raise click.ClickException(f"the store of the roots is not reached: {error}; --offline leaves it out") from None
    except (OperationalError, OSError) as error:
        raise click.ClickException(f"the database is not reached: {type(error).__name__}") from None
    except NoClock:
        raise click.ClickException("this system has never run: its business clock has not begun") from None
    except DBAPIError as error:
        raise click.ClickException(f"the database refuses: {type(error.orig).__name__}") from None


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

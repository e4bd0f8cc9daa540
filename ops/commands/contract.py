"""``huoshui contract``: whether a signed contract is what was signed, told by the file alone."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.commands import answers
from ops.commands.system import answered, env_file

if TYPE_CHECKING:
    from infra.pades import Checked
    from infra.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LIMIT = 50 * 1024 * 1024


@click.group()
def contract() -> None:
    """Check the signatures of a contract."""


@contract.command()
@click.argument("files", nargs=-1, type=FILE, required=True)
@click.option("--root", type=FILE, help="Whom to trust: the authority's root certificate, PEM or DER.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(files: tuple[Path, ...], root: Path | None, as_json: bool) -> None:
    """Tell of each signature who made it, when, and whether the file is still what was signed.

    Needs nothing but the files and the root, and no system of one's own. Without --root, the authority of the system
    that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder, is asked for its own. Exit code 1: a file is
    not as signed, or nobody signed it; 2: a file or the root cannot be read.
    """
    trusted = root.read_bytes() if root else _own_root()
    found = {path: _checked(path, trusted) for path in files}
    if as_json:
        told = [{"file": str(path), "good": good(every), "signatures": _told(every)} for path, every in found.items()]
        answers.as_json({"files": told})
    else:
        for path, every in found.items():
            _say(path, every)
    raise SystemExit(0 if all(good(every) for every in found.values()) else 1)


@contract.command("root")
def show_root() -> None:
    """Print the root certificate (PEM) of the authority that the running system signs with."""
    click.echo(answered(_root).decode(), nl=False)


def good(every: "list[Checked]") -> bool:
    """Lender and borrower signed, and all of it holds."""
    from activities.signatures import BORROWER, LENDER

    return {LENDER, BORROWER} <= {one.field for one in every} and all(one.good for one in every)


def _checked(path: Path, root: bytes) -> "list[Checked]":
    from infra.pades import NotAPdf, NotARoot, check

    if path.stat().st_size > LIMIT:
        raise click.BadParameter(f"{path}: more than {LIMIT // 2**20} MB; a contract is smaller", param_hint="FILES")
    try:
        return asyncio.run(check(path.read_bytes(), root))
    except NotAPdf as error:
        raise click.BadParameter(f"{path}: {error}", param_hint="FILES") from None
    except NotARoot as error:
        raise click.BadParameter(str(error), param_hint="--root") from None


def _own_root() -> bytes:
    """The root of the system here; where none is, one line that names what anybody can give instead."""
    if env_file() is None and "HUOSHUI_DATABASE_URL" not in os.environ:
        raise click.ClickException(
            "no system runs here to say whom to trust: give the authority's root with --root FILE "
            "(the lender's page /verify checks a contract without it)"
        )
    return answered(_root)


async def _root(settings: "Settings") -> bytes:
    from gateways.exchange import Garbled, Interrupted, NeverSent, exchange
    from infra import http

    try:
        async with http.client(settings.authority_url, timeout=5) as client:
            reply = await exchange(client, "GET", "root.pem", deadline=5)
    except (NeverSent, Interrupted, Garbled):
        raise click.ClickException("the authority is not reached; give its root with --root FILE") from None
    if reply.status != 200:
        raise click.ClickException("the authority does not show its root; give it with --root FILE")
    return reply.body


def _told(every: "list[Checked]") -> list[dict[str, object]]:
    return [
        {
            "field": one.field,
            "name": one.name,
            "reason": one.reason,
            "at": one.at.isoformat() if one.at else None,
            "good": one.good,
            "intact": one.intact,
            "whole": one.whole,
            "trusted": one.trusted,
            "evidence_sha256": one.evidence,
        }
        for one in every
    ]


def _say(path: Path, every: "list[Checked]") -> None:
    if not every:
        click.echo(f"{path}: nobody signed this file; the signed one is named 已签 or signed")
        return
    click.echo(f"{path}: {'as it was signed' if good(every) else 'NOT as it was signed'}")
    for one in every:
        click.echo(f"  {one.field}: {one.name}, {one.at.isoformat(timespec='seconds') if one.at else 'no time stamp'}")
        click.echo(f"    {one.reason}")
        for wrong in _wrong(one):
            click.echo(f"    {wrong}")


def _wrong(one: "Checked") -> list[str]:
    told = (
        (one.intact, "what was signed has been changed"),
        (one.whole or not one.intact, "something was added after the signature"),
        (one.trusted or not one.intact, "the certificate or the time stamp does not lead to the root"),
        (one.at is not None, "nobody says when"),
    )
    return [words for fine, words in told if not fine]

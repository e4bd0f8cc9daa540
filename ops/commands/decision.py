"""``huoshui decision``: what was decided, found again from what it rested on."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from ops.commands import answers
from ops.commands.system import answered

if TYPE_CHECKING:
    from activities.basis import Replayed
    from infra.settings import Settings

WHY = {
    "file_altered": "the file in the store was altered",
    "file_missing": "the file is not in the store",
    "other_version": "the registry names another version under this id",
    "not_registered": "it is not in the registry",
    "unreadable": "the file is the one of then, but its card cannot be used",
}


@click.group()
def decision() -> None:
    """Find decisions again from what they rested on."""


@decision.command()
@click.argument("ids", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="Every decision that keeps what it rested on.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def replay(ids: tuple[UUID, ...], everything: bool, as_json: bool) -> None:
    """Decide again with the stored facts, the stored model and the policy of then, and compare.

    Of the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder. Exit code 1: a decision is not
    found again; each difference is named with what is kept and what was found (of a model: file altered, file missing,
    another version, each with its hashes).
    """
    if everything == bool(ids):
        raise click.UsageError("name decisions by their ids, or say --all")
    found = answered(lambda settings: _replayed(settings, None if everything else ids))
    missing = [one for one in ids if one not in {each.decision_id for each in found}]
    if missing:
        raise click.BadParameter(f"no such decision: {', '.join(map(str, missing))}", param_hint="IDS")
    if as_json:
        answers.as_json({"decisions": [each.as_json() for each in found]})
    else:
        for each in found:
            said = "the same" if not each.differs else "differs: " + ", ".join(one["what"] for one in each.differs)
            click.echo(f"{each.decision_id}  {said}")
            for one in each.differs:
                if why := one.get("why"):
                    click.echo(
                        f"  {one['what']}: {WHY[why]}; SHA-256 kept {one['kept']}, found {one['found'] or 'none'}"
                    )
    raise SystemExit(1 if any(each.differs for each in found) else 0)


async def _replayed(settings: "Settings", ids: tuple[UUID, ...] | None) -> "list[Replayed]":
    from activities.basis import Replay
    from db import decisions
    from db.sessions import Sessions
    from infra.storage import Storage

    sessions, storage = Sessions(settings, scope="worker"), Storage(settings)
    try:
        async with sessions.begin() as session:
            replay = Replay(storage)
            return [await replay.replay(session, row) for row in await decisions.by_ids(session, ids)]
    finally:
        storage.close()
        await sessions.close()

"""``huoshui score prescore | fairness | store``: beside a running system.

The system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder.
"""

import json
import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import click

from ops.commands.system import answered

if TYPE_CHECKING:
    from db.sessions import Sessions
    from infra.settings import Settings

LICENCE = re.compile(r"[0-9A-Z]{18}")
PRODUCT = "revenue_linked_working_capital"


@asynccontextmanager
async def _beside(settings: "Settings") -> AsyncGenerator["Sessions"]:
    from db.sessions import Sessions

    sessions = Sessions(settings, scope="worker")
    try:
        yield sessions
    finally:
        await sessions.close()


# --- pre-scores -------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all", "everybody", is_flag=True, help="Every firm that is known.")
@click.option("--json", "as_json", is_flag=True, help="Print every firm as JSON.")
def prescore(file: Path | None, everybody: bool, as_json: bool) -> None:
    """Score the firms of a list, one licence number or firm id a line; only those whose owner allows it are read."""
    if (file is None) == (not everybody):
        raise click.UsageError("name a FILE with one firm a line, or say --all")
    names = _names(file) if file else None
    done = answered(lambda settings: _prescore(settings, names))
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False, indent=1))
        return
    click.echo(
        f"{done['scored']} of {done['firms']} firms scored in {done['seconds']} s "
        f"({done['firms_per_second']} a second), list {done['list']}"
    )
    for why, count in sorted(done["refused_by"].items()):
        click.echo(f"  not scored, {why}: {count}")


def _names(file: Path) -> list[str]:
    """What stands on each line. Raises :class:`click.UsageError` naming the first line that is no firm."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise click.UsageError(f"{file.name}: not a text file; one licence number or firm id a line") from None
    names: list[str] = []
    for n, line in enumerate(lines, start=1):
        name = line.split(",")[0].strip().strip('"').upper()
        if not name or (n == 1 and not _is_firm(name)):  # an empty line, or a heading
            continue
        if not _is_firm(name):
            raise click.UsageError(
                f"{file.name}, line {n}: neither a licence number (18 characters) nor a firm id; correct or remove it"
            )
        names.append(name)
    if not names:
        raise click.UsageError(f"{file.name}: no firm in it; one licence number or firm id a line")
    return names


def _is_firm(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return LICENCE.fullmatch(name) is not None
    return True


async def _prescore(settings: "Settings", names: list[str] | None) -> dict[str, Any]:
    from activities.champion import Champion, NoModel
    from activities.prescoring import Prescored, Prescorer
    from db import clocks
    from infra.crypto import Vault
    from infra.storage import Storage
    from lending.calendars import Jurisdiction, business_date
    from policies.book import load

    book = load()
    async with _beside(settings) as sessions:
        storage = Storage(settings)
        worker = Prescorer(Champion(sessions, storage, settings.clock_id), book.policy(PRODUCT), book.care.prescore)
        begun, list_id = time.perf_counter(), uuid4()
        try:
            async with sessions.begin() as session:
                now = await clocks.now(session, settings.clock_id)
                on = business_date(now, Jurisdiction(settings.jurisdiction))
                firms = await _firms(session, Vault(settings), names)
                found = [one for one in firms if one is not None]
                results = await worker.score(session, list_id, found, on=on, at=now)
        except NoModel:
            raise click.ClickException("no model can be used; look at the alarms of the desk") from None
        finally:
            storage.close()
    seconds = time.perf_counter() - begun
    by_firm: dict[UUID | None, Prescored | None] = {one.firm_id: one for one in results}
    listed = names or [str(firm) for firm in firms]
    shown = [_shown(by_firm.get(firm), name) for firm, name in zip(firms, listed, strict=True)]
    refused: dict[str, int] = {}
    for one in shown:
        if one["state"] == "refused":
            refused[one["why"]] = refused.get(one["why"], 0) + 1
    return {
        "list": str(list_id),
        "firms": len(shown),
        "scored": sum(one["state"] == "scored" for one in shown),
        "refused_by": refused,
        "seconds": round(seconds, 2),
        "firms_per_second": round(len(shown) / seconds, 1) if seconds else 0,
        "results": shown,
    }


async def _firms(session: Any, vault: Any, names: list[str] | None) -> list[UUID | None]:
    from db import prescores
    from db.people import LICENCE as LICENCE_FIELD

    if names is None:
        return list(await prescores.all_firms(session))
    indexes = {name: vault.blind_index(LICENCE_FIELD, name) for name in names if LICENCE.fullmatch(name)}
    by_index = await prescores.firms_by_licence(session, list(indexes.values()))
    return [by_index.get(indexes[name]) if name in indexes else UUID(name) for name in names]


def _shown(one: Any, name: str) -> dict[str, Any]:
    """``name`` is what stood on the list: no name of a person leaves the system."""
    if one is None:
        return {"firm": name, "state": "refused", "why": "unknown_firm"}
    if one.why is not None:
        return {"firm": name, "state": "refused", "why": one.why}
    return {
        "firm": name,
        "state": "scored",
        "pd": str(one.pd),
        "grade": one.grade,
        "confidence": str(one.confidence),
        "limit_minor": one.limit_minor,
        "valid_until": one.valid_until.isoformat(),
    }


# --- fairness ---------------------------------------------------------------------------------------------------------


@click.command()
@click.option("--days", type=click.IntRange(7, 1_100), help="Decisions of so many days; the policy's if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def fairness(days: int | None, as_json: bool) -> None:
    """Compare how firms of one grade are treated, by trade, age, size and region."""
    told = answered(lambda settings: _fairness(settings, days))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{told['decisions']} decisions of {told['window_days']} days, {told['differences']} differences")
    for one in told["two_prices"]:
        click.echo(f"  the same terms at {len(one['prices'])} prices: {one['terms']} {one['prices']}")
    for group in told["groups"]:
        for gap in group["gaps"]:
            mark = "!" if gap["found"] else " "
            click.echo(
                f"{mark} {group['kind']:7} {group['group']:16} {gap['measure']:9} {gap['gap']:+.4f} "
                f"({gap['low']:+.4f} to {gap['high']:+.4f}), {gap['firms']} firms"
            )


async def _fairness(settings: "Settings", days: int | None) -> dict[str, Any]:
    from activities.fairness import told
    from db import clocks, treatment
    from policies.book import load

    rules = load().care.fairness
    if days is not None:
        rules = rules.model_copy(update={"window_days": days})
    async with _beside(settings) as sessions, sessions.begin() as session:
        now = await clocks.now(session, settings.clock_id)
        rows = await treatment.treated(session, now - timedelta(days=rules.window_days), now + timedelta(seconds=1))
    return told(rows, rules, now.date())


# --- the training store -----------------------------------------------------------------------------------------------


@click.group()
def store() -> None:
    """The training store: decided applications under living consent, without names."""


@store.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .jsonl file to write.")
@click.option("--outcome-known", is_flag=True, help="Only those whose loan was repaid or went bad.")
def export(out: Path, outcome_known: bool) -> None:
    """Write the store, one row a line: key, month, features, facts, outcome. Who may read the file is your care."""
    if not out.parent.is_dir():
        raise click.UsageError(f"{out.parent}: no such folder")
    rows = answered(_rows)
    kept = [row for row in rows if not outcome_known or row["outcome"] != "unknown"]
    beside = out.with_name(f".{out.name}.part")
    beside.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), encoding="utf-8")
    beside.replace(out)
    click.echo(f"{len(kept)} rows in {out}")


async def _rows(settings: "Settings") -> Sequence[dict[str, Any]]:
    from db import audits, clocks
    from db import store as shelves

    async with _beside(settings) as sessions, sessions.begin() as session:
        now = await clocks.now(session, settings.clock_id)
        keys = shelves.StoreKeys(settings)
        decided = await shelves.decided(session, now.date())
        # Permissions run out between two nights: what may no longer be in the store leaves it before it is read.
        await shelves.remove(session, [keys.of(application_id) for application_id, may, _ in decided if not may])
        found = await shelves.everything(session)
        await audits.append(
            session,
            actor="system:export",
            action="store.export",
            object_kind="store",
            object_id=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            detail={"rows": len(found)},
            request_id=None,
        )
    return [
        {
            "key": row.key.hex(),
            "month": row.month,
            "features": row.features,
            "facts": row.facts,
            "outcome": row.outcome,
        }
        for row in found
    ]

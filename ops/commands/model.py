"""``huoshui model``: train, show the one that decides, list all, enter a candidate, propose a role."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.commands.system import answered
from ops.default_model import FIRMS, MONTHS, SEED, train_default

if TYPE_CHECKING:
    from infra.settings import Settings


@click.group()
def model() -> None:
    """Train the default model, show the one that decides, list all, enter a candidate, propose a role."""


@model.command()
@click.option("--firms", default=FIRMS, show_default=True, type=click.IntRange(200, 50_000), help="Simulated firms.")
@click.option("--months", default=MONTHS, show_default=True, type=click.IntRange(3, 36), help="Months of bills a firm.")
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same model.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write model.ubj and card.json to.")
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON.")
def train(firms: int, months: int, seed: int, out: Path | None, as_json: bool) -> None:
    """Train on simulated firms and print how good the model is. Registers nothing."""
    trained = train_default(
        lambda step: click.echo(step, err=True),
        trained_on=datetime.now(UTC).date().isoformat(),
        firms=firms,
        months=months,
        seed=seed,
    )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "model.ubj").write_bytes(trained.model_bytes)
        (out / "card.json").write_text(json.dumps(trained.card, indent=1, ensure_ascii=False), encoding="utf-8")
    _tell(trained.card, as_json)


@model.command()
@click.option("--json", "as_json", is_flag=True, help="Print the whole card as JSON.")
def show(as_json: bool) -> None:
    """Show the model that decides, with 95 % intervals of AUC for all and by slice.

    Of the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder.
    """
    card = answered(_champion)
    if card is None:
        raise click.ClickException("no model decides yet; `make up` trains one")
    _tell(card, as_json)


@model.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_models(as_json: bool) -> None:
    """List every model with its role. Roles are given at the desk, by two people.

    Of the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder.
    """
    found = answered(_models)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for one in found:
        share = f" {one['share']}" if one["share"] else ""
        down = " (stood down)" if one["stood_down"] else ""
        area = "  -  " if one["auc"] is None else f"{one['auc']:.3f}"
        click.echo(f"{one['role'] + share + down:24} {one['id']:28} AUC {area}  {one['label']}")


@model.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("card", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def register(file: Path, card: Path) -> None:
    """Put a model FILE and its CARD into the store and enter it as a candidate; it decides nothing."""
    try:
        said = json.loads(card.read_text(encoding="utf-8"))
        model_id, digest = str(said["id"]), str(said["model_sha256"])
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"{card.name}: not a model's card (JSON with id and model_sha256)") from None
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise click.UsageError(f"{file.name}: not the file that {card.name} describes (SHA-256 differs)")
    answered(lambda settings: _register(settings, model_id, data, said))
    click.echo(f"{model_id} is a candidate; propose a role at the desk")


@model.command()
@click.argument("model_id")
@click.argument("role", type=click.Choice(["shadow", "challenger", "champion", "fallback", "retired"]))
@click.option("--by", "login", required=True, help="The login of the member of staff who proposes it.")
@click.option("--reason", required=True, help="Why; the person who approves it reads this.")
@click.option("--share", type=click.Choice(["0.01", "0.02", "0.05", "0.10"]), help="Of a challenger's decisions.")
@click.option("--digits", prompt="Six digits of the authenticator", hide_input=True, help="Asked for if not given.")
def propose(model_id: str, role: str, login: str, reason: str, share: str | None, digits: str) -> None:
    """Propose ROLE for MODEL_ID. Nothing changes before a second person has approved it at the desk.

    In the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder.
    """
    if (role == "challenger") != (share is not None):
        raise click.UsageError("--share: a challenger decides on a share of applications, and nothing else does")
    answered(lambda settings: _propose(settings, model_id, role, login, reason, share, digits))
    click.echo(f"{model_id} is proposed as {role}; a second person approves it at the desk, under Models")


async def _propose(
    settings: "Settings", model_id: str, role: str, login: str, reason: str, share: str | None, digits: str
) -> None:
    from api.problems import BadFields, NotFound, TooManyRequests, WrongPassword
    from api.staff.registry import ProposeMove
    from api.tools import opened
    from lending.refusals import Refusal
    from ops.proposing import propose as act

    try:
        async with opened(settings) as tools:
            await act(tools, login, digits, model_id, ProposeMove(role, reason, Decimal(share) if share else None))
    except NotFound:
        raise click.UsageError(f"no model {model_id}, or {login} is nobody who may propose a role") from None
    except (WrongPassword, TooManyRequests):
        raise click.UsageError(f"these are not the digits of {login} now; wait for the next ones") from None
    except BadFields as no:
        raise click.UsageError(f"not usable: {', '.join(one.field for one in no.fields)}") from None
    except Refusal as no:
        raise click.UsageError(f"{no.code}: {model_id} cannot be proposed as {role} now") from None


async def _register(settings: "Settings", model_id: str, data: bytes, card: dict[str, Any]) -> None:
    from db.sessions import Sessions
    from infra.storage import Storage
    from ops.default_model import keep
    from scoring.training import Trained

    sessions, storage = Sessions(settings, scope="worker"), Storage(settings)
    try:
        await keep(Trained(data, card), sessions, storage, role="candidate", at=datetime.now(UTC))
    finally:
        storage.close()
        await sessions.close()


async def _models(settings: "Settings") -> list[dict[str, Any]]:
    from db import scoring_models
    from db.sessions import Sessions

    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            rows = await scoring_models.all_models(session)
    finally:
        await sessions.close()
    return [
        {
            "id": row.id,
            "role": row.role,
            "share": None if row.share is None else str(row.share),
            "stood_down": row.stood_down_at is not None,
            "auc": row.card.get("metrics", {}).get("auc"),
            "label": row.card.get("origin", {}).get("label", ""),
            "sha256": row.sha256,
        }
        for row in rows
    ]


async def _champion(settings: "Settings") -> dict[str, Any] | None:
    from db import scoring_models
    from db.sessions import Sessions

    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            champion = await scoring_models.champion(session)
            return None if champion is None else champion.card
    finally:
        await sessions.close()


def _tell(card: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(card, ensure_ascii=False, indent=1))
        return
    figures = card["metrics"]
    low, high = figures["auc_ci"]
    click.echo(f"{card['id']}  {card['origin']['label']}, {card['trained_on']}")
    click.echo(
        f"AUC {figures['auc']:.3f} ({low:.3f} to {high:.3f}), KS {figures['ks']:.3f}, Brier {figures['brier']:.4f}, "
        f"ECE {figures['ece']:.4f} on {figures['n']} firms, {figures['bad']} of them bad"
    )
    for line in proofs(card):
        click.echo(line)
    heaviest = sorted(card["importance"].items(), key=lambda item: -item[1])[:10]
    click.echo("heaviest: " + ", ".join(f"{name} {share:.0%}" for name, share in heaviest))
    for name, part in card["slices"].items():
        area = "  -  " if part["auc"] is None else f"{part['auc']:.3f}"
        low, high = part.get("auc_ci") or (None, None)
        interval = "" if low is None or high is None else f"({low:.3f} to {high:.3f})"
        counted = f"n {part['n']:5}  bad {part['bad']:4}"
        click.echo(f"  {name:32} {counted}  AUC {area} {interval:16}  ECE {part['ece']:.3f}")


def proofs(card: dict[str, Any]) -> list[str]:
    """How the figures were found, what a split by time says, and whether the reasons are causes: or why not."""
    how = card["metrics"].get("how")
    told = [f"tested: {how}"] if how else []
    later = card.get("by_time")
    if later is not None:
        figures = "" if "auc" not in later else f"AUC {later['auc']}, ECE {later['ece']} on {later['n']} firms: "
        told.append(f"by time: {figures}{later['how']}")
    faithful = card["faithfulness"]
    if faithful["share"] is None:
        return [*told, f"reasons: not proved on this set, {faithful.get('why', 'too few firms')}"]
    return [
        *told,
        (
            f"reasons: without the first one the chance of default falls by {faithful['fall']:.4f}, without another by "
            f"{faithful['fall_random']:.4f} (difference {faithful['interval'][0]:.4f} to "
            f"{faithful['interval'][1]:.4f}; more in {faithful['share']:.0%} of the {faithful['n']} riskiest)"
        ),
    ]

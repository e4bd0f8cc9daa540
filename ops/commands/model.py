"""``huoshui model``: train the default model, show the one that decides."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ops.default_model import FIRMS, MONTHS, SEED, train_default


@click.group()
def model() -> None:
    """Train the default scoring model, or show the one that decides."""


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
    """Show the model that decides in the system that the environment names (HUOSHUI_ENV_FILE)."""
    card = asyncio.run(_champion())
    if card is None:
        raise click.ClickException("no model decides yet; `make up` trains one")
    _tell(card, as_json)


async def _champion() -> dict[str, Any] | None:
    from db import scoring_models
    from db.sessions import Sessions
    from infra.settings import settings

    sessions = Sessions(settings(), scope="worker")
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
    faithful = card["faithfulness"]
    if faithful["share"] is not None:
        click.echo(
            f"reasons: without the first one the chance of default falls by {faithful['fall']:.4f}, without another by "
            f"{faithful['fall_random']:.4f} (difference {faithful['interval'][0]:.4f} to "
            f"{faithful['interval'][1]:.4f}; more in {faithful['share']:.0%} of the {faithful['n']} riskiest)"
        )
    heaviest = sorted(card["importance"].items(), key=lambda item: -item[1])[:10]
    click.echo("heaviest: " + ", ".join(f"{name} {share:.0%}" for name, share in heaviest))
    for name, part in card["slices"].items():
        area = "  -  " if part["auc"] is None else f"{part['auc']:.3f}"
        click.echo(f"  {name:32} n {part['n']:5}  bad {part['bad']:4}  AUC {area}  ECE {part['ece']:.3f}")

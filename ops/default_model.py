"""The default scoring model: trained on simulated firms at the first start, kept in S3, entered in the registry.

Whoever decides with it reads on its card, and on every page that names it, that no real firm taught it.
"""

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db import scoring_models
from db.sessions import Sessions
from db.tables import ScoringModel
from infra.settings import Settings
from infra.storage import Storage
from scoring.catalogue import NAMES

if TYPE_CHECKING:  # training loads pandas and xgboost, which a start that finds its model does without
    from scoring.training import Trained

ROOT = Path(__file__).resolve().parents[1]
FIRMS = 3_000  # about 230 of them default: enough to learn from, and trained in seconds
MONTHS = 12
WITHOUT_BILLS = 5  # one in so many of the firms with invoices shows nothing else
SEED = 20_250_701
LABEL = "trained on simulated firms"


def train_default(
    progress: Callable[[str], None], *, trained_on: str, firms: int = FIRMS, months: int = MONTHS, seed: int = SEED
) -> "Trained":
    """Trains on a population of simulated firms; the same arguments give the same bytes. Takes seconds and 1 GB."""
    import numpy as np

    from scoring.evidence import Evidence
    from scoring.invoices import Invoices
    from scoring.lines import Lines
    from scoring.training import train
    from simulators.firms.population import population

    progress(f"firms 0/{firms}")
    made = population(firms, months, seed)
    known = made["firms"]
    evidence = Evidence(Lines.from_columns(made["lines"]), Invoices.from_columns(made["invoices"]))
    del made
    # Some firms bring invoices alone: a model that always saw bills would know nothing of a firm without any.
    billed = np.flatnonzero(np.bincount(evidence.invoices.firm, minlength=firms))
    alone = np.zeros(firms, np.bool_)
    alone[billed[::WITHOUT_BILLS]] = True
    evidence = replace(evidence, lines=evidence.lines.where(~alone[evidence.lines.firm]))
    origin = {
        "label": LABEL,
        "generator": "simulators.firms.population",
        "firms": firms,
        "with_invoices": len(billed),
        "with_invoices_alone": int(alone.sum()),
        "months": months,
        "seed": seed,
    }
    outcome = {"as_of": known["as_of"], "default": known["default"], "trade": known["trade_names"][known["trade"]]}
    return train(evidence, outcome, seed, progress, origin=origin, trained_on=trained_on)


def object_key(model_id: str) -> str:
    """Where a model's file lies (trees as UBJSON, points as JSON); its card lies beside it as ``.json``."""
    return f"models/{model_id}.{'points' if model_id.startswith('points-') else 'ubj'}"


async def keep(trained: "Trained", sessions: Sessions, storage: Storage, *, role: str, at: datetime) -> None:
    """Stores file and card, then enters the model in the registry. Beside a champion the other candidate is kept: a
    scorecard as its fallback, trees as a shadow. Doing it again changes nothing."""
    if trained.other is not None and role == "champion":
        beside = "shadow" if trained.fallback is None else "fallback"
        await keep(trained.other, sessions, storage, role=beside, at=at)
    key = object_key(trained.model_id)
    stored = await storage.put(key, trained.model_bytes, "application/octet-stream")
    card = json.dumps(trained.card, sort_keys=True, ensure_ascii=False, indent=1).encode()
    await storage.put(f"{key}.json", card, "application/json")
    async with sessions.begin() as session:
        await scoring_models.register(
            session,
            model_id=trained.model_id,
            object_key=key,
            sha256=stored.sha256,
            card=trained.card,
            at=at,
            role=role,
        )


async def ensure_default_model(
    settings: Settings, progress: Callable[[str], None], *, cache: Path | None = None
) -> None:
    """Makes sure that a champion decides: trains the default model where there is none that this version can use.

    ``cache`` is a folder of trained models, for whoever starts many fresh systems from the same source.
    """
    sessions, storage = Sessions(settings, scope="worker"), Storage(settings)
    try:
        async with sessions.begin() as session:
            champion = await scoring_models.champion(session)
        if champion is not None and usable(champion):
            return
        now = datetime.now(UTC)

        def told(step: str) -> None:
            progress(f"model: {step}")

        trained = await asyncio.to_thread(_cached_or_trained, cache, told, now.date().isoformat())
        await keep(trained, sessions, storage, role="champion", at=now)
        told("ready")
    finally:
        storage.close()
        await sessions.close()


def _cached_or_trained(cache: Path | None, told: Callable[[str], None], trained_on: str) -> "Trained":
    if cache is None:
        return train_default(told, trained_on=trained_on)
    # The same source and day give the same bytes, so the source names them.
    sources = [*(ROOT / "scoring").glob("*.py"), *(ROOT / "simulators" / "firms").glob("*.py"), Path(__file__)]
    digest = hashlib.sha256(trained_on.encode())
    for source in sorted(sources):
        digest.update(source.read_bytes())
    kept = cache / f"{digest.hexdigest()[:24]}.json"
    if kept.exists():
        known = json.loads(kept.read_text(encoding="utf-8"))
        return _unpacked(known)
    trained = train_default(told, trained_on=trained_on)
    beside = kept.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(_packed(trained)), encoding="utf-8")
    beside.replace(kept)
    return trained


def _packed(trained: "Trained") -> dict[str, Any]:
    other = None if trained.other is None else _packed(trained.other)
    return {"model": base64.b64encode(trained.model_bytes).decode(), "card": trained.card, "other": other}


def _unpacked(known: dict[str, Any]) -> "Trained":
    from scoring.training import Trained

    other = None if known["other"] is None else _unpacked(known["other"])
    return Trained(base64.b64decode(known["model"]), known["card"], other)


def usable(champion: ScoringModel) -> bool:
    """Whether a registered model was trained on the features that this version computes."""
    return tuple(champion.card.get("features", {}).get("names", ())) == NAMES

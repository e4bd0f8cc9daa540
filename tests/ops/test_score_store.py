"""``huoshui score train --store``: from both folders of the same firms to the store and the registry, as a shadow."""

import asyncio
import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from db import scoring_models
from db.sessions import Sessions
from infra import settings as of_infra
from infra.storage import Storage
from ops.cli import main
from scoring.model import Model
from tests.ops.bank_history import history, written


def billed(folder: Path, labels: pd.DataFrame) -> Path:
    """Sales and purchase invoices of the same firms, some of them after the as-of date."""
    rng = np.random.default_rng(4)
    folder.mkdir()
    firm = rng.integers(0, len(labels), 3_000)
    age = rng.integers(-100, 500, 3_000)
    rows = pd.DataFrame(
        {
            "company_id": labels["firm_id"].to_numpy()[firm],
            "invoice_date": labels["as_of"].to_numpy()[firm] - age.astype("timedelta64[D]"),
            "counterparty_id": rng.integers(0, 40, 3_000),
            "amount_net": np.round(rng.lognormal(8, 1, 3_000), 2),
            "tax": 0.0,
            "status": "valid",
        }
    )
    for name, part in (("labelled_sales", rows[::2]), ("labelled_purchases", rows[1::2])):
        part.to_parquet(folder / f"{name}.parquet")
    return folder


@pytest.mark.long
async def test_a_model_of_both_folders_goes_to_the_store_and_is_a_shadow(
    database, s3, settings_for, monkeypatch, tmp_path: Path
) -> None:
    chosen = settings_for(database=database, s3=s3)
    await Storage(chosen).ensure_bucket()
    monkeypatch.setattr(of_infra, "read", lambda _: chosen)
    labels, lines = history(220, 6)
    folder = written(tmp_path / "bank", labels, lines)
    arguments = ["--statements", str(folder), "--invoices", str(billed(tmp_path / "bills", labels))]
    arguments += ["--labels", str(folder / "labels.csv"), "--store", "--json"]
    done = await asyncio.to_thread(CliRunner().invoke, main, ["score", "train", *arguments])
    assert done.exit_code == 0, done.output
    card = json.loads(done.stdout)
    assert card["importance"]["invoiced_level"] >= 0
    assert card["ranges"]["invoiced_level"][0] is not None, "the invoices were read"
    assert card["ranges"]["balance_usual"][0] is not None, "and so were the lines"
    sessions = Sessions(chosen, scope="worker")
    try:
        async with sessions.begin() as session:
            kept = next((one for one in await scoring_models.all_models(session) if one.id == card["id"]), None)
    finally:
        await sessions.close()
    assert kept is not None
    assert kept.role == "shadow"
    stored = await Storage(chosen).get(kept.object_key)
    assert hashlib.sha256(stored).hexdigest() == kept.sha256 == card["model_sha256"]
    assert Model.load(stored, kept.card).id == card["id"]


def test_neither_folder_is_one_clear_line() -> None:
    done = CliRunner().invoke(main, ["score", "train", "--store"])
    assert done.exit_code == 2
    assert "--invoices FOLDER" in done.stderr

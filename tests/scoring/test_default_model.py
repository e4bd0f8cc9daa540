"""The default model: trained once at the first start, in the store and in the registry, and found again."""

import hashlib
import json

import pytest
from click.testing import CliRunner

from db import scoring_models
from db.sessions import Sessions
from infra.storage import Storage
from ops import default_model as models
from ops.cli import main
from scoring.model import Model


@pytest.fixture
async def place(database, s3, settings_for):
    settings = settings_for(database=database, s3=s3)
    await Storage(settings).ensure_bucket()
    sessions = Sessions(settings, scope="worker")
    yield settings, sessions
    await sessions.close()


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A small population: what is tested here is where the model goes."""
    whole = models.train_default
    monkeypatch.setattr(
        models, "train_default", lambda told, **more: whole(told, **{**more, "firms": 500, "months": 6})
    )


async def test_the_first_start_trains_keeps_and_registers_and_the_second_finds_it(place):
    settings, sessions = place
    said: list[str] = []
    await models.ensure_default_model(settings, said.append)
    assert said[0].startswith("model: firms")
    assert said[-1] == "model: ready"
    async with sessions.begin() as session:
        champion = await scoring_models.champion(session)
    assert champion is not None
    assert champion.card["origin"]["label"] == "trained on simulated firms"
    stored = await Storage(settings).get(champion.object_key)
    assert hashlib.sha256(stored).hexdigest() == champion.sha256 == champion.card["model_sha256"]
    assert json.loads(await Storage(settings).get(f"{champion.object_key}.json")) == champion.card
    assert Model.load(stored, champion.card).id == champion.id

    said.clear()
    await models.ensure_default_model(settings, said.append)
    assert said == []


async def test_a_champion_of_other_features_is_replaced(place):
    settings, sessions = place
    await models.ensure_default_model(settings, lambda _: None)
    async with sessions.begin() as session:
        champion = await scoring_models.champion(session)
        assert champion is not None
        champion.card = {**champion.card, "features": {"names": ["something else"]}}
        champion.id = "flows-of-yesterday"
    await models.ensure_default_model(settings, lambda _: None)
    async with sessions.begin() as session:
        again = await scoring_models.champion(session)
    assert again is not None
    assert models.usable(again)
    assert again.id != "flows-of-yesterday"


def test_the_command_trains_prints_how_good_it_is_and_writes_what_it_made(tmp_path):
    arguments = ["model", "train", "--firms", "500", "--months", "6", "--seed", "3", "--json", "--out", str(tmp_path)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    card = json.loads(done.stdout)
    assert card == json.loads((tmp_path / "card.json").read_text())
    assert Model.load((tmp_path / "model.ubj").read_bytes(), card).id == card["id"]
    shown = CliRunner().invoke(main, arguments[:-3])
    assert "AUC" in shown.stdout
    assert "trained on simulated firms" in shown.stdout

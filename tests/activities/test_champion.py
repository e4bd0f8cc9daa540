"""Who decides: the champion, a challenger on its share, the fallback where a file was altered, else a person."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import literal

from activities.champion import Champion, NoModel
from db import alarms, clocks, scoring_models
from db.sessions import Sessions
from infra.storage import Storage
from ops.stack import testing
from scoring import model as scoring_model
from scoring.catalogue import NAMES
from scoring.trials import takes

NOW = datetime.now(UTC)


class Fixed:
    """A model that says one thing, its file a JSON text."""

    def __init__(self, pd: str) -> None:
        self._pd = Decimal(pd)

    @classmethod
    def load(cls, data: bytes, card: dict[str, Any]) -> "Fixed":
        if hashlib.sha256(data).hexdigest() != card["model_sha256"]:
            raise scoring_model.ModelRefused("changed")
        return cls(json.loads(data)["pd"])

    def pd(self, _features: Any) -> Decimal:
        return self._pd


@dataclass
class Room:
    """A registry with a store."""

    sessions: Sessions
    storage: Storage
    database: testing.Database

    def champion(self) -> Champion:
        return Champion(self.sessions, self.storage, "main")

    async def enter(
        self, name: str, role: str, pd: str, share: str | None = None, trained_on: str | None = None, day: int = 0
    ) -> None:
        data = json.dumps({"pd": pd, "name": f"{name}-{uuid4()}"}).encode()
        stored = await self.storage.put(f"models/{name}-{uuid4().hex}.json", data, "application/json")
        async with self.sessions.begin() as session:
            await scoring_models.register(
                session,
                model_id=name,
                object_key=stored.key,
                sha256=stored.sha256,
                card={"model_sha256": stored.sha256} | ({"data_sha256": trained_on} if trained_on else {}),
                at=NOW + timedelta(days=day),
                role="candidate",
            )
        share_text = "null" if share is None else share
        self.database.execute(f"update scoring_model set role = '{role}', share = {share_text} where id = '{name}'")

    async def alter(self, name: str) -> None:
        """Somebody puts other bytes under the key of a model's file."""
        async with self.sessions.begin() as session:
            key = (await session.get_one(scoring_models.ScoringModel, name)).object_key
        self.storage._client.put_object(  # pyright: ignore[reportPrivateUsage]
            Bucket=self.storage.bucket, Key=key, Body=b'{"pd": "0.0001"}'
        )

    async def decide(self, champion: Champion, application_id: Any = None) -> tuple[str, str]:
        async with self.sessions.begin() as session:
            chosen = await champion.get(session, application_id)
        return chosen.model_id, chosen.role

    async def alarms(self) -> list[tuple[str, str, Any]]:
        async with self.sessions.begin() as session:
            return [(one.kind, one.object_id, one.detail["why"]) for one in await alarms.open_alarms(session)]


@pytest.fixture
async def room(database: Any, s3: Any, settings_for: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    monkeypatch.setattr("activities.champion.Model", Fixed)
    settings = settings_for(database=database, s3=s3)
    sessions, storage = Sessions(settings, scope="worker"), Storage(settings)
    await storage.ensure_bucket()
    database.execute("delete from shadow_score", "delete from scoring_model", "delete from alarm")
    async with sessions.begin() as session:
        await clocks.ensure(session, "main")
    yield Room(sessions, storage, database)
    storage.close()
    await sessions.close()


async def test_an_altered_champion_is_refused_the_fallback_decides_and_the_desk_is_told(room: Room) -> None:
    await room.enter("trees", "champion", "0.0300")
    await room.enter("card", "fallback", "0.0500")
    assert await room.decide(room.champion()) == ("trees", "champion")
    await room.alter("trees")
    restarted = room.champion()
    assert await room.decide(restarted) == ("card", "fallback")
    assert await room.decide(restarted) == ("card", "fallback")
    assert await room.alarms() == [("model_refused", "trees", "file_changed")]


async def test_without_a_fallback_the_newest_intact_shadow_of_the_same_training_steps_in(room: Room) -> None:
    await room.enter("points", "champion", "0.0300", trained_on="a" * 64)
    await room.enter("trees", "shadow", "0.0500", trained_on="a" * 64)
    await room.enter("trees-again", "shadow", "0.0500", trained_on="a" * 64, day=1)
    await room.enter("elsewhere", "shadow", "0.0700", trained_on="b" * 64, day=2)
    await room.alter("points")
    restarted = room.champion()
    for _ in range(2):
        async with room.sessions.begin() as session:
            chosen = await restarted.get(session)
        assert (chosen.model_id, chosen.role, chosen.instead) == ("trees-again", "shadow", "file_changed")
        assert {post.model_id for post in chosen.beside} == {"points", "trees", "elsewhere"}
    assert await room.alarms() == [("model_refused", "points", "file_changed")]
    await room.alter("trees-again")
    assert await room.decide(room.champion()) == ("trees", "shadow")
    await room.alter("trees")
    with pytest.raises(NoModel):  # what was trained on other firms decides nothing
        await room.decide(room.champion())
    assert {name for _, name, _ in await room.alarms()} == {"points", "trees", "trees-again"}


async def test_a_fallback_comes_before_a_shadow_and_no_shadow_stands_in_for_a_champion_that_stood_down(
    room: Room,
) -> None:
    await room.enter("points", "champion", "0.0300", trained_on="a" * 64)
    await room.enter("trees", "shadow", "0.0500", trained_on="a" * 64)
    await room.enter("card", "fallback", "0.0500")
    async with room.sessions.begin() as session:
        assert await scoring_models.stand_down(session, "points", why="x", by="system:watch", at=NOW, detail={})
        chosen = await room.champion().get(session)
    assert (chosen.model_id, chosen.instead) == ("card", "stood_down")
    await room.alter("card")
    with pytest.raises(NoModel):
        await room.decide(room.champion())


async def test_a_changed_card_a_missing_file_and_an_unreadable_one_are_refused_alike(room: Room) -> None:
    await room.enter("card", "fallback", "0.0500")
    for name, spoil, why in (
        ("changed-card", "update scoring_model set card = card || '{\"grades\": []}'", "card_changed"),
        ("missing", "update scoring_model set object_key = 'models/nowhere'", "missing"),
        ("unreadable", "update scoring_model set card = '{}', card_sha256 = null", "unreadable"),
    ):
        room.database.execute("update scoring_model set role = 'retired' where role = 'champion'")
        await room.enter(name, "champion", "0.0300")
        room.database.execute(f"{spoil} where id = '{name}'")
        assert await room.decide(room.champion()) == ("card", "fallback"), name
        assert ("model_refused", name, why) in await room.alarms()


async def test_without_a_usable_model_nobody_decides(room: Room) -> None:
    with pytest.raises(NoModel):
        await room.decide(room.champion())
    await room.enter("trees", "champion", "0.0300")
    await room.alter("trees")
    with pytest.raises(NoModel):
        await room.decide(room.champion())


async def test_a_challenger_takes_its_share_by_a_stable_draw(room: Room) -> None:
    await room.enter("trees", "champion", "0.0300")
    await room.enter("young", "challenger", "0.0400", share="0.10")
    champion = room.champion()
    applications = [uuid4() for _ in range(60)]
    for application_id in applications:
        expected = ("young", "challenger") if takes("young", application_id, Decimal("0.10")) else ("trees", "champion")
        assert await room.decide(champion, application_id) == expected
    drawn = sum(takes("young", uuid4(), Decimal("0.10")) for _ in range(20_000))
    assert 1_800 < drawn < 2_200


async def test_a_champion_that_stood_down_decides_nothing_and_neither_does_its_challenger(room: Room) -> None:
    await room.enter("trees", "champion", "0.0300")
    await room.enter("young", "challenger", "0.0400", share="0.50")
    async with room.sessions.begin() as session:  # nobody to hand over to: the champion stays
        assert not await scoring_models.stand_down(session, "trees", why="x", by="system:watch", at=NOW, detail={})
    await room.enter("card", "fallback", "0.0500")
    async with room.sessions.begin() as session:
        assert await scoring_models.stand_down(session, "trees", why="x", by="system:watch", at=NOW, detail={})
    champion = room.champion()
    assert {await room.decide(champion, uuid4()) for _ in range(20)} == {("card", "fallback")}


async def test_shadows_score_beside_whoever_decides(room: Room) -> None:
    await room.enter("trees", "champion", "0.0300")
    await room.enter("card", "fallback", "0.0500")
    await room.enter("watcher", "shadow", "0.0700")
    await room.enter("young", "challenger", "0.0400", share="0.50")
    champion = room.champion()
    features = dict.fromkeys(NAMES, 1.0) | {NAMES[0]: None}
    async with room.sessions.begin() as session:
        chosen, _ = await champion.get_beside(session, literal(None), None)
        assert chosen is not None
        said = await champion.score_beside(session, chosen.beside, features)
    assert sorted((post.model_id, pd) for post, pd in said) == [
        ("watcher", Decimal("0.0700")),
        ("young", Decimal("0.0400")),
    ]
    assert np.isnan(np.array([features[NAMES[0]]], np.float64))[0]


async def test_files_at_work_are_read_again_and_compared(room: Room) -> None:
    await room.enter("trees", "champion", "0.0300")
    await room.enter("watcher", "shadow", "0.0700")
    champion = room.champion()
    assert await champion.verify() == []
    await room.alter("watcher")
    assert await champion.verify() == ["watcher"]
    assert await room.alarms() == [("model_refused", "watcher", "file_changed")]

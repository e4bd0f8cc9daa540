"""Photos of identity papers through the API: sealed in the store, read by the real reader, seen by one's own eyes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.worker import Worker

from activities.identity_papers import IdentityPapers
from activities.steps import Steps
from db.sessions import Sessions
from infra import temporal
from simulators.firms.demo import demo_firms
from simulators.firms.papers import id_card
from worker import sandbox
from worker.interceptors import OurActivities
from workflows.identity_paper import IdentityPaper

FIRM = next(firm for firm in demo_firms(date(2026, 11, 29)) if firm.firm_id == "noodle-shop")


@asynccontextmanager
async def reading(api: Any) -> AsyncIterator[None]:
    """A worker with the real reader."""
    client = await temporal.connect(api.settings)
    tools = api.tools
    sessions = Sessions(api.settings, scope="worker")
    rooms = IdentityPapers(Steps(sessions, api.settings.clock_id), tools.vault, tools.storage)
    async with Worker(
        client,
        task_queue=api.settings.temporal_task_queue,
        workflows=[IdentityPaper],
        activities=[rooms.read_paper, rooms.give_up_paper],
        interceptors=[OurActivities()],
        workflow_runner=sandbox.runner(),
    ):
        yield
    await sessions.close()


async def bring(owner: Any, fresh_key: Any, data: bytes, name: str = "card.png") -> Any:
    """A photo of somebody who allows that it is read."""
    asked = {one["purpose"]: one for one in (await owner.get("/v1/consents")).json()["items"]}
    if asked["identity_check"]["given_at"] is None:
        words = {"purpose": "identity_check", "text_hash": asked["identity_check"]["text_hash"]}
        assert (await owner.post("/v1/consents", words)).status_code == 200
    return await owner.client.post("/v1/identity-papers", files={"file": (name, data)}, headers=fresh_key())


async def seen(owner: Any) -> dict[str, Any]:
    """The one photo, as soon as it is read or refused."""
    for _ in range(120):
        items = (await owner.get("/v1/identity-papers")).json()["items"]
        if items and all(one["state"] != "received" for one in items):
            [paper] = items
            return paper
        await asyncio.sleep(0.5)
    raise AssertionError("it was not read within a minute")


async def test_a_photo_fills_the_form_and_is_seen_by_its_owner_alone(api: Any, fresh_key: Any) -> None:
    owner, stranger = await api.owner(), await api.owner()
    card = id_card(FIRM)
    async with reading(api):
        answer = await bring(owner, fresh_key, card)
        assert answer.status_code in (200, 202), answer.text
        assert (await bring(owner, fresh_key, card)).status_code in (200, 202, 409)
        paper = await seen(owner)
    told = {one["name"]: (one["value"], one["checked"]) for one in paper["fields"]}
    assert (paper["kind"], told) == ("id_card", {"name": (FIRM.owner, None), "id_number": (FIRM.id_number, True)})
    assert (await stranger.get("/v1/identity-papers")).json()["items"] == []
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (await session.execute(text("select * from identity_paper where id = :id"), {"id": paper["id"]})).one()
        record = await session.scalar(
            text("select count(*) from audit where action = 'identity_paper.read' and object_id = :id"),
            {"id": paper["id"]},
        )
    stored = await api.tools.storage.get(row.object_key)
    assert card[:64] not in stored
    assert FIRM.id_number.encode() not in bytes(row.fields_sealed)
    assert record == 1


async def test_a_picture_of_something_else_is_told_so_and_harms_nothing(api: Any, fresh_key: Any) -> None:
    owner = await api.owner()
    async with reading(api):
        assert (await bring(owner, fresh_key, b"no picture at all", "card.jpg")).status_code in (200, 202)
        paper = await seen(owner)
    assert (paper["problem"], paper["kind"], paper["fields"]) == ("broken", None, [])


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("card.exe", b"x", "not_a_photo"), ("card.png", b"", "empty_file"), ("", b"x", "missing")],
)
async def test_what_cannot_be_a_photo_is_refused_at_the_door(
    api: Any, fresh_key: Any, name: str, data: bytes, code: str
) -> None:
    owner = await api.owner()
    answer = await bring(owner, fresh_key, data, name)
    assert answer.status_code in (400, 422), answer.text
    assert code in answer.text
    assert (await owner.get("/v1/identity-papers")).json()["items"] == []


async def test_eleven_megabytes_are_too_many(api: Any, fresh_key: Any) -> None:
    owner = await api.owner()
    answer = await bring(owner, fresh_key, b"x" * (11 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")

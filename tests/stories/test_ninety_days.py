"""A visit waits ninety days of business time while everything around it is killed, upgraded and started again."""

import uuid
from typing import Any

import pytest

from ops.demo.securing import whoever_has
from ops.demo.town import Town, eventually, town_of
from ops.stack import testing

pytestmark = pytest.mark.long


async def step_of(owner: Any) -> dict[str, Any]:
    (step,) = (await owner.see("offline"))["items"]
    return step


async def until_due_moves(owner: Any, before: str) -> dict[str, Any]:
    async def moved() -> dict[str, Any] | None:
        step = await step_of(owner)
        return step if step["due_at"] != before else None

    return await eventually(moved, seconds=60)


async def answers(town: Town) -> bool | None:
    try:
        await town.public.get("/v1/clock")
    except Exception:
        return None
    return True


async def test_b3_a_visit_waits_ninety_days_through_an_upgrade_a_server_kill_and_a_restart() -> None:
    with testing.stack() as running:
        async with town_of(running) as town:
            firm = await town.found(monthly_sales_minor=40_000_000, months=14, health=0.95, seed=90_090)
            owner = await town.owner(firm)
            assert (await owner.applies(250_000, months=24))["stage"] == "review"
            first = await step_of(owner)
            assert (first["kind"], first["state"]) == ("visit", "open")
            begun = await town.today()

            await town.pass_days(30)  # reminded, and handed up with a new time
            later = await until_due_moves(owner, first["due_at"])
            running.kill("worker")  # the worker is upgraded: another process goes on with the story
            running.start("worker", HUOSHUI_FAILPOINT="")
            await town.pass_days(30)
            running.kill("temporal")
            running.start("temporal")
            running.kill("postgres")
            running.start("postgres")
            await eventually(lambda: answers(town), seconds=60)
            await town.pass_days(30)
            running.kill("web")
            running.start("web")
            await eventually(lambda: answers(town), seconds=60)
            assert (await town.today() - begun).days == 90
            waiting = await step_of(owner)
            assert (waiting["state"], waiting["due_at"]) == ("open", later["due_at"])

            manager = await whoever_has(town, waiting["task_id"])
            path = f"/v1/manager/offline/{waiting['task_id']}"
            assert (await manager.get(path))["card"]["escalated"]
            slot = waiting["slots"][0]
            await owner.act(f"offline/{waiting['task_id']}/slot", {"slot_at": slot, "way": "video"})
            await town.pass_days(1)

            async def packed() -> bool | None:
                return (await manager.get(path))["pack"] is not None or None

            await eventually(packed, seconds=60)
            note = {"kind": "note", "words": "视频看过，生意照常"}
            await manager.post(f"{path}/words", note, key=str(uuid.uuid4()))
            end = {"result": "not_possible", "words": "店主说改日再约"}
            await manager.post(f"{path}/finish", end)

            async def case() -> dict[str, Any] | None:
                cards = (await manager.get("/v1/manager/inbox"))["items"]
                return next((one for one in cards if one["application_id"] == owner.application_id), None)

            found = await eventually(case, seconds=60)
            assert found["kind"] == "review"
            story = await owner.story()
            for kind in ("offline_asked", "offline_reminded", "offline_escalated", "offline_not_possible"):
                assert story.count(kind) == 1, kind

"""A visit waits ninety days of business time while everything around it is killed, upgraded and started again."""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from infra import temporal
from ops.demo.securing import meets_live, whoever_has
from ops.demo.town import Town, eventually, town_of
from ops.stack import testing
from ops.stack.plan import ROOT

pytestmark = pytest.mark.long

# What the build before told, in the place of what a patch keeps apart: it set no clock anew.
STORY = Path("workflows/offline_task.py")
BEFORE = {
    "            if plan.remind_in is None or not workflow.patched(ARMED_ANEW):\n                break\n": (
        "            break\n"
    ),
    "            standing = await ours(Tasks.escalate_task, self._case)\n"
    "            if not standing.again:\n                break\n"
    "            plan = await ours(Tasks.plan_task, self._case)\n": (
        "            await ours(Tasks.escalate_task, self._case)\n            break\n"
    ),
}
LEFT_OUT = (".git", ".venv", ".huoshui", "tests", "docs", "node_modules", "__pycache__", ".pytest_cache", ".ruff_cache")


@pytest.fixture
def build_before(tmp_path: Path) -> Path:
    """The code of the worker that is replaced: this tree, with the story of a task as it was told before."""
    tree = tmp_path / "before"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
    story = (tree / STORY).read_text(encoding="utf-8")
    for now, then in BEFORE.items():
        assert now in story, "the story changed: say here how the build before told it"
        story = story.replace(now, then)
    (tree / STORY).write_text(story, encoding="utf-8")
    return tree


def run_from(running: testing.RunningStack, tree: Path) -> None:
    """The worker's next starts take the code of this tree, as after a deployment."""
    part = running.engine.parts["worker"]
    part.program = replace(part.program, cwd=tree, env={**part.program.env, "PYTHONPATH": str(tree)})


async def builds_of(running: testing.RunningStack, task_id: str) -> list[str]:
    """Which builds of the worker told a task's story, in order, each once."""
    client = await temporal.connect(running.settings)
    history = await client.get_workflow_handle(f"task/{task_id}").fetch_history()
    found = [
        event.workflow_task_completed_event_attributes.worker_version.build_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    return list(dict.fromkeys(found))


async def step_of(owner: Any) -> dict[str, Any]:
    (step,) = (await owner.see("offline"))["items"]
    return step


async def until_told(town: Town, owner: Any, lead: str | None = None) -> dict[str, Any]:
    """The step once it tells a time that lies ahead, with the name of whoever leads it; until then it says by how much
    it is late."""

    async def told() -> dict[str, Any] | None:
        step, now = await step_of(owner), (await town.public.get("/v1/clock"))["now"]
        coming = datetime.fromisoformat(step["due_at"]) > datetime.fromisoformat(now)
        assert coming == (step["late_minutes"] is None), "no page calls a time that has passed one to come"
        return step if coming and step["lead"] == lead else None

    return await eventually(told, seconds=60)


async def answers(town: Town) -> bool | None:
    try:
        await town.public.get("/v1/clock")
    except Exception:
        return None
    return True


async def test_b3_a_visit_waits_ninety_days_through_an_upgrade_a_server_kill_and_a_restart_and_ends_done(
    build_before: Path,
) -> None:
    with testing.stack() as running:
        running.kill("worker")
        run_from(running, build_before)
        running.start("worker")
        async with town_of(running) as town:
            firm = await town.found(monthly_sales_minor=40_000_000, months=14, health=0.95, seed=90_090)
            owner = await town.owner(firm)
            assert (await owner.applies(250_000, months=24))["stage"] == "review"
            first = await until_told(town, owner)
            assert (first["kind"], first["state"]) == ("visit", "open")
            begun = await town.today()

            await town.pass_days(30)  # reminded, and handed up to somebody with a name and a new time
            await until_told(town, owner, "顾宁")
            (old,) = await builds_of(running, first["task_id"])
            running.kill("worker")  # another build goes on with the story that the one before began
            run_from(running, ROOT)
            running.start("worker")
            await town.pass_days(30)
            await until_told(town, owner, "顾宁")
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
            waiting = await until_told(town, owner, "顾宁")
            assert waiting["state"] == "open"

            manager = await whoever_has(town, waiting["task_id"])
            card = (await manager.get(f"/v1/manager/offline/{waiting['task_id']}"))["card"]
            assert (card["escalated"], card["lead"], card["due_at"]) == (True, "顾宁", waiting["due_at"])
            lead = await town.staff("lead")
            mine = {one["id"] for one in (await lead.get("/v1/manager/clocks"))["items"] if one["mine"]}
            assert waiting["task_id"] in mine, "and it stands in the inbox of whoever is named"

            slot = waiting["slots"][0]
            await owner.act(f"offline/{waiting['task_id']}/slot", {"slot_at": slot, "way": "video"})
            await meets_live(town, owner, waiting["task_id"])
            ended = await step_of(owner)
            assert (ended["state"], ended["result"]) == ("done", "done"), "as if nothing had happened"

            async def case() -> dict[str, Any] | None:
                cards = (await manager.get("/v1/manager/inbox"))["items"]
                return next((one for one in cards if one["application_id"] == owner.application_id), None)

            found = await eventually(case, seconds=60)
            assert found["kind"] == "review"
            story = await owner.story()
            for kind in ("offline_asked", "offline_reminded", "offline_escalated", "offline_done"):
                assert story.count(kind) == 1, kind
            assert 1 <= story.count("offline_late") <= 8, "each new promise is farther than the last"
            builds = await builds_of(running, first["task_id"])
            assert builds[0] == old and len(builds) == 2, "one story, told by two builds"

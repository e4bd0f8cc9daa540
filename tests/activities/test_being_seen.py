"""Liveness always has its equal alternative: a manager looks, the proof is of the same level, no score hears of it."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select, text, update

from activities.intake import Intake
from activities.ports.intake import CheckOrder, Identified
from activities.ports.seeing import SeeingDone
from activities.private import Private
from activities.seeing import Seeings
from db import clocks, proofs, seeings
from db.tables import Application, Audit, IdentityAssertion, Notice, Task
from lending.assertions import Assertion, Level, Method
from policies.book import load
from tests.activities.test_asserting import asked, intake, said
from tests.activities.test_judging import Desk
from tests.activities.test_registers_and_replay import town

__all__ = ["intake", "town"]
SAW = {"card_matches": True, "face_matches": True, "note": "本人持证"}


async def sent(desk: Desk, intake: Intake, method: str = "video") -> str:
    """The form as sent by somebody who does not want a camera: the other checks run; the stage that it leads to."""
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Application).values(stage="identity"))
    case = await said(desk, presence=method)
    kinds = (await intake.plan_identity(case)).kinds
    answers = [await intake.ask_identity_check(CheckOrder(case.application_id, case.cause, kind)) for kind in kinds]
    return (await intake.conclude_identity(Identified(case.application_id, case.cause, tuple(answers)))).stage


async def looked(desk: Desk, outcome: dict[str, Any] | None, method: str = "video") -> str:
    """A manager has the task and says what they saw, or nobody came."""
    command, task_id = (await said(desk, presence=method)).cause, uuid4()
    async with desk.steps.sessions.begin() as session:
        application = await session.get_one(Application, desk.application_id)
        now = await clocks.now(session, desk.steps.clock_id)
        await seeings.open_task(
            session, task_id=task_id, application=application, method=method, slot_at=now + timedelta(hours=1),
            command_id=command, now=now, due_at=now + timedelta(hours=3),
        )  # fmt: skip
        assert [task.id for task, _ in await seeings.waiting(session)] == [task_id]
        (await session.get_one(Task, task_id)).outcome = outcome
    room = Seeings(desk.steps, Private(desk.vault), load().release)
    done = SeeingDone(task_id, "done" if outcome else "unanswered")
    first = (await room.conclude_seeing(done)).outcome
    assert (await room.conclude_seeing(done)).outcome == first  # a retry
    return first


@pytest.mark.parametrize("method", ["video", "branch"])
async def test_p17_whoever_does_not_want_a_camera_is_seen_by_a_manager_and_goes_on_with_nothing_typed_twice(
    desk: Desk, intake: Intake, town: httpx2.AsyncClient, method: str
) -> None:
    assert await sent(desk, intake, method) == "identity"
    kinds = [one["kind"] for one in (await town.get("/identity/book")).json()["checks"]]
    assert sorted(kinds) == ["bank_card", "network"], "no face was asked for"
    async with desk.steps.sessions.begin() as session:
        assert (await session.get_one(Application, desk.application_id)).note == {"being_seen": method}
    assert await looked(desk, SAW, method) == "match"
    assert await sent(desk, intake, method) == "consent"
    assert await asked(town) == 2, "nobody was asked again"


async def test_p17_the_proof_is_of_the_same_level_as_a_face_and_on_the_audit_record(desk: Desk, intake: Intake) -> None:
    await sent(desk, intake)
    await looked(desk, SAW)
    async with desk.steps.sessions.begin() as session:
        rows = (await session.scalars(select(IdentityAssertion))).all()
        levels = {row.method: row.level for row in rows}
        assert levels == {"network": Level.LOW, "bank_card": Level.LOW, "video": Level.LOW}
        actions = (await session.scalars(select(Audit.action).where(Audit.action == "identity_assertion.given"))).all()
        assert len(actions) == 3
        assert (await session.scalars(select(Notice.kind))).all() == ["person_seen"]


@pytest.mark.parametrize(
    ("outcome", "end"),
    [(SAW | {"card_matches": False}, "mismatch"), (SAW | {"face_matches": False}, "mismatch"), (None, "not_seen")],
)
async def test_what_was_not_seen_proves_nothing_and_another_time_can_be_chosen(
    desk: Desk, intake: Intake, outcome: dict[str, Any] | None, end: str
) -> None:
    await sent(desk, intake)
    assert await looked(desk, outcome) == end
    async with desk.steps.sessions.begin() as session:
        assert (await session.get_one(Application, desk.application_id)).note == {"seen": end}
        methods = (await session.scalars(select(IdentityAssertion.method))).all()
        assert sorted(methods) == ["bank_card", "network"]
    assert await sent(desk, intake) == "identity"


async def test_p17_the_score_never_sees_by_which_method_somebody_was_proven(desk: Desk) -> None:
    seen: list[Any] = []
    for method in (Method.LIVENESS, Method.VIDEO, Method.BRANCH):
        async with desk.steps.sessions.begin() as session:
            await session.execute(text("delete from identity_assertion"))
            now = await clocks.now(session, desk.steps.clock_id)
            check = uuid4()
            await session.execute(
                text(
                    "insert into identity_check (id, person_id, kind, outcome, asked_at) "
                    "values (:id, :person, :kind, 'match', now())"
                ),
                {"id": check, "person": desk.person_id, "kind": method.value},
            )
            given = Assertion(method, Level.LOW, b"a", now, now + timedelta(minutes=20), "phone", "10.0.0.0/24")
            await proofs.add(session, given, person_id=desk.person_id, channel="web", check_id=check)
        async with desk.steps.step(desk.application_id, uuid4()) as step:
            seen.append(asdict((await desk.judge().judge(step)).assessment))
    assert seen[0] == seen[1] == seen[2]
    assert not [
        name for name in seen[0]["features"] if any(word in name for word in ("face", "live", "video", "branch"))
    ]

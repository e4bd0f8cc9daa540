"""The row of a task, its clock, and the person's answer."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from temporalio import activity

from activities.collateral_steps import WHY
from activities.ports import tasks as port
from activities.ports.intake import Standing
from activities.ports.tasks import TaskCase, TaskDone, TaskPlan
from activities.steps import Step, Steps
from db import applications, clocks, handing_up, offline, our_clock
from db.reading import REVIEW
from db.tables import Command, Task
from lending.identifiers import derived_id
from lending.refusals import ReviewClosed
from lending.workbench import REMIND_AT


class Tasks(port.Tasks):
    """Open, remind, escalate, finish."""

    def __init__(self, steps: Steps, outside: Collection[str] = ()) -> None:
        """``outside``: kinds of task that others than we make a case wait for; a review's clock stands meanwhile."""
        self._steps = steps
        self._outside = outside

    @activity.defn
    async def plan_task(self, case: TaskCase) -> TaskPlan:
        """The instants of reminder and escalation."""
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, case.task_id)
            reading = await clocks.read(session, self._steps.clock_id)
            remind_at = task.created_at + (task.due_at - task.created_at) * float(REMIND_AT)
            escalate_at = task.due_at
            away = await our_clock.back_at(session, task, self._outside, reading.now) if task.kind == REVIEW else None
            if away is not None:  # our time stands: neither is due before it is ours again
                remind_at, escalate_at = max(remind_at, away), max(escalate_at, away)
            workflow_id = clocks.workflow_of("task", task.id)
            until = escalate_at if task.reminded_at else remind_at
            await clocks.note_wait(session, self._steps.clock_id, workflow_id, until)
            kept = task.params.get(offline.KEPT_UNTIL)
            return TaskPlan(
                kept_until=datetime.fromisoformat(kept) if kept else None,
                remind_at=remind_at,
                escalate_at=escalate_at,
                remind_in=None if task.reminded_at or task.state != "open" else reading.seconds_until(remind_at),
                escalate_in=None if task.escalated_at or task.state != "open" else reading.seconds_until(escalate_at),
            )

    @activity.defn
    async def remind_task(self, case: TaskCase) -> None:
        """Once: the task stands out in the inbox and on the timeline."""
        application_id, kind, said = await self._told_of(case.task_id, "reminded")
        async with self._steps.step(application_id, case.task_id, kind) as step:
            task = await applications.task(step.session, case.task_id)
            if step.done or task.state != "open" or await self._others_have_it(step, task, float(REMIND_AT)):
                return
            task.reminded_at = step.now
            await step.tell(kind, **said)

    @activity.defn
    async def escalate_task(self, case: TaskCase) -> Standing:
        """Once: to the team lead, with a new promise that the customer sees."""
        application_id, kind, said = await self._told_of(case.task_id, "escalated")
        async with self._steps.step(application_id, case.task_id, kind) as step:
            task = await applications.task(step.session, case.task_id)
            waits = not step.done and task.state == "open" and task.escalated_at is None
            if waits and not await self._others_have_it(step, task):
                who, due_at = await handing_up.hand_up(step.session, task, step.now)
                named = {"who": who} if who else {}
                if task.params.get("why") != WHY:  # nobody's decision waits for it
                    step.application.due_at = due_at
                step.stay(**step.application.note)
                await step.tell(kind, due_at=due_at.isoformat(), **named, **said)
                if task.kind == REVIEW or said:
                    late = f"{kind.removesuffix('_escalated')}_late"
                    about = {"task_id": str(task.id)} if task.kind != REVIEW else {}
                    await step.notify(late, due_at=due_at.isoformat(), **about, **named, **said)
            standing = await step.standing()
            again = task.state == "open" and task.escalated_at is None
            return replace(standing, again=again) if again else standing

    @activity.defn
    async def finish_task(self, done: TaskDone) -> Standing:
        """The first answer counts."""
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, done.task_id)
            command = await session.get_one(Command, done.command_id)
            application = await applications.locked(session, task.application_id)
            if task.state == "open":
                now = await clocks.now(session, self._steps.clock_id)
                _answer(task, command.detail or {}, by=done.command_id)
                task.finished_at = now
                if offline.is_outside(task):
                    kind = f"offline_{(task.outcome or {}).get('result', 'done')}"
                    await applications.tell(
                        session,
                        application,
                        event_id=derived_id("timeline", f"{done.command_id}/{kind}"),
                        kind=kind,
                        actor="manager",
                        at=now,
                        params={"offline_kind": task.kind},
                    )
                    review = await our_clock.review_of(session, application) if task.kind in self._outside else None
                    if review is not None:  # it is ours again: what is left of our time begins now
                        await session.flush()
                        await our_clock.move(session, review, application, self._outside, now)
            elif (task.outcome or {}).get("command") != str(done.command_id):
                raise ReviewClosed
            await clocks.forget(session, clocks.workflow_of("task", task.id))
            return Standing(stage=application.stage, version=application.version)

    @activity.defn
    async def cancel_task(self, case: TaskCase) -> None:
        """Nobody needs to act any more."""
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, case.task_id)
            if task.state == "open":
                task.state = "cancelled"
                task.finished_at = await clocks.now(session, self._steps.clock_id)
            await clocks.forget(session, clocks.workflow_of("task", task.id))

    async def _others_have_it(self, step: Step, task: Task, part: float = 1) -> bool:
        """Whether a review waits for somebody outside, or did, so that this ``part`` of our own time is not gone: its
        day moves with theirs, and nobody of ours is late (P33)."""
        if task.kind != REVIEW:
            return False
        waits = await our_clock.move(step.session, task, step.application, self._outside, step.now)
        moved = our_clock.OURS in task.params
        return waits or (moved and step.now < task.created_at + (task.due_at - task.created_at) * part)

    async def _told_of(self, task_id: UUID, what: str) -> tuple[UUID, str, dict[str, Any]]:
        """Whose story a task belongs to, and how it is told there: ``review_reminded``, ``call_back_escalated``."""
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, task_id)
            if offline.is_outside(task):
                return task.application_id, f"offline_{what}", {"offline_kind": task.kind}
            return task.application_id, f"{task.kind}_{what}", {}


def _answer(task: Task, detail: dict[str, Any], *, by: UUID) -> None:
    task.state = "done"
    task.outcome = {**detail, "command": str(by)}

"""Sending people out: tasks outside that come before a decision, each with who has it and by when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activities.steps import Step
from db import desk, managing, offline
from db.offline import New
from db.tables import Task
from lending.applications import Stage
from lending.identifiers import derived_id
from lending.offline import Kind, OfflinePolicy
from lending.verdicts import Reason


async def wanted_outside(step: Step, policy: OfflinePolicy) -> tuple[Kind, ...]:
    """What the rules want seen before somebody decides. What was tried is not asked again by itself: whoever decides
    reads why it was not possible."""
    application = step.application
    asked = policy.asked_of(application.product_id, application.amount_minor)
    tried = {task.kind for task in await offline.of_application(step.session, application.id)} if asked else set[str]()
    return tuple(kind for kind in asked if kind.id not in tried)


async def ask_outside(step: Step, kinds: tuple[Kind, ...], *, why: str, words: str = "") -> None:
    """Open the tasks; the customer reads the same names and times. ``words``: of whoever asked for it."""
    due_at = step.now
    for kind in kinds:
        task_id = derived_id("task", f"{step.cause}/{kind.id}")
        new = New(task_id, kind.id, kind.role, kind.within, kind.kept_open, why, words)
        opened = await offline.open_task(step.session, step.application, new, now=step.now)
        due_at = max(due_at, opened.due_at)
    wait_for_people(step, due_at)
    said: dict[str, Any] = {"offline_kinds": [kind.id for kind in kinds], "due_at": due_at.isoformat()}
    await step.tell("offline_asked", **said)
    await step.notify("offline_asked", **said)


async def open_review(step: Step, reasons: Sequence[Reason], due_at: datetime) -> None:
    """A case for a person: the customer's own manager if they are there, else whoever takes it."""
    application = step.application
    comes = await managing.who_comes(step.session, application.person_id, managing.MANAGER, step.now)
    if comes and await desk.employee(step.session, comes) in await desk.who_said_no(step.session, application.id):
        comes = None  # their own no is looked at again by somebody else
    step.session.add(
        Task(
            id=derived_id("task", str(step.cause)),
            kind="review",
            application_id=application.id,
            person_id=application.person_id,
            role=managing.MANAGER,
            owner_id=comes,
            state="open",
            params={"reasons": [{"code": reason.code, "params": dict(reason.params)} for reason in reasons]},
            created_at=step.now,
            due_at=due_at,
        )
    )


def wait_for_people(step: Step, due_at: datetime) -> None:
    """From one person to the next the stage stays the same; only the time is another."""
    if step.stage is not Stage.REVIEW:
        step.move(Stage.REVIEW, until=due_at)
        return
    step.application.due_at = due_at
    step.stay()

"""A credit line's draws and what is done to it: each in one transaction, under the line's lock."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.filing import document, stored_once
from activities.ports import lines as port
from activities.ports.lines import LineActWanted, LineCase, LineDone, LineStanding, TaskToEnd
from activities.printing import Concluded, Printer
from activities.signatures import Signatures
from activities.steps import Step, Steps
from db import applications, clocks, lines
from db.tables import Command, CreditLine, LineChange, Task
from infra.storage import Storage
from infra.updates import Envelope, NoAnswer, send
from lending.applications import REVIEW_WITHIN
from lending.calendars import Jurisdiction, business_date, midnight_after
from lending.identifiers import derived_id
from lending.line import LineAct, LineState, change
from lending.products import LineRules, Product
from policies.book import PolicyBook

log = structlog.get_logger()
# A task answers from its worker's memory.
ONE_WORD = timedelta(seconds=5)


class NotHeard(Exception):
    """A task did not answer: it is told again."""


class Lines(port.Lines):
    """Look, draw, ask again, change."""

    def __init__(
        self,
        steps: Steps,
        book: PolicyBook,
        printer: Printer,
        signatures: Signatures,
        storage: Storage,
        starter: "Starter",
        *,
        jurisdiction: str,
    ) -> None:
        self._steps = steps
        self._book = book
        self._printer = printer
        self._signatures = signatures
        self._storage = storage
        self._starter = starter
        self._jurisdiction = Jurisdiction(jurisdiction)

    # --- what comes by itself -----------------------------------------------------------------------------------------

    @activity.defn
    async def look_at_line(self, case: LineCase) -> LineStanding:
        """Until its review, then until its last day has passed."""
        async with self._steps.step(await application_of(self._steps, case.line_id), case.line_id, "line_over") as step:
            line = await lines.locked(step.session, case.line_id)
            today = business_date(step.now, self._jurisdiction)
            if today > line.expires_on or line.state == LineState.CLOSED:
                if not step.done and line.state != LineState.CLOSED:
                    await step.tell("line_over", on=line.expires_on.isoformat())
                    await step.notify("line_over", on=line.expires_on.isoformat())
                await clocks.forget(step.session, clocks.workflow_of("line", line.id))
                return LineStanding("over", line.version, None, 0.0)
            review = line.review_on <= line.expires_on and today >= line.review_on
            next_on = line.expires_on if today >= line.review_on else line.review_on - timedelta(days=1)
            wakes_at = midnight_after(next_on, self._jurisdiction)
            await clocks.note_wait(step.session, self._steps.clock_id, clocks.workflow_of("line", line.id), wakes_at)
            return LineStanding(line.state, line.version, wakes_at, step.clock.seconds_until(wakes_at), review)

    @activity.defn
    async def file_line_contract(self, case: LineCase) -> None:
        """Printed after the signature, since nobody waits for it; the hash of what was shown stands in it."""
        async with self._steps.sessions.begin() as session:
            line = await lines.line_of(session, case.line_id)
            application = await applications.locked(session, line.application_id)
            concluded = await self._printer.signed(session, application)
        puts = [
            (kind, await stored_once(self._storage, f"{kind}/{case.line_id}", self._signing(data, concluded)))
            for kind, data in concluded.documents
        ]
        async with self._steps.step(application.id, case.line_id, "contract_filed") as step:
            if step.done:
                return
            for kind, put in puts:
                step.session.add(
                    document(
                        f"{kind}/{case.line_id}",
                        application_id=step.application.id,
                        person_id=step.application.person_id,
                        kind=kind,
                        put=put,
                        at=step.now,
                    )
                )
            step.stay(**step.application.note)
            await step.tell("contract_filed")

    def _signing(self, data: bytes, concluded: Concluded) -> Callable[[], Awaitable[bytes]]:
        return lambda: self._signatures.on(data, concluded.act, concluded.others)

    # --- what is done to a line ---------------------------------------------------------------------------------------

    @activity.defn
    async def act_on_line(self, wanted: LineActWanted) -> LineDone:
        """The rule first: a signed clause that allows it, and a reason. The owner is told, and how to object."""
        async with self._steps.step(
            await application_of(self._steps, wanted.line_id), wanted.cause, "line_changed"
        ) as step:
            line = await lines.locked(step.session, wanted.line_id)
            command = await step.session.get_one(Command, wanted.cause)
            said = command.detail or {}
            if step.done:
                return LineDone(line.state, line.version, _uuid(said.get("task_id")))
            act = LineAct(said["act"])
            made = change(
                act=act,
                clause=str(said.get("clause", "")),
                reason=str(said["reason"]),
                signed=line.clauses,
                state=LineState(line.state),
                limit_minor=line.limit_minor,
                signed_limit_minor=line.signed_limit_minor,
                new_limit_minor=said.get("limit_minor"),
            )
            row = LineChange(
                id=derived_id("line-change", str(wanted.cause)),
                line_id=line.id,
                person_id=line.person_id,
                act=act.value,
                state_before=line.state,
                state_after=made.state.value,
                limit_before_minor=line.limit_minor,
                limit_after_minor=made.limit_minor,
                clause=line.clause if act is LineAct.KEEP else str(said.get("clause", "")),
                reason=str(said["reason"]),
                by=str(said["by"]),
                checked_by=said.get("checked_by"),
                at=step.now,
            )
            lines.note_change(step.session, line, row, step.now)
            if act is LineAct.KEEP:  # a person looked: what they saw is new enough to pay on
                _, rules = rules_of(self._book, line)
                line.fresh_until = business_date(step.now, self._jurisdiction) + timedelta(days=rules.fresh_days)
            task_id = await self._answered(step, line, wanted.cause, act)
            params = {
                "act": act.value,
                "clause": row.clause,
                "words": row.reason,
                "limit_minor": line.limit_minor,
                "currency": line.currency,
            }
            step.stay(**step.application.note)
            await step.tell("line_changed", actor="manager", **params)
            await step.notify(f"line_{_TOLD[act]}", **params)
            return LineDone(line.state, line.version, task_id)

    async def _answered(self, step: Step, line: CreditLine, cause: UUID, act: LineAct) -> UUID | None:
        """What is done answers whoever asked a person to look."""
        task = await lines.open_review(step.session, line.application_id)
        if task is None:
            return None
        task.state, task.finished_at = "done", step.now
        task.outcome = {"act": act.value, "command": str(cause)}
        return task.id

    @activity.defn
    async def open_line_review(self, case: LineCase) -> LineDone:
        """The same clock as for a machine's no (个保法 24); the owner reads it."""
        async with self._steps.step(
            await application_of(self._steps, case.line_id), case.cause, "line_review_asked"
        ) as step:
            line = await lines.locked(step.session, case.line_id)
            if not step.done:
                await ask_person(step, line, [{"code": "asked_by_owner", "params": {}}], asked_by_owner=True)
                step.stay(**step.application.note)
                await step.tell("line_review_asked", actor="owner")
            task = await lines.open_review(step.session, line.application_id)
            return LineDone(line.state, line.version, task.id if task else None)

    @activity.defn
    async def start_line_task(self, task: TaskToEnd) -> None:
        """Its clock: reminded, handed up."""
        await self._starter.start("OfflineTask", "task", task.task_id, "task_id")

    @activity.defn
    async def end_line_task(self, task: TaskToEnd) -> None:
        """The answer stands in its row; the clock stops."""
        await self._starter.end_task(task.task_id, task.cause)


_TOLD = {
    LineAct.FREEZE: "frozen",
    LineAct.REDUCE: "reduced",
    LineAct.CLOSE: "closed",
    LineAct.CALL: "closed",
    LineAct.REOPEN: "reopened",
    LineAct.KEEP: "kept",
}


def _uuid(text: object) -> UUID | None:
    return UUID(str(text)) if text else None


async def ask_person(
    step: Step, line: CreditLine, reasons: Sequence[Mapping[str, Any]], *, asked_by_owner: bool
) -> None:
    """A task with its clock, and the owner reads the same time; one at a time."""
    if await lines.open_review(step.session, line.application_id) is not None:
        return
    due_at = step.now + REVIEW_WITHIN
    step.session.add(
        Task(
            id=derived_id("task", f"line/{step.cause}"),
            kind=lines.REVIEW,
            application_id=line.application_id,
            person_id=line.person_id,
            role="officer",
            state="open",
            params={"line_id": str(line.id), "reasons": list(reasons)},
            created_at=step.now,
            due_at=due_at,
        )
    )
    await step.session.flush()
    await step.notify("line_review_opened", due_at=due_at.isoformat(), asked=asked_by_owner)


async def application_of(steps: Steps, line_id: UUID) -> UUID:
    """The application that a line was signed by."""
    async with steps.sessions.begin() as session:
        return (await lines.line_of(session, line_id)).application_id


def rules_of(book: PolicyBook, line: CreditLine) -> tuple[Product, LineRules]:
    """The product of a line, and what makes it one."""
    product = book.product(line.product_id)
    if product.line is None:
        raise LookupError(f"{line.product_id} is no line")
    return product, product.line


class Starter:
    """Starts stories that are nobody's children: a line continues as new and would take a child with it."""

    def __init__(self, temporal: Client, *, task_queue: str, clock_id: str) -> None:
        self._temporal = temporal
        self._task_queue = task_queue
        self._clock_id = clock_id

    async def start(self, story: str, kind: str, object_id: UUID, name: str) -> None:
        """One that runs already is the same."""
        try:
            await self._temporal.start_workflow(
                story,
                {name: str(object_id), "clock_id": self._clock_id},
                id=clocks.workflow_of(kind, object_id),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            log.info("already_started", story=story, object_id=str(object_id))

    async def end_task(self, task_id: UUID, cause: UUID) -> None:
        """Tell a person's task that it was answered; one that has ended needs no telling."""
        envelope = Envelope(
            workflow_type="OfflineTask",
            workflow_id=clocks.workflow_of("task", task_id),
            update="finish",
            update_id=str(cause),
            argument={"command_id": str(cause)},
        )
        answer = await send(self._temporal, envelope, task_queue=self._task_queue, deadline=ONE_WORD)
        if isinstance(answer, NoAnswer):
            raise NotHeard(envelope.workflow_id)

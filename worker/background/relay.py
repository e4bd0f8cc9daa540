"""Delivers commands that their request could not: with the same update id, so that twice said is once done."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from db import commands
from db.tables import Command
from infra.telemetry import counter, gauge
from infra.updates import Answer, Done, Envelope, Missing, NoAnswer, Over, Refused, send
from lending.refusals import NotInThisStage, Refusal, refusal_from, type_of

if TYPE_CHECKING:
    from worker.wiring import Wired

log = structlog.get_logger(__name__)
delivered = counter("commands_delivered", "Commands that the relay settled", ("outcome",))
oldest = gauge("command_oldest_seconds", "Age of the oldest waiting command")

AT_ONCE = 20
DEADLINE = timedelta(seconds=10)
LEASE = DEADLINE + timedelta(seconds=5)
# An outage of Temporal lasts as long as it lasts: only answers that no retry can change count towards death.
LONGEST_WAIT = timedelta(seconds=30)
FAULTS_TO_DEATH = 10
# A task's or payout's workflow is started by another one: it is there within seconds, or something is lost.
MISSING_TO_DEATH = 40


class Relay:
    """Takes what is due, sends it, writes down what became of it."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._temporal = wired.temporal
        self._queue = wired.settings.temporal_task_queue

    async def round(self) -> bool:
        """One batch; True if it was full."""
        async with self._sessions.begin() as session:
            due = await commands.take_due(session, datetime.now(UTC), limit=AT_ONCE, lease=LEASE)
            waiting, since = await commands.waiting_since(session, datetime.now(UTC))
        oldest.set((datetime.now(UTC) - since).total_seconds() if waiting and since else 0)
        await asyncio.gather(*(self._deliver(command) for command in due))
        return len(due) == AT_ONCE

    async def _deliver(self, command: Command) -> None:
        envelope = Envelope(
            workflow_type=command.workflow_type,
            workflow_id=command.workflow_id,
            update=command.name,
            update_id=str(command.id),
            argument=command.argument,
            start=command.start,
        )
        answer = await send(self._temporal, envelope, task_queue=self._queue, deadline=DEADLINE)
        await self._settle(command, answer)

    async def _settle(self, command: Command, answer: Answer) -> None:
        now = datetime.now(UTC)
        refusal = refusal_of(answer, command.name)
        async with self._sessions.begin() as session:
            if isinstance(answer, Done):
                await commands.finish_command(session, command.id, answer.result, now)
                outcome = "done"
            elif refusal is not None:
                await commands.refuse_command(session, command.id, type(refusal).__name__, refusal.params, now)
                outcome = "refused"
            elif (why := _hopeless(command, answer)) is not None:
                await commands.bury_command(session, command.id, why, now)
                outcome = "dead"
                log.error(
                    "command.dead",
                    command_id=str(command.id),
                    workflow_id=command.workflow_id,
                    attempt=command.attempts,
                    reason=why,
                )
            else:
                await commands.postpone_command(session, command.id, now + pause_after(command.attempts))
                outcome = "postponed"
        delivered.labels(outcome).inc()


def refusal_of(answer: Answer, update: str) -> Refusal | None:
    """The business no in an answer; a workflow that has ended refuses every act."""
    match answer:
        case Refused(type_name, message, details):
            if details is not None and type_name in type_of:
                return type_of[type_name](**details)
            return refusal_from(type_name, message)
        case Over():
            return NotInThisStage(stage="ended", step=update)
        case _:
            return None


def _hopeless(command: Command, answer: Answer) -> str | None:
    match answer:
        case Refused(type_name) if command.attempts >= FAULTS_TO_DEATH:
            return type_name
        case Missing() if command.attempts >= MISSING_TO_DEATH:
            return "workflow_missing"
        case NoAnswer() | _:
            return None


def pause_after(attempts: int) -> timedelta:
    """Doubling from half a second up to the longest wait, with some chance, so that many do not come at once."""
    wait = min(timedelta(seconds=0.25 * 2 ** min(attempts, 10)), LONGEST_WAIT)
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 (spreads load, guards nothing)

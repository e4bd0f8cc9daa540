"""Looks for what fell between two chairs: objects under way whose workflow does not run, commands that wait too long.

A payout's or loan's story goes on from its rows, so its workflow is simply started again. An application's workflow
knows more than its row; one that is lost is for a person, and is told aloud.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from db import clocks, commands, doors
from db.commands import UnderWay
from infra.telemetry import counter, gauge

if TYPE_CHECKING:
    from worker.wiring import Wired

log = structlog.get_logger(__name__)
restarted = counter("workflows_restarted", "Workflows that the reconciler started again", ("kind",))
lost = gauge("applications_lost", "Applications under way whose workflow does not run, as last seen")
stuck = gauge("commands_stuck", "Commands that wait for longer than a minute")

A_ROUND = 100
# Younger than that, whoever made it may still be starting its workflow (business time; generous under time-lapse).
SETTLED = timedelta(minutes=2)
TOO_LONG = timedelta(minutes=1)
ANSWERS_KEPT = timedelta(days=30)
FIRST = UUID(int=0)
WORKFLOWS = {"payout": "Payout", "line": "CreditLine", "loan": "Loan"}
ARGUMENTS = {"payout": "payout_id", "line": "line_id", "loan": "loan_id"}


class Reconciler:
    """Compares rows with running workflows, a page of each kind a round."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._temporal = wired.temporal
        self._settings = wired.settings
        self._after = dict.fromkeys(commands.KINDS, FIRST)
        self._lost: set[UUID] = set()

    async def round(self) -> bool:
        """One page of each kind, then the housekeeping; never more at once."""
        for kind in commands.KINDS:
            await self._page(kind)
        await self._housekeeping()
        return False

    async def _page(self, kind: str) -> None:
        async with self._sessions.begin() as session:
            before = await clocks.now(session, self._settings.clock_id) - SETTLED
            page = await commands.under_way(session, kind, before=before, after=self._after[kind], limit=A_ROUND)
        self._after[kind] = page[-1].id if len(page) == A_ROUND else FIRST
        for one in page:
            await self._compare(one)

    async def _compare(self, one: UnderWay) -> None:
        if await self._runs(clocks.workflow_of(one.kind, one.id)):
            self._lost.discard(one.id)
        elif one.kind in WORKFLOWS:
            await self._restart(one)
        elif not await self._waits_for_relay(one):
            if one.id not in self._lost:
                log.error("application.without_workflow", application_id=str(one.id))
            self._lost.add(one.id)
        lost.set(len(self._lost))

    async def _runs(self, workflow_id: str) -> bool:
        try:
            found = await self._temporal.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def _waits_for_relay(self, one: UnderWay) -> bool:
        """A command that carries its workflow's start is on its way: the relay starts it."""
        async with self._sessions.begin() as session:
            return await commands.waits(session, clocks.workflow_of(one.kind, one.id))

    async def _restart(self, one: UnderWay) -> None:
        try:
            await self._temporal.start_workflow(
                WORKFLOWS[one.kind],
                {ARGUMENTS[one.kind]: str(one.id), "clock_id": self._settings.clock_id},
                id=clocks.workflow_of(one.kind, one.id),
                task_queue=self._settings.temporal_task_queue,
                # Its rows say that it is under way: a run that failed may be repeated, one that runs may not.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            return
        restarted.labels(one.kind).inc()
        log.error("workflow.restarted", workflow_id=clocks.workflow_of(one.kind, one.id), kind=one.kind)

    async def _housekeeping(self) -> None:
        now = datetime.now(UTC)
        async with self._sessions.begin() as session:
            count, since = await commands.waiting_since(session, now - TOO_LONG)
            await commands.forget_answers(session, now - ANSWERS_KEPT)
            await doors.sweep_limits(session)
        stuck.set(count)
        if count and since:
            log.error("commands.stuck", count=count, seconds=round((now - since).total_seconds()))

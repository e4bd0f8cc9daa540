"""``python -m worker``: runs workflows and activities, and what must happen behind them."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.worker import Worker

import policies
from db import clocks, ledger
from infra import collecting, failpoints, logs
from infra.settings import Profile, Settings, settings
from lending.calendars import Jurisdiction, business_date
from lending.money import Money
from worker import sandbox
from worker.background import clockwatch
from worker.background.bell import Bell
from worker.background.crew import crew
from worker.interceptors import OurActivities
from worker.wiring import Wired, wire
from workflows.stories import STORIES

log = structlog.get_logger()
# A worker that is killed is replaced within a second instead of fifteen.
STICKY = timedelta(seconds=1)
LAST_WORDS = timedelta(seconds=5)
LAST_MOMENT = timedelta(seconds=8)


async def main(chosen: Settings) -> None:
    """Run until told to stop."""
    failpoints.refuse_in_production(chosen.profile)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with wire(chosen) as wired:
        await _begin(wired)
        worker = Worker(
            wired.temporal,
            task_queue=chosen.temporal_task_queue,
            workflows=STORIES,
            activities=wired.activities,
            workflow_runner=sandbox.runner(),
            interceptors=[OurActivities()],
            sticky_queue_schedule_to_start_timeout=STICKY,
            graceful_shutdown_timeout=LAST_WORDS,
            max_concurrent_activities=20,
            max_concurrent_local_activities=20,
        )
        async with worker:
            collecting.settle()
            behind = [asyncio.create_task(job) for job in _behind(wired)]
            _ready(chosen.ready_file)
            await stop.wait()
            _leave_at_the_latest()
            for job in behind:
                job.cancel()
            await asyncio.gather(*behind, return_exceptions=True)


async def _begin(wired: Wired) -> None:
    """The clock runs, the books are open and the calendar of the jurisdiction turns, once and for ever."""
    chosen = wired.settings
    await wired.storage.ensure_bucket()
    async with wired.sessions.begin() as session:
        await clocks.ensure(session, chosen.clock_id)
        now = await clocks.now(session, chosen.clock_id)
        on = business_date(now, Jurisdiction(chosen.jurisdiction))
        for currency, amount in policies.load().lender.capital.items():
            await ledger.open_books(session, Money.parse(amount, currency).minor, currency, at=now, on=on)
    await wired.temporal.start_workflow(
        "Calendar",
        {"jurisdiction": chosen.jurisdiction, "clock_id": chosen.clock_id},
        id=f"calendar/{chosen.jurisdiction}",
        task_queue=chosen.temporal_task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


def _behind(wired: Wired) -> list[Coroutine[Any, Any, None]]:
    bell = Bell(wired.settings, clocks.CHANNEL)
    watching = clockwatch.watch(wired.sessions, wired.temporal, wired.settings.clock_id, bell)
    jobs = [_warm(wired), bell.listening(), watching, *crew(wired)]
    chosen = wired.settings
    if chosen.profile is not Profile.PRODUCTION:
        jobs.append(clockwatch.lead(wired.sessions, chosen.clock_id, chosen.jurisdiction))
    if chosen.clock_speed > 1:
        jobs.append(clockwatch.lapse(wired.sessions, chosen.clock_id, chosen.jurisdiction, chosen.clock_speed))
    return jobs


async def _warm(wired: Wired) -> None:
    """Load the model before the first applicant waits for it; where that fails, the decision tries again."""
    try:
        await wired.champion.warm()
    except Exception as error:
        log.warning("model_not_warm", error=type(error).__name__)


def _leave_at_the_latest() -> None:
    """A step that fails again and again must not hold a shutdown; what is cut off is done again by the next worker."""
    timer = threading.Timer(LAST_MOMENT.total_seconds(), os._exit, args=(0,))
    timer.daemon = True
    timer.start()


def _ready(marker: Path | None) -> None:
    if marker is not None:
        marker.touch()
    log.info("worker_ready")


if __name__ == "__main__":
    logs.configure(settings(), "worker")
    asyncio.run(main(settings()))
    # The SDK's native threads sometimes abort an interpreter that takes its time to leave.
    sys.stdout.flush()
    os._exit(0)

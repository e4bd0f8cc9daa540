"""Wakes workflows when the business clock is moved, and runs the time-lapse of an embedded world."""

import asyncio

import structlog
from sqlalchemy import func, select
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from db import clocks, pacing
from db.clocks import Reading
from db.sessions import Sessions
from db.tables import Loan
from worker.background.bell import Bell

log = structlog.get_logger()
# Whoever moves the clock rings; this is for a ring that nobody heard.
LOOK_EVERY = 1.0
# How soon a first funded loan starts the time-lapse.
LAPSE_EVERY = 0.3
AT_ONCE = 16
# A step of a clock that is led: short beside a close, which takes some tenths of a second.
STEP_EVERY = 0.1


async def watch(sessions: Sessions, temporal: Client, clock_id: str, bell: Bell) -> None:
    """Tell every workflow whose instant has come, or all of them when the speed changed; for ever."""
    seen: Reading | None = None
    while True:
        try:
            seen = await _look(sessions, temporal, clock_id, seen)
        except Exception as error:
            log.warning("clockwatch_failed", error=type(error).__name__)
            await asyncio.sleep(1)
        await bell.wait(clocks.CHANNEL, LOOK_EVERY)


async def _look(sessions: Sessions, temporal: Client, clock_id: str, seen: Reading | None) -> Reading:
    async with sessions.begin() as session:
        reading = await clocks.read(session, clock_id)
        if seen is not None and reading.count == seen.count:
            return reading
        faster = seen is not None and reading.speed != seen.speed
        waiting = await clocks.waiters(session, clock_id, None if faster else reading.now)
    if seen is not None and waiting:
        gate = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(_wake(sessions, temporal, gate, workflow_id, reading.count) for workflow_id in waiting))
    return reading


async def _wake(sessions: Sessions, temporal: Client, gate: asyncio.Semaphore, workflow_id: str, segment: int) -> None:
    async with gate:
        try:
            await temporal.get_workflow_handle(workflow_id).execute_update(
                "clock_moved", {"segment": segment}, id=f"clock/{segment}/{workflow_id}"
            )
        except WorkflowUpdateFailedError:
            log.info("clock_update_refused", workflow_id=workflow_id)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            async with sessions.begin() as session:
                await clocks.forget(session, workflow_id)


async def lead(sessions: Sessions, clock_id: str, jurisdiction: str) -> None:
    """Take the clock where it was asked to go, never past what is promised or not closed yet; for ever."""
    while True:
        going = False
        try:
            async with sessions.begin() as session:
                going = await pacing.step(session, clock_id, jurisdiction)
        except Exception as error:
            log.warning("clock_not_led", error=type(error).__name__)
        await asyncio.sleep(STEP_EVERY if going else LAPSE_EVERY)


async def lapse(sessions: Sessions, clock_id: str, jurisdiction: str, speed: int) -> None:
    """Time runs fast while somebody has a loan, and like anywhere else while nobody has; for ever."""
    while True:
        try:
            async with sessions.begin() as session:
                live = await session.scalar(select(func.count()).where(Loan.state == "live")) or 0
                reading = await clocks.read(session, clock_id)
                wanted = speed if live else 1
                if reading.wish.speed != wanted and _lapsing(reading, speed):
                    await pacing.go(session, clock_id, jurisdiction, speed=wanted, reason="time_lapse")
        except Exception as error:
            log.warning("time_lapse_failed", error=type(error).__name__)
        await asyncio.sleep(LAPSE_EVERY)


def _lapsing(reading: Reading, speed: int) -> bool:
    """A speed that a person set by hand is theirs, and so is a day that they are on their way to."""
    return reading.wish.speed in (1, speed) and reading.wish.until is None

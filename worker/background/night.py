"""What is done once for each business day after its close: models are looked at, loans, limits, the training store.

No workflow: each job is one transaction of ours with its own row, so that a job that fails is done again and one that
was done is not. Days that nobody looked at are not made up for: every job looks at all that there is by its day.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import clocks, watching

if TYPE_CHECKING:
    from worker.wiring import Wired

log = structlog.get_logger(__name__)


class Job(Protocol):
    """Looks at the world as of a closed day; gives back what it did in figures."""

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """One transaction."""
        ...


class NightWatch:
    """One look each round: a job of the newest closed day that nobody has done."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._clock_id = wired.settings.clock_id
        self._jurisdiction = wired.settings.jurisdiction
        self._jobs = wired.night

    async def round(self) -> bool:
        """Do what is left of the newest night. A job that fails does not keep the others from their turn."""
        failed: Exception | None = None
        for name, job in self._jobs.items():
            try:
                await self._do(name, job)
            except Exception as error:
                log.warning("night.failed", job=name, error=type(error).__name__)
                failed = error
        if failed is not None:
            raise failed
        return False

    async def _do(self, name: str, job: Job) -> None:
        async with self._sessions.begin() as session:
            on = await watching.newest_closed_day(session, self._jurisdiction)
            now = await clocks.now(session, self._clock_id)
            if on is None or not await watching.begin_night(session, name, self._jurisdiction, on, now):
                return
            done = await job.look(session, on, now)
            await watching.end_night(session, name, self._jurisdiction, on, done)
        log.info("night.done", job=name, on=on.isoformat())

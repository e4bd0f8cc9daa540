"""Answers asks to write to somebody about credit, by day, and sends what the rule lets through."""

from datetime import datetime, time
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import clocks, nudges
from infra.telemetry import counter
from lending.calendars import Jurisdiction
from lending.nudges import OWED, answer
from lending.quiet_hours import is_quiet

if TYPE_CHECKING:
    from worker.wiring import Wired

answered = counter("nudges", "Asks to write to somebody about credit, by what became of them", ("answer",))


class Nudger:
    """One look at all open asks each round, on the business clock."""

    def __init__(self, wired: "Wired", quiet: tuple[time, time], *, a_day: int, a_week: int) -> None:
        self._sessions = wired.sessions
        self._clock_id = wired.settings.clock_id
        self._jurisdiction = Jurisdiction(wired.settings.jurisdiction)
        self._quiet = quiet
        self._a_day, self._a_week = a_day, a_week

    async def round(self) -> bool:
        """Several processes share the rows. True: there may be more at once."""
        async with self._sessions.begin() as session:
            return await self.look(session, await clocks.now(session, self._clock_id)) == nudges.A_TIME

    async def look(self, session: AsyncSession, now: datetime) -> int:
        """Every open ask as of ``now``; how many were answered."""
        quiet, done = is_quiet(now, self._quiet, self._jurisdiction), 0
        for row in await nudges.open_asks(session):
            if row.kind in OWED:
                most = {"a_day": self._a_day, "a_week": self._a_week}
                said = await nudges.settle_owed(session, row, now, quiet=quiet, **most)
            else:
                said = await nudges.settle(session, row, answer, now, quiet=quiet)
            if said is not None:
                answered.labels(said.value).inc()
                done += 1
        return done

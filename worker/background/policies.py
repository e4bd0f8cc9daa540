"""Keeps the policy of a worker at what is in force: by the business day, and by what two people released."""

from typing import TYPE_CHECKING

from db import clocks, policy_releases
from lending.calendars import Jurisdiction, business_date
from policies.in_force import InForce
from policies.releases import Released

if TYPE_CHECKING:
    from worker.wiring import Wired


class PolicyWatch:
    """One look each round; every room of the process holds the book that it turns."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._settings = wired.settings
        self._kept = InForce(wired.book)

    async def round(self) -> bool:
        """Turn the book where a day has come or something was released."""
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._settings.clock_id)
            released = [Released(*one) for one in await policy_releases.released(session)]
        await self._kept.turn(business_date(now, Jurisdiction(self._settings.jurisdiction)), released)
        return False

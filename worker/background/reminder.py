"""Reminds of drafts that were left, by day, rarely, and never those who said no; forgets drafts that nobody wants."""

from datetime import time
from typing import TYPE_CHECKING

from db import applications, clocks, drafts
from infra.telemetry import counter
from lending.calendars import Jurisdiction
from lending.drafts import KEPT_FOR, reminds
from lending.identifiers import derived_id
from lending.quiet_hours import is_quiet

if TYPE_CHECKING:
    from worker.wiring import Wired

reminded = counter("drafts_reminded", "Reminders of drafts, and drafts forgotten", ("what",))


class Reminder:
    """One look at all drafts each round, on the business clock."""

    def __init__(self, wired: "Wired", quiet: tuple[time, time]) -> None:
        self._sessions = wired.sessions
        self._storage = wired.storage
        self._clock_id = wired.settings.clock_id
        self._jurisdiction = Jurisdiction(wired.settings.jurisdiction)
        self._quiet = quiet

    async def round(self) -> bool:
        """Forget what is too old; remind of the rest where it is time. Several processes share the rows."""
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._clock_id)
            reminded.labels("forgotten").inc(await drafts.forget_old(session, self._storage, now, KEPT_FOR))
            if is_quiet(now, self._quiet, self._jurisdiction):
                return False
            for row in await drafts.waiting(session, now):
                due = reminds(
                    now,
                    changed_at=row.changed_at,
                    reminded=row.reminded,
                    reminded_at=row.reminded_at,
                    wanted=row.reminders_wanted,
                )
                if not due:
                    continue
                await applications.notify_person(
                    session,
                    notice_id=derived_id("notice", f"{row.id}/{row.version}/{row.reminded}/draft_waiting"),
                    person_id=row.person_id,
                    application_id=None,
                    kind="draft_waiting",
                    params={"begun_on": row.begun_at.date().isoformat()},
                    at=now,
                )
                row.reminded, row.reminded_at = row.reminded + 1, now
                reminded.labels("reminded").inc()
        return False

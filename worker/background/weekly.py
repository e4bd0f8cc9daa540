"""The one weekly message about daily debits (lending practice P26): what was sold, what was taken, what is left."""

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from db import applications, clocks, weekly
from infra.telemetry import counter
from lending.calendars import Jurisdiction, business_date
from lending.quiet_hours import is_quiet

if TYPE_CHECKING:
    from worker.wiring import Wired

told = counter("weeks_told", "Weekly messages about debits")

# On a Wednesday last week is old news; who missed it reads it on the loan's page.
STILL_NEWS = timedelta(days=2)


def week_to_tell(today: date) -> date | None:
    """The Monday of last week; None when it is no news any more."""
    monday = today - timedelta(days=today.weekday())
    return monday - weekly.A_WEEK if today - monday <= STILL_NEWS else None


class Weekly:
    """One look each round, on the business clock and by day only."""

    def __init__(self, wired: "Wired", quiet: tuple[time, time]) -> None:
        self._sessions = wired.sessions
        self._clock_id = wired.settings.clock_id
        self._jurisdiction = Jurisdiction(wired.settings.jurisdiction)
        self._quiet = quiet

    async def round(self) -> bool:
        """Write to whoever was debited last week; True while more wait."""
        async with self._sessions.begin() as session:
            now: datetime = await clocks.now(session, self._clock_id)
            first_on = week_to_tell(business_date(now, self._jurisdiction))
            if first_on is None or is_quiet(now, self._quiet, self._jurisdiction):
                return False
            hour = now.astimezone(timezone(self._jurisdiction.utc_offset)).hour
            rows = await weekly.untold(session, self._jurisdiction.value, first_on, hour)
            for week in rows:
                missed = week.asked_minor - week.taken_minor
                await applications.notify_person(
                    session,
                    notice_id=weekly.letter_of(week.loan_id, first_on),
                    person_id=week.person_id,
                    application_id=week.application_id,
                    kind="week_short" if missed > 0 else "week",
                    params={
                        "first_on": first_on.isoformat(),
                        "last_on": (first_on + weekly.A_WEEK - timedelta(days=1)).isoformat(),
                        "net_minor": week.net_minor,
                        "taken_minor": week.taken_minor,
                        "missed_minor": missed,
                        "left_minor": week.left_minor,
                        "currency": week.currency,
                    },
                    at=now,
                )
                told.inc()
        return len(rows) == weekly.A_TIME

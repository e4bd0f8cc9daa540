"""The business clock as activities."""

from datetime import timedelta

from temporalio import activity

from activities.ports import clockwork as port
from activities.ports.clockwork import CloseDue, Left, NextClose, Until
from db import clocks, ledger
from db.sessions import Sessions
from lending.calendars import Jurisdiction, business_date, midnight_after

ONE_DAY = timedelta(days=1)


class Clockwork(port.Clockwork):
    """Reads the clock's segments; notes who waits."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @activity.defn
    async def how_long(self, until: Until) -> Left:
        """Real seconds to a business instant."""
        async with self._sessions.begin() as session:
            reading = await clocks.read(session, until.clock_id)
            await clocks.note_wait(session, until.clock_id, until.workflow_id, until.instant)
            return Left(now=reading.now, seconds=reading.seconds_until(until.instant))

    @activity.defn
    async def next_close(self, asked: NextClose) -> CloseDue:
        """The next day with something to close; days on which nothing was lent need none."""
        jurisdiction = Jurisdiction(asked.jurisdiction)
        async with self._sessions.begin() as session:
            reading = await clocks.read(session, asked.clock_id)
            today = business_date(reading.now, jurisdiction)
            first_open = await ledger.first_live_on(session, asked.jurisdiction)
            on = today
            if first_open is not None:
                on = first_open if asked.last_closed is None else max(asked.last_closed + ONE_DAY, first_open)
            on = min(on, today)
            ends_at = midnight_after(on, jurisdiction)
            await clocks.note_wait(session, asked.clock_id, f"calendar/{asked.jurisdiction}", ends_at)
            return CloseDue(on=on, ready=on < today, ends_at=ends_at, seconds=reading.seconds_until(ends_at))

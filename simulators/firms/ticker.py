"""The ticker: reads the lender's business clock and lets the firms trade each business day once it is over for them."""

import asyncio
from datetime import date, datetime, timedelta

import httpx2
import structlog

from simulators.answers import BEIJING, Refused
from simulators.firms.trading import Trading

CLOSING = timedelta(hours=22)  # after this hour a day's tills are counted
POLL_SECONDS = 1.0
LEAST_SECONDS = 0.1
WAIT_SECONDS = 30.0
log = structlog.get_logger(__name__)


def last_finished(now: datetime) -> date:
    """The last business day whose tills are closed at the business instant ``now``."""
    local = now.astimezone(BEIJING)
    closed_today = timedelta(hours=local.hour, minutes=local.minute) >= CLOSING
    return local.date() if closed_today else local.date() - timedelta(days=1)


async def tick(lender: httpx2.AsyncClient, trading: Trading) -> None:
    """For ever: look at the clock, trade what is finished, sleep a quarter of a business day or a second."""
    done: date | None = None
    while True:
        wait = POLL_SECONDS
        try:
            reply = await lender.get("/v1/clock")
            reply.raise_for_status()
            clock = reply.json()
            finished = last_finished(datetime.fromisoformat(clock["now"]))
            wait = min(POLL_SECONDS, max(LEAST_SECONDS, 21_600 / max(1, int(clock["speed"]))))
            # Also when no day is new: a firm may have got its loan since.
            await trading.through(finished, wait=WAIT_SECONDS)
            if finished != done:
                done = finished
                log.info("simulators.traded", on=finished.isoformat())
        except (httpx2.HTTPError, Refused, ValueError, KeyError, TypeError) as error:
            # The lender may be starting or restarting; what was planned is told when it is back.
            log.info("simulators.tick_missed", error=type(error).__name__)
        await asyncio.sleep(wait)

"""How often anybody may knock: by account, by network, by device. Counted before the work, in a transaction of its own.

If the count cannot be made, nobody gets in: a limit that opens when the database is away is no limit.
"""

import math
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.problems import TooManyRequests
from db import doors
from db.doors import Arrived

# Headers of the answer that is being made; the envelope lays out the dictionary and reads it afterwards.
told: ContextVar[dict[str, str]] = ContextVar("rate_limit_headers")


@dataclass(frozen=True, slots=True)
class Limit:
    """One each ``interval``, ``burst`` at once."""

    interval: timedelta
    burst: int


# A code costs money and a ring in somebody's pocket: five in a row, then one a minute, and twenty a day.
CODES_BY_PHONE = Limit(timedelta(minutes=1), 5)
CODES_BY_PHONE_DAILY = Limit(timedelta(hours=1, minutes=12), 20)
# A shop's guests share its network; a hall of phones does not share one device.
BY_NETWORK = Limit(timedelta(seconds=1), 60)
BY_DEVICE = Limit(timedelta(seconds=6), 10)
# One's own machine is one network for all simulated firms.
BY_OWN_MACHINE = Limit(timedelta(milliseconds=5), 5_000)
# Tries of a code or a password: ten a minute from one neighbourhood, so that a stranger cannot shut the owner out from
# elsewhere, and from all the world together no more than a code of five tries or a second factor can bear.
TRIES_BY_ACCOUNT = Limit(timedelta(seconds=6), 10)
TRIES_FROM_EVERYWHERE = Limit(timedelta(milliseconds=500), 120)
# After a wrong password from one network for one login: two seconds, doubled each time, never more than a quarter hour.
LEAST_WAIT, MOST_WAIT = timedelta(seconds=2), timedelta(minutes=15)
WRONG_WITHOUT_WAIT = 3


async def knock(caller: Caller, what: str, *limits: tuple[str, Limit]) -> None:
    """Let one attempt in under all limits (name of the counted thing, limit), or say when to come again."""
    network = BY_OWN_MACHINE if caller.tools.simulated else BY_NETWORK
    keyed = [(f"{what}:network:{caller.network}", network), (f"{what}:device:{caller.device}", BY_DEVICE)]
    keyed += [(f"{what}:{name}", limit) for name, limit in limits]
    async with caller.tools.sessions.begin() as session:
        arrivals = [(limit, await _arrive(session, name, limit)) for name, limit in keyed]
    _tell(what, arrivals)


def tries(caller: Caller, account: str) -> tuple[tuple[str, Limit], tuple[str, Limit]]:
    """The limits on trying one account."""
    return (f"{account}:{caller.network}", TRIES_BY_ACCOUNT), (account, TRIES_FROM_EVERYWHERE)


async def at_most(caller: Caller, name: str, limit: Limit) -> None:
    """Let one more in under one limit, or say when to come again."""
    async with caller.tools.sessions.begin() as session:
        arrived = await _arrive(session, name, limit)
    _tell(name.partition(":")[0], [(limit, arrived)])


async def _arrive(session: AsyncSession, name: str, limit: Limit) -> Arrived:
    return await doors.arrive(session, name, interval=limit.interval, burst=limit.burst)


def _tell(what: str, arrivals: list[tuple[Limit, Arrived]]) -> None:
    """Leave word for the answer's headers of the limit that is nearest; refuse if one of them is reached.

    ``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers): what is left, seconds until all is.
    """
    limit, nearest = min(arrivals, key=lambda one: (one[1].wait is None, one[1].remaining, -one[1].reset))
    window = math.ceil(limit.interval.total_seconds() * limit.burst)
    if (headers := told.get(None)) is not None:
        headers["RateLimit-Policy"] = f'"{what}";q={limit.burst};w={window}'
        headers["RateLimit"] = f'"{what}";r={nearest.remaining};t={math.ceil(nearest.reset)}'
    if waits := [arrived.wait for _, arrived in arrivals if arrived.wait is not None]:
        raise TooManyRequests(retry_after=max(waits))

"""One process that closes shards: it says when it is ready, closes the shards that a line names, says how many loans.

``python -m ops.bench.closers URL DAY``: what a worker does with them, without the workflow that hands them out.
"""

import asyncio
import resource
import sys
from datetime import date
from typing import cast

from sqlalchemy.engine import make_url
from temporalio.client import Client

from activities.closing import Closing
from activities.ports.servicing import ShardToClose
from activities.private import Private
from db import clocks
from db.sessions import Sessions
from gateways.payments import Rail
from infra import collecting
from infra.crypto import Vault
from infra.settings import Settings
from ops.stack import testing
from policies.book import load

JURISDICTION = "CN"


def closing(sessions: Sessions, settings: Settings) -> Closing:
    """The close as the worker has it, but for the rail and the workflows: closing a shard speaks to neither."""
    nobody = cast("Rail", None), cast("Client", None)
    private = Private(Vault(settings))
    calendars = load().calendars
    return Closing(sessions, private, *nobody, task_queue="bench", clock_id=settings.clock_id, calendars=calendars)


async def main(url: str, on: date) -> None:
    settings = testing.settings_for(database_url=make_url(url).render_as_string(hide_password=False))
    sessions = Sessions(settings, scope="worker")
    room = closing(sessions, settings)
    async with sessions.begin() as session:
        await clocks.ensure(session, settings.clock_id)
    collecting.settle()
    try:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            loans = 0
            for number in map(int, line.split()):
                loans += (await room.close_shard(ShardToClose(JURISDICTION, on, number))).loans
            print(loans, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
    finally:
        await sessions.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], date.fromisoformat(sys.argv[2])))

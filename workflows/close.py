"""The close of one business day: shards of loans in bulk, then the money, then the loans to wake."""

import asyncio
from datetime import timedelta

from temporalio import workflow

from activities.ports.servicing import Closing, DayToClose, ShardToClose
from workflows.acts import StartClose
from workflows.calls import ours, outside

# A shard of 2,000 loans takes well under a second; a minute is a machine in trouble.
ONE_SHARD = timedelta(minutes=1)
# Two at once saturate two cores; more loans means more workers.
AT_ONCE = 2


@workflow.defn
class DailyClose:
    """``close/{jurisdiction}/{date}``: idempotent by date and shard, resumable from any kill."""

    @workflow.run
    async def run(self, start: StartClose) -> None:
        """Close the day."""
        day = DayToClose(start.jurisdiction, start.on)
        shards = await ours(Closing.open_close, day)
        gate = asyncio.Semaphore(AT_ONCE)

        async def close(number: int) -> None:
            async with gate:
                shard = ShardToClose(day.jurisdiction, day.on, number)
                closed = await outside(Closing.close_shard, shard, within=ONE_SHARD)
                if closed.instructed:
                    await outside(Closing.collect_shard, shard, within=ONE_SHARD)

        await asyncio.gather(*(close(number) for number in shards.numbers))
        await outside(Closing.wake_loans, day, within=ONE_SHARD)
        await outside(Closing.finish_close, day, within=ONE_SHARD)

"""Waits in business time. The clock lives in Postgres; a workflow knows only how many real seconds are left."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from activities.ports.clockwork import Clockwork, Left, Until
from workflows.calls import ours

# Even if nobody tells us that the clock moved, look again after a week.
CHUNK = 7 * 24 * 3600.0
# Before the first committed step no business instant is known; nobody needs a day to say the first word.
UNTOLD = timedelta(days=1)


class BusinessClock:
    """The waits of one workflow on one business clock."""

    def __init__(self, clock_id: str) -> None:
        self.clock_id = clock_id
        self._moved = False

    def move(self) -> None:
        """Somebody moved the clock: every wait looks again."""
        self._moved = True

    async def wait(self, condition: Callable[[], bool], *, until: datetime | None, seconds: float | None) -> bool:
        """True as soon as ``condition`` holds, False once the business instant ``until`` has come.

        ``seconds`` is the real time left as the last committed step told it (the wait is noted with the clock by then).
        """
        if until is None or seconds is None:
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(condition, timeout=UNTOLD)
            return condition()
        left = seconds
        while True:
            chunk = timedelta(seconds=min(max(left, 0.0), CHUNK))
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(lambda: condition() or self._moved, timeout=chunk)
            if condition():
                return True
            self._moved = False
            left = (await self.left(until)).seconds
            if left <= 0:
                return condition()

    async def left(self, until: datetime) -> Left:
        """How long it still is, asked of the clock."""
        return await ours(
            Clockwork.how_long, Until(workflow_id=workflow.info().workflow_id, clock_id=self.clock_id, instant=until)
        )

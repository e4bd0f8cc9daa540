"""How workflows call activities: our own short transactions beside the workflow, the world outside from its queue."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from lending.refusals import refusal_from

A = TypeVar("A")
R = TypeVar("R")

# Our own database: it comes back within minutes or somebody is paged; until then the story waits, it does not end.
OURS = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=5))
OURS_AT_MOST = timedelta(days=2)
# A transaction of ours takes milliseconds; ten seconds is a database that is restarting.
TRANSACTION = timedelta(seconds=10)
# A worker that dies is noticed by its silence.
HEARTBEAT = timedelta(seconds=2)


async def ours(activity: Callable[[Any, A], Awaitable[R]], argument: A) -> R:
    """A short transaction of ours, as a local activity. A refusal is raised as itself."""
    try:
        return await workflow.execute_local_activity_method(
            activity,
            argument,
            start_to_close_timeout=TRANSACTION,
            schedule_to_close_timeout=OURS_AT_MOST,
            retry_policy=OURS,
        )
    except FailureError as failure:
        raise_refusal(failure)
        raise


async def outside(
    activity: Callable[[Any, A], Awaitable[R]],
    argument: A,
    *,
    within: timedelta,
    try_for: timedelta = OURS_AT_MOST,
    attempts: int = 0,
) -> R:
    """A call to the world outside; a refusal is raised as itself.

    ``within`` bounds one attempt, ``try_for`` and ``attempts`` (0: no count) bound all of them.
    """
    try:
        return await workflow.execute_activity_method(
            activity,
            argument,
            start_to_close_timeout=within,
            schedule_to_close_timeout=try_for,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=250),
                maximum_interval=timedelta(seconds=30),
                maximum_attempts=attempts,
            ),
        )
    except FailureError as failure:
        raise_refusal(failure)
        raise


def raise_refusal(failure: FailureError) -> None:
    """Raise the refusal that a failed activity carries, if it is one.

    A remote activity wraps what it raised in an ``ActivityError``; a local activity's failure comes bare.
    """
    told = failure.cause if isinstance(failure, ActivityError) else failure
    if isinstance(told, ApplicationError) and told.type:
        refusal = refusal_from(told.type, told.message)
        if refusal is not None:
            raise refusal from None

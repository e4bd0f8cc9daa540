"""How workflows call activities: our own short transactions beside the workflow, the world outside from its queue."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from lending.refusals import Refusal, refusal_from

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
    except ActivityError as error:
        raise reason(error) from error


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
    except ActivityError as error:
        raise reason(error) from error


def reason(error: ActivityError) -> Exception:
    """The refusal inside a failed activity, or the failure itself."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type:
        return refusal_from(cause.type, cause.message) or error
    return error


def is_refusal(error: BaseException) -> bool:
    """Whether a rule said no, as against a fault."""
    return isinstance(error, Refusal)

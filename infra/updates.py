"""Saying something to a running workflow once, however often it is sent, and telling the answers apart.

The update's id makes it one act: the server drops a repeat and gives the first one's answer. Nothing here knows what is
said; callers turn :class:`Refused` into their own words.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from temporalio.client import (
    Client,
    RPCError,
    RPCStatusCode,
    RPCTimeoutOrCancelledError,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, TemporalError, WorkflowAlreadyStartedError

Json = dict[str, Any]

# The server's own words for an update that met the end of its workflow.
ENDED_MEANWHILE = "AcceptedUpdateCompletedWorkflow"
ALREADY_COMPLETED = "already completed"
# A call that runs into its own deadline says so by itself; only several calls in a row are cut off from outside.
SLACK = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One update on its way. With ``start`` a workflow that does not run yet is started with it, no id twice."""

    workflow_type: str
    workflow_id: str
    update: str
    update_id: str
    argument: Json
    start: Json | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The workflow answered."""

    result: Json | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The workflow said no: the exception's class name, its message, and its details if it had any."""

    type_name: str
    message: str
    details: Json | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """The workflow has ended: nobody is there to be told."""


@dataclass(frozen=True, slots=True)
class Missing:
    """No workflow of this id: not started yet, or never."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Not known whether it arrived: send it again with the same id. ``code`` says what was in the way."""

    code: str


Answer = Done | Refused | Over | Missing | NoAnswer


async def send(client: Client, envelope: Envelope, *, task_queue: str, deadline: timedelta) -> Answer:
    """Send and wait for the answer, at most ``deadline``."""
    try:
        async with asyncio.timeout((deadline + SLACK).total_seconds()):
            return Done(await _send(client, envelope, task_queue, deadline))
    except WorkflowUpdateFailedError as error:
        return _no(error.cause)
    except WorkflowAlreadyStartedError:
        return Over()
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCTimeoutOrCancelledError, TimeoutError):
        return NoAnswer("deadline")
    except RPCError as error:
        return _rpc(error)
    except (TemporalError, RuntimeError, OSError) as error:  # a lazy client's first connection fails as RuntimeError
        return NoAnswer(type(error).__name__)


async def _send(client: Client, envelope: Envelope, task_queue: str, deadline: timedelta) -> Json | None:
    if envelope.start is None:
        handle: Any = client.get_workflow_handle(envelope.workflow_id)
        return await handle.execute_update(
            envelope.update, envelope.argument, id=envelope.update_id, result_type=dict, rpc_timeout=deadline
        )
    starting: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        envelope.workflow_type,
        envelope.start,
        id=envelope.workflow_id,
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
    try:
        return await client.execute_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]
            envelope.update,
            envelope.argument,
            start_workflow_operation=starting,
            id=envelope.update_id,
            result_type=dict,
            rpc_timeout=deadline,
        )
    except Exception:
        # The client keeps the failure a second time for whoever asks for the handle; unasked, it is logged as lost.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0):
                await starting.workflow_handle()
        raise


def _no(cause: BaseException | None) -> Answer:
    if isinstance(cause, ApplicationError) and cause.type:
        if cause.type == ENDED_MEANWHILE:
            return Over()
        first: Any = cause.details[0] if cause.details else None
        return Refused(cause.type, cause.message, cast("Json", first) if isinstance(first, dict) else None)
    return Refused(type(cause).__name__, "")


def _rpc(error: RPCError) -> Answer:
    match error.status:
        case RPCStatusCode.NOT_FOUND:
            return Over() if ALREADY_COMPLETED in error.message else Missing()
        case RPCStatusCode.ALREADY_EXISTS:
            return Over()
        case RPCStatusCode.INVALID_ARGUMENT | RPCStatusCode.PERMISSION_DENIED | RPCStatusCode.UNAUTHENTICATED:
            return Refused(f"RPC_{error.status.name}", "")
        case _:
            return NoAnswer(error.status.name.lower())

"""What a lead does about a task that is late, as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from api.caller import Call
from api.idempotency import Key
from api.manager import leading
from api.policy import LEADS
from api.replies import one, shown
from api.routes import Router
from api.views.offline import LateTask
from api.wire import Input

router = Router(prefix="/v1/manager", tags=["manager"])


class GiveInput(Input):
    """Which manager has it from now on."""

    to: Annotated[UUID, Field(strict=False)]


class PromiseInput(Input):
    """By when it is done instead."""

    due_at: Annotated[datetime, Field(strict=False)]


@router.post("/late/{task_id}/take", policy=LEADS, **one(LateTask))
async def take(call: Call, task_id: UUID, key: Key) -> Response:
    """Have a late task oneself."""
    return shown(await leading.take(call, task_id, key))


@router.post("/late/{task_id}/give", policy=LEADS, **one(LateTask))
async def give(call: Call, task_id: UUID, body: GiveInput, key: Key) -> Response:
    """Give a late task to a manager who is there."""
    return shown(await leading.give(call, task_id, body.to, key))


@router.post("/late/{task_id}/promise", policy=LEADS, **one(LateTask))
async def promise(call: Call, task_id: UUID, body: PromiseInput, key: Key) -> Response:
    """Tell the customer of a late task another time."""
    return shown(await leading.promise(call, task_id, body.due_at, key))

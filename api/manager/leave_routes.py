"""A manager's leaves, as JSON."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from api.caller import Call
from api.idempotency import Key
from api.manager import leaves
from api.policy import MANAGER_DECIDES
from api.replies import RECEIPT, listed, many, told
from api.routes import Router
from api.views import Colleague, LeaveView
from api.wire import Input

router = Router(prefix="/v1/manager", tags=["manager"])

Day = Annotated[date, Field(strict=False)]


class LeaveInput(Input):
    """The first and the last day, and who stands in; ``staff_id``: whose leave, where somebody who leads says it."""

    first: Day
    last: Day
    deputy_id: Annotated[UUID, Field(strict=False)]
    staff_id: Annotated[UUID, Field(strict=False)] | None = None


@router.get("/leaves", policy=MANAGER_DECIDES, **many(LeaveView))
async def mine(call: Call, of: UUID | None = None) -> Response:
    """One's own leaves that are not over; ``of``: a colleague's, for who leads."""
    return listed(await leaves.mine(call, of))


@router.get("/colleagues", policy=MANAGER_DECIDES, **many(Colleague))
async def colleagues(call: Call, of: UUID | None = None) -> Response:
    """Who may stand in."""
    return listed(await leaves.colleagues(call, of))


@router.post("/leaves", policy=MANAGER_DECIDES, **RECEIPT)
async def say(call: Call, body: LeaveInput, key: Key) -> Response:
    """Be away: open tasks go to the deputy on the first day, at once where that is today."""
    said = {"first": body.first, "last": body.last}
    receipt = await leaves.say(call, **said, deputy_id=body.deputy_id, key=key, of=body.staff_id)
    return told(receipt, commands="/v1/manager/commands")


@router.post("/leaves/{leave_id}/back", policy=MANAGER_DECIDES, **many(LeaveView))
async def back(call: Call, leave_id: UUID, key: Key, of: UUID | None = None) -> Response:
    """Be there again; what went over stays where it is."""
    return listed(await leaves.back(call, leave_id, key, of=of))

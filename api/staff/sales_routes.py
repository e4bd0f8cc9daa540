"""Owners' bills that wait for a person, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.policy import MONEY
from api.replies import listed, many
from api.routes import Router
from api.staff import sales_files
from api.views.sales import SalesFileView
from api.wire import Input, Text

router = Router(prefix="/v1/desk", tags=["staff"])


class JudgeSalesInput(Input):
    """count or leave; and why."""

    act: Text
    words: Annotated[str, StringConstraints(max_length=2_000)]


@router.get("/statements", policy=MONEY, **many(SalesFileView))
async def waiting(call: Call) -> Response:
    """Owners' bills with days that a person has to look at, the oldest first."""
    return listed(await sales_files.waiting(call))


@router.post("/statements/{file_id}/judgement", policy=MONEY, **many(SalesFileView))
async def judge(call: Call, file_id: UUID, body: JudgeSalesInput, key: Key) -> Response:
    """Count the days that wait, beside what stands, or leave them; what still waits."""
    await sales_files.judge(call, file_id, body.act, body.words, key)
    return listed(await sales_files.waiting(call))

"""The end of a loan: what is missing, what is wanted, and an extension that is agreed to."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.owner import ending
from api.policy import FIRM_LOANS, OWNER_SIGNS
from api.replies import one, shown
from api.routes import Router
from api.views.ending import EndView
from api.wire import Input

router = Router(prefix="/v1/loans", tags=["owner"])


class WishInput(Input):
    """What is wanted at the end."""

    wish: Annotated[str, Field(pattern="^(renew|extend|pay_off)$")]


class AgreeInput(Input):
    """The hash of what was shown."""

    shown_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@router.get("/{loan_id}/end", policy=FIRM_LOANS, **one(EndView))
async def end(call: Call, loan_id: UUID) -> Response:
    """From sixty days before the end: whether it can be renewed, what is missing, by when it is said."""
    return shown(await ending.end(call, loan_id))


@router.post("/{loan_id}/end", policy=OWNER_SIGNS, **one(EndView))
async def wish(call: Call, loan_id: UUID, body: WishInput, key: Key) -> Response:
    """Say what is wanted. A renewal is asked for as a new loan with ``renews``; its decision is the answer."""
    return shown(await ending.wish(call, loan_id, ending.Said(body.wish), key))


@router.post("/{loan_id}/end/extension", policy=OWNER_SIGNS, **one(EndView))
async def agree(call: Call, loan_id: UUID, body: AgreeInput, key: Key) -> Response:
    """Take the extension that was offered."""
    return shown(await ending.agree(call, loan_id, body.shown_hash, key))

"""A loan past due: an owner's JSON."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.owner import late
from api.policy import FIRM_LOANS, OWNER_ASKS
from api.replies import one, shown
from api.routes import Router
from api.views.late import LateView
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/loans", tags=["owner"])

# A day comes as a text.
Day = Annotated[date, Field(strict=False)]


class PromiseInput(Input):
    """By when, and how much if not all of it."""

    on: Day
    amount: MoneyInput | None = None


class DisputeInput(Input):
    """paid_already, wrong_sum, not_mine, goods or other, and what happened."""

    reason: Text
    words: Annotated[str, StringConstraints(max_length=2_000)]


@router.get("/{loan_id}/late", policy=FIRM_LOANS, **one(LateView))
async def late_loan(call: Call, loan_id: UUID) -> Response:
    """What is past due, what was said by whom and why, what was promised and what is disputed."""
    return shown(await late.seen(call, loan_id))


@router.post("/{loan_id}/late/promise", policy=OWNER_ASKS, **one(LateView))
async def promise(call: Call, loan_id: UUID, body: PromiseInput, key: Key) -> Response:
    """Promise a payment: nobody presses until the day after it."""
    return shown(
        await late.promise(call, loan_id, late.Promised(body.on, body.amount.minor if body.amount else None), key)
    )


@router.post("/{loan_id}/late/dispute", policy=OWNER_ASKS, **one(LateView))
async def dispute(call: Call, loan_id: UUID, body: DisputeInput, key: Key) -> Response:
    """Say that it is not owed: it is frozen until a person answers within twenty days."""
    return shown(await late.dispute(call, loan_id, late.Disputed(body.reason, body.words), key))

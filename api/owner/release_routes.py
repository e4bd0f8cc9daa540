"""The owner's JSON about money that waits."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from api import conditions
from api.auth.codes import CodeSent
from api.caller import Call
from api.idempotency import Key
from api.owner import naming, questions, releasing
from api.policy import OWNER, OWNER_SIGNS
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router
from api.views import ConditionView, HoldView, ReleaseView
from api.wire import Input, Text

router = Router(prefix="/v1", tags=["owner"])


class ProofInput(Input):
    """How: liveness or bank_card."""

    method: Text


class PayeeInput(Input):
    """A seller, and the list of invoices that names them."""

    name: Text
    account_number: Text
    bank: Text | None = None
    file_id: Annotated[UUID, Field(strict=False)]


class HoldInput(Input):
    """It was me, with the code; or it was not."""

    mine: bool
    code: Text = ""


@router.get("/applications/{application_id}/release", policy=OWNER, **one(ReleaseView))
async def release(call: Call, application_id: UUID) -> Response:
    """How the money leaves: its tier, its hour, what it waits for."""
    return shown(await releasing.release(call, application_id))


@router.get("/applications/{application_id}/conditions", policy=OWNER, **many(ConditionView))
async def conditions_of(call: Call, application_id: UUID) -> Response:
    """What has to be met before the money leaves: whose act, until when, what to do."""
    return listed(await conditions.mine(call, application_id))


@router.post("/applications/{application_id}/payee", policy=OWNER_SIGNS, **RECEIPT)
async def name_payee(call: Call, application_id: UUID, body: PayeeInput, key: Key) -> Response:
    """Have a seller paid straight, against invoices."""
    said = naming.NewPayee(body.name, body.account_number, body.bank, body.file_id)
    return told(await naming.name_payee(call, application_id, said, key))


@router.delete("/applications/{application_id}/payee", policy=OWNER_SIGNS, status_code=204)
async def drop_payee(call: Call, application_id: UUID, key: Key) -> Response:
    """Be paid oneself again."""
    await naming.drop_payee(call, application_id, key)
    return Response(status_code=204)


@router.post("/applications/{application_id}/step-up", policy=OWNER_SIGNS, **RECEIPT)
async def step_up(call: Call, application_id: UUID, body: ProofInput, key: Key) -> Response:
    """Prove who one is once more, for this amount and this payee."""
    return told(await releasing.prove(call, application_id, body.method, key))


@router.get("/holds", policy=OWNER, **many(HoldView))
async def holds(call: Call) -> Response:
    """Is it you? One's own questions, newest first."""
    return listed(await questions.asked(call))


@router.post("/holds/{hold_id}/step-up", policy=OWNER_SIGNS, **RECEIPT)
async def hold_step_up(call: Call, hold_id: UUID, body: ProofInput, key: Key) -> Response:
    """Prove who one is, to say that it was oneself."""
    return told(await questions.prove_for(call, hold_id, body.method, key))


@router.post("/holds/{hold_id}/code", policy=OWNER_SIGNS, **one(CodeSent))
async def hold_code(call: Call, hold_id: UUID, key: Key) -> Response:
    """Send a code that is good for this answer alone."""
    return shown(await questions.start_confirming(call, hold_id, key))


@router.post("/holds/{hold_id}/answer", policy=OWNER_SIGNS, **RECEIPT)
async def answer_hold(call: Call, hold_id: UUID, body: HoldInput, key: Key) -> Response:
    """It was me, or it was not."""
    return told(await questions.answer(call, hold_id, mine=body.mine, code=body.code, key=key))

"""The credit desk's JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api import conditions
from api.caller import Call
from api.idempotency import Key
from api.policy import CASES, CASES_DECIDE, MANAGER_DECIDES
from api.replies import listed, many, one, shown
from api.routes import Router
from api.staff import case_acts, cases
from api.views import AuthorityRow, CaseView, ConditionAtDesk, ConditionView, QueueCard
from api.wire import Input, Text

router = Router(prefix="/v1/desk", tags=["desk"])

Words = Annotated[str, StringConstraints(max_length=1_000)]


class SeenInput(Input):
    """The case as it was seen, by its hash."""

    seen_hash: Annotated[str, StringConstraints(max_length=64)]


class HandInput(Input):
    """What somebody would do who hands a case up."""

    words: Words


class ShownInput(Input):
    """What proves a condition: a paper, a register's answer, or a signed paper of this application."""

    proof: Text
    proof_id: Annotated[UUID, Field(strict=False)]


class WaiverInput(Input):
    """Why a condition is let go."""

    why: Words


@router.get("/cases", policy=CASES, **many(QueueCard))
async def queue(call: Call) -> Response:
    """What waits for the desk, with why it came, by when it is due."""
    return listed(await cases.queue(call))


@router.get("/cases/{application_id}", policy=CASES, **one(CaseView))
async def case(call: Call, application_id: UUID) -> Response:
    """One case in one screen, and what changed since the caller first saw it."""
    return shown(await cases.case(call, application_id))


@router.post("/cases/{application_id}/take", policy=CASES_DECIDE, **one(CaseView))
async def take(call: Call, application_id: UUID, key: Key) -> Response:
    """Take a case: nobody else has it then."""
    return shown(await case_acts.take(call, application_id, key))


@router.post("/cases/{application_id}/give-back", policy=CASES_DECIDE, **one(CaseView))
async def give_back(call: Call, application_id: UUID, key: Key) -> Response:
    """Give a case back."""
    return shown(await case_acts.give_back(call, application_id, key))


@router.post("/cases/{application_id}/looked", policy=CASES, **one(CaseView))
async def looked(call: Call, application_id: UUID, body: SeenInput, key: Key) -> Response:
    """Say that one has seen what changed."""
    return shown(await case_acts.looked(call, application_id, body.seen_hash, key))


@router.post("/cases/{application_id}/up", policy=CASES_DECIDE, **one(CaseView))
async def send_up(call: Call, application_id: UUID, body: HandInput, key: Key) -> Response:
    """Hand a case up to whoever may say yes to it."""
    return shown(await case_acts.send_up(call, application_id, body.words, key))


@router.post("/cases/{application_id}/tie", policy=CASES_DECIDE, **one(CaseView))
async def tie(call: Call, application_id: UUID, key: Key) -> Response:
    """Say that this customer is one's own, a relative or a friend."""
    return shown(await case_acts.tie(call, application_id, key))


@router.get("/authority", policy=CASES, **many(AuthorityRow))
async def authority(call: Call) -> Response:
    """Who may approve what."""
    return listed(await cases.table(call))


@router.get("/conditions", policy=CASES, **many(ConditionAtDesk))
async def open_conditions(call: Call) -> Response:
    """Every open condition of a yes, by when it is due."""
    return listed(await cases.open_conditions(call))


@router.post("/conditions/{condition_id}/meet", policy=MANAGER_DECIDES, **one(ConditionView))
async def meet(call: Call, condition_id: UUID, body: ShownInput, key: Key) -> Response:
    """Show what proves a condition."""
    return shown(await conditions.meet(call, condition_id, body.proof, body.proof_id, key))


@router.post("/conditions/{condition_id}/waive", policy=MANAGER_DECIDES, **one(ConditionView))
async def waive(call: Call, condition_id: UUID, body: WaiverInput, key: Key) -> Response:
    """Let a condition go, with a reason."""
    return shown(await conditions.waive(call, condition_id, body.why, key))

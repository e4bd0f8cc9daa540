"""The lender's side: the desk where complaints are answered, and where threads stood before."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import complaining
from api.caller import Call, Caller
from api.policy import COMPLAINTS, MANAGER
from api.problems import Problem
from api.routes import Router
from api.views import ComplaintCase
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.talking import AnswerCard, DeskPage

router = Router(include_in_schema=False)
HERE = "/desk/complaints"


@router.get("/manager/customers/{application_id:uuid}/thread", policy=MANAGER)
async def thread(application_id: UUID) -> Response:
    """The thread stands on the customer's page."""
    return go(f"/manager/customers/{application_id}#thread")


@router.get(HERE, policy=COMPLAINTS)
async def complaints(request: Request, call: Call) -> Response:
    """What is open, by when it is due; what is late is marked."""
    return await _desk(request, call)


async def _desk(request: Request, call: Caller, tried: tuple[UUID, Form] | None = None) -> Response:
    cards = tuple(_card(one, tried) for one in await complaining.cases(call))
    page = DeskPage(
        tuple(card for card in cards if card.answer is not None), tuple(card for card in cards if card.answer is None)
    )
    shell = await shell_of(request, call, "staff", tab="complaints")
    return show(request, "staff/complaints.html", page, shell, 422 if tried else 200)


def _card(seen: ComplaintCase, tried: tuple[UUID, Form] | None) -> AnswerCard:
    complaint = seen.complaint
    if complaint.outcome is not None:
        return AnswerCard(seen)
    form = tried[1] if tried and tried[0] == complaint.id else shown(f"{HERE}/{complaint.id}")
    return AnswerCard(seen, form)


@router.post(HERE + "/{complaint_id:uuid}", policy=COMPLAINTS)
async def answer(request: Request, call: Call, complaint_id: UUID) -> Response:
    """Say what came of one."""
    form = await sent(request)
    try:
        await complaining.answer(
            call, complaint_id, form.get("outcome", ""), form.get("words", ""), form.get("key", "")
        )
    except (Refusal, Problem) as no:
        return await _desk(request, call, (complaint_id, again(f"{HERE}/{complaint_id}", form, no, call)))
    return go(HERE)

"""The lender's side: a customer's thread, and the desk where complaints are answered."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import complaining, talking
from api.caller import Call, Caller
from api.policy import COMPLAINTS, MANAGER
from api.problems import Problem
from api.routes import Router
from api.views import ComplaintCase
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.talking import AnswerCard, DeskPage, ThreadPage

router = Router(include_in_schema=False)
POLL = 10
HERE = "/desk/complaints"


@router.get("/manager/customers/{application_id:uuid}/thread", policy=MANAGER)
async def thread(request: Request, call: Call, application_id: UUID) -> Response:
    """The same thread that the customer has."""
    return await _thread(request, call, application_id, shown(_here(application_id)))


def _here(application_id: UUID) -> str:
    return f"/manager/customers/{application_id}/thread"


async def _thread(request: Request, call: Caller, application_id: UUID, form: Form, status: int = 200) -> Response:
    page = ThreadPage(await talking.read(call, application_id, talking.LENDER), form)
    shell = await shell_of(request, call, "manager", tab="customers", poll=POLL)
    return show(request, "manager/thread.html", page, shell, status)


@router.post("/manager/customers/{application_id:uuid}/thread", policy=MANAGER)
async def say(request: Request, call: Call, application_id: UUID) -> Response:
    """Write into it."""
    form = await sent(request)
    try:
        await talking.say(call, application_id, form.get("text", ""), form.get("key", ""), talking.LENDER)
    except (Refusal, Problem) as no:
        return await _thread(request, call, application_id, again(_here(application_id), form, no, call), 422)
    return go(_here(application_id))


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

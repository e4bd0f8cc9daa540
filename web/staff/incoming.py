"""Money in suspense at the desk: who sent it, what they wrote, and what it is for."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import MONEY
from api.problems import Problem
from api.routes import Router
from api.staff import incoming
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.incoming import IncomingPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/incoming"


@router.get(HERE, policy=MONEY)
async def desk(request: Request, call: Call) -> Response:
    """What waits for a person, then what found its place."""
    return await _page(request, call)


async def _page(request: Request, call: Caller, wrong: dict[str, Form] | None = None) -> Response:
    found = await incoming.waiting(call)
    forms = {str(one.id): shown(f"{HERE}/{one.id}") for one in found if one.decided is None}
    asked = request.query_params.get("one", "")[:36]
    chosen = next(iter(wrong or {}), "") or asked or next(iter(forms), "")
    over, diverted = await incoming.placed(call), await incoming.diversions(call)
    refused, wrongly = await incoming.refused(call), wrong or {}
    seconds = {
        str(one.id): wrongly.get(str(one.id)) or shown(f"{HERE}/{one.id}/second")
        for one in found
        if one.decided is not None and one.takes_two and not one.mine
    }
    judging = {str(one.id): wrongly.get(str(one.id)) or shown(f"{HERE}/refused/{one.id}") for one in refused}
    placing = {name: form for name, form in wrongly.items() if name not in seconds and name not in judging}
    page = IncomingPage(
        found, over, {**forms, **placing}, chosen, diverted, refused=refused, seconds=seconds, judging=judging
    )
    shell = await shell_of(request, call, "staff", tab="incoming")
    return show(request, "staff/incoming.html", page, shell, 422 if wrong else 200)


@router.post(HERE + "/{incoming_id:uuid}", policy=MONEY)
async def decide(request: Request, call: Call, incoming_id: UUID) -> Response:
    """For a loan, for a receivable, or back."""
    form = await sent(request)
    said = incoming.Found(form.get("to", ""), form.get("number", ""), form.get("words", ""))
    try:
        await incoming.decide(call, incoming_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, {str(incoming_id): again(f"{HERE}/{incoming_id}", form, no, call)})
    return go(HERE)


@router.post(HERE + "/{incoming_id:uuid}/second", policy=MONEY)
async def second(request: Request, call: Call, incoming_id: UUID) -> Response:
    """What a colleague said is right, or is found out anew."""
    form = await sent(request)
    agrees, key = form.get("say") == "right", form.get("key", "")
    try:
        await incoming.confirm(call, incoming_id, agrees=agrees, words=form.get("words", ""), key=key)
    except (Refusal, Problem) as no:
        return await _page(request, call, {str(incoming_id): again(f"{HERE}/{incoming_id}/second", form, no, call)})
    return go(HERE)


@router.post(HERE + "/refused/{outgoing_id:uuid}", policy=MONEY)
async def judge(request: Request, call: Call, outgoing_id: UUID) -> Response:
    """What becomes of money that the rail would not send on."""
    form = await sent(request)
    try:
        said = form.get("act", ""), form.get("words", "")
        await incoming.judge_refused(call, outgoing_id, *said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, {str(outgoing_id): again(f"{HERE}/refused/{outgoing_id}", form, no, call)})
    return go(HERE)

"""Receivables at the desk: two that are alike are compared, and what became of one of a line is noted."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import views
from api.caller import Call, Caller
from api.policy import LINES, MANAGER
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.staff import receivable_facts, receivable_words, receivables
from lending.receivables import HOLDS, ReceivableState
from lending.refusals import Refusal
from lending.refusals_at_desk import SecondWord
from web.asking import again, minor, sent, shown, shown_id
from web.showing import go, shell_of, show
from web.views.lining import ReceivablesDeskPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/receivables"


@router.get(HERE, policy=MANAGER)
async def alike(request: Request, call: Call) -> Response:
    """Those that are like another one and wait for a person."""
    return await _alike(request, call)


async def _alike(request: Request, call: Caller, wrong: dict[str, Form] | None = None) -> Response:
    found = await receivables.alike(call)
    forms = {str(one.id): shown(f"{HERE}/{one.id}/comparison") for one in found if call.may("line.change")}
    chosen = _chosen(request, forms, wrong)
    if chosen in forms:
        await receivable_facts.of_receivable(call, UUID(chosen))  # opened, and on record as that
    page = ReceivablesDeskPage(found, {**forms, **(wrong or {})}, chosen=chosen)
    shell = await shell_of(request, call, "staff", tab="lines")
    return show(request, "staff/receivables.html", page, shell, 422 if wrong else 200)


@router.post(HERE + "/{receivable_id:uuid}/comparison", policy=LINES)
async def compare(request: Request, call: Call, receivable_id: UUID) -> Response:
    """Another invoice, or the same one again."""
    form = await sent(request)
    clears = form.get("say") == "another"
    try:
        await receivables.judge(
            call, receivable_id, clears=clears, words=form.get("words", ""), key=form.get("key", "")
        )
    except (Refusal, Problem) as no:
        back = again(f"{HERE}/{receivable_id}/comparison", form, no, call)
        return await _alike(request, call, {str(receivable_id): back})
    return go(HERE)


@router.get("/desk/lines/{line_id:uuid}/receivables", policy=MANAGER)
async def of_line(request: Request, call: Call, line_id: UUID) -> Response:
    """Everything that was offered for a line, and what it counts for today."""
    return await _of_line(request, call, line_id)


async def _of_line(
    request: Request,
    call: Caller,
    line_id: UUID,
    wrong: dict[str, Form] | None = None,
    back: dict[str, Form] | None = None,
    seconded: dict[str, Form] | None = None,
    one: UUID | None = None,
) -> Response:
    found = await receivables.of_line(call, line_id)
    forms = {str(one.id): shown(f"/desk/lines/{line_id}/receivables/{one.id}") for one in found if _held(call, one)}
    chosen = (
        str(one) if one else _chosen(request, forms, {name: of for name, of in (wrong or {}).items() if name in forms})
    )
    heard = await receivable_facts.of_receivable(call, UUID(chosen)) if chosen in forms else ()
    backs = {
        str(one.id): shown(f"/desk/lines/{line_id}/receivables/{chosen}/{one.id}")
        for one in heard
        if one.may_go and call.may("line.change")
    }
    seconds = {
        str(one.word_id): shown(f"/desk/lines/{line_id}/receivables/{chosen}/words/{one.word_id}")
        for one in heard
        if one.may_second and call.may("line.change")
    }
    page = ReceivablesDeskPage(
        found,
        {**forms, **(wrong or {})},
        line_id,
        chosen,
        heard=heard,
        backs={**backs, **(back or {})},
        seconds={**seconds, **(seconded or {})},
        papers=await receivable_facts.papers(call, UUID(chosen)) if chosen in forms else (),
    )
    shell = await shell_of(request, call, "staff", tab="lines")
    return show(request, "staff/receivables.html", page, shell, 422 if wrong or back or seconded else 200)


def _chosen(request: Request, forms: dict[str, Form], wrong: dict[str, Form] | None) -> str:
    """The one whose form is open: what went wrong, what was asked for, or the only one."""
    if wrong:
        return next(iter(wrong))
    asked = request.query_params.get("one", "")[:36]
    return asked or (next(iter(forms)) if len(forms) == 1 else "")


def _held(call: Caller, one: views.ReceivableView) -> bool:
    return call.may("line.change") and ReceivableState(one.state) in HOLDS


@router.post("/desk/lines/{line_id:uuid}/receivables/{receivable_id:uuid}", policy=LINES)
async def note(request: Request, call: Call, line_id: UUID, receivable_id: UUID) -> Response:
    """What became of it."""
    form = await sent(request)
    try:
        amount = minor(form["amount"]) if form.get("amount", "").strip() else 0
        if amount is None:
            raise BadFields(fields=(FieldError("amount", "not_an_amount"),))
        paper = shown_id(form["paper"]) if form.get("paper") else None
        heard = receivables.Heard(form.get("fact", ""), form.get("words", ""), amount, paper)
        await receivables.note(call, receivable_id, heard, form.get("key", ""))
    except SecondWord:
        return go(f"/desk/lines/{line_id}/receivables?one={receivable_id}#c-{receivable_id}")
    except (Refusal, Problem) as no:
        back = again(f"/desk/lines/{line_id}/receivables/{receivable_id}", form, no, call)
        return await _of_line(request, call, line_id, {str(receivable_id): back})
    return go(f"/desk/lines/{line_id}/receivables")


@router.post("/desk/lines/{line_id:uuid}/receivables/{receivable_id:uuid}/{fact_id:uuid}", policy=LINES)
async def take_back(request: Request, call: Call, line_id: UUID, receivable_id: UUID, fact_id: UUID) -> Response:
    """Somebody else's mistyped credit note or payment."""
    form = await sent(request)
    here = f"/desk/lines/{line_id}/receivables"
    try:
        words, key = form.get("words", ""), form.get("key", "")
        await receivable_facts.take_back(call, receivable_id, fact_id, words, key)
    except SecondWord:
        return go(f"{here}?one={receivable_id}#c-{receivable_id}")
    except (Refusal, Problem) as no:
        back = again(f"{here}/{receivable_id}/{fact_id}", form, no, call)
        return await _of_line(request, call, line_id, back={str(fact_id): back})
    return go(f"{here}?one={receivable_id}#c-{receivable_id}")


@router.post("/desk/lines/{line_id:uuid}/receivables/{receivable_id:uuid}/words/{word_id:uuid}", policy=LINES)
async def second(request: Request, call: Call, line_id: UUID, receivable_id: UUID, word_id: UUID) -> Response:
    """Somebody else's word that waits for a second person."""
    form = await sent(request)
    here = f"/desk/lines/{line_id}/receivables"
    try:
        await receivable_words.second(
            call,
            receivable_id,
            word_id,
            agrees=form.get("say") == "so",
            words=form.get("words", ""),
            key=form.get("key", ""),
        )
    except (Refusal, Problem) as no:
        shown_again = again(f"{here}/{receivable_id}/words/{word_id}", form, no, call)
        return await _of_line(request, call, line_id, seconded={str(word_id): shown_again}, one=receivable_id)
    return go(f"{here}?one={receivable_id}#c-{receivable_id}")

"""The five classes at the desk: the provision, each loan that is not normal, and the forms of the two people."""

from dataclasses import replace
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import CLASSES, CLASSES_CHANGE
from api.problems import Problem
from api.routes import Router
from api.staff import classing
from api.views.classing import ClassLine
from lending.maturity import Class
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.classing import ClassesPage, ClassForms
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/classes"


@router.get(HERE, policy=CLASSES)
async def classes(request: Request, call: Call, loan: UUID | None = None) -> Response:
    """All of them; the form of one."""
    return await _page(request, call, loan)


@router.post(HERE + "/{loan_id:uuid}", policy=CLASSES_CHANGE)
async def propose(request: Request, call: Call, loan_id: UUID) -> Response:
    """Propose a class, or a write-off."""
    form = await sent(request)
    say = form.get("say", "")
    kind = "write_off" if say == "write_off" else "class"
    said = classing.Proposed(kind, "" if kind == "write_off" else say, form.get("words", ""), form.get("evidence", ""))
    try:
        await classing.propose(call, loan_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, loan_id, propose=again(f"{HERE}/{loan_id}", form, no, call))
    return go(HERE)


@router.post(HERE + "/proposals/{proposal_id:uuid}", policy=CLASSES_CHANGE)
async def answer(request: Request, call: Call, proposal_id: UUID, loan: UUID | None = None) -> Response:
    """Answer what another person proposed."""
    form = await sent(request)
    try:
        await classing.answer(call, proposal_id, form.get("verdict", ""), form.get("words", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        there = f"{HERE}/proposals/{proposal_id}?loan={loan}" if loan else f"{HERE}/proposals/{proposal_id}"
        return await _page(request, call, loan, answer=again(there, form, no, call))
    return go(HERE)


async def _page(
    request: Request,
    call: Caller,
    which: UUID | None = None,
    *,
    propose: Form | None = None,
    answer: Form | None = None,
) -> Response:
    found = await classing.book(call)
    forms = {one.loan_id: _forms(one, one.loan_id == which) for one in found.loans} if call.may("class.change") else {}
    if which is not None and which in forms:
        was = forms[which]
        forms[which] = replace(was, propose=propose or was.propose, answer=answer or was.answer)
    page = ClassesPage(found, forms, tuple(one.value for one in Class))
    shell = await shell_of(request, call, "staff", tab="classes")
    return show(request, "staff/classes.html", page, shell, 422 if propose or answer else 200)


def _forms(one: ClassLine, chosen: bool) -> ClassForms:
    if one.open is not None and one.open.mine:
        return ClassForms(mine=True)
    if one.open is not None:
        return ClassForms(answer=shown(f"{HERE}/proposals/{one.open.id}?loan={one.loan_id}") if chosen else None)
    return ClassForms(propose=shown(f"{HERE}/{one.loan_id}") if chosen and one.status != "closed" else None)

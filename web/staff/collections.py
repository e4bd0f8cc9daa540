"""Loans past due at the desk: who is late and why, the call that may be made, its outcome, and answers to disputes."""

from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import COLLECTIONS, COLLECTIONS_ACTS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.staff import collections
from api.views.late import CallLine, CaseLine
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.late import CaseForms, CollectionsPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/collections"
BY_A_PERSON = ("call", "visit")


@router.get(HERE, policy=COLLECTIONS)
async def cases(request: Request, call: Call, case: UUID | None = None) -> Response:
    """All of them; the forms of one."""
    return await _page(request, call, case)


@router.post(HERE + "/{case_id:uuid}/steps/{name}/contact", policy=COLLECTIONS_ACTS)
async def begin(request: Request, call: Call, case_id: UUID, name: str) -> Response:
    """Ask whether one may call now, and whom."""
    form, there = await sent(request), f"{HERE}/{case_id}/steps/{name}/contact"
    try:
        allowed = await collections.begin(call, case_id, name, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, case_id, begin=again(there, form, no, call))
    return await _page(request, call, case_id, call=allowed)


@router.post(HERE + "/{case_id:uuid}/steps/{name}/outcome", policy=COLLECTIONS_ACTS)
async def outcome(request: Request, call: Call, case_id: UUID, name: str) -> Response:
    """What came of it."""
    form = await sent(request)
    try:
        said = collections.Outcome(form.get("outcome", ""), _day(form.get("promised_on", "")))
        await collections.outcome(call, case_id, name, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        there = f"{HERE}/{case_id}/steps/{name}/outcome"
        return await _page(request, call, case_id, outcome=again(there, form, no, call))
    return go(HERE)


@router.post(HERE + "/{case_id:uuid}/dispute", policy=COLLECTIONS_ACTS)
async def answer(request: Request, call: Call, case_id: UUID) -> Response:
    """Answer a dispute."""
    form = await sent(request)
    try:
        await collections.answer(call, case_id, form.get("verdict", ""), form.get("words", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, case_id, answer=again(f"{HERE}/{case_id}/dispute", form, no, call))
    return go(HERE)


async def _page(
    request: Request,
    caller: Caller,
    which: UUID | None = None,
    *,
    begin: Form | None = None,
    outcome: Form | None = None,
    answer: Form | None = None,
    call: CallLine | None = None,
) -> Response:
    found = await collections.cases(caller)
    may = caller.may("collection.act")
    forms = {one.case_id: _forms(one, one.case_id == which) for one in found} if may else {}
    if which is not None and which in forms:
        was = forms[which]
        forms[which] = replace(
            was,
            begin=begin or was.begin,
            outcome=outcome or was.outcome,
            answer=answer or was.answer,
            call=call,
        )
    counts = tuple(sorted(Counter(one.segment or "" for one in found).items(), key=lambda pair: -pair[1]))
    shell = await shell_of(request, caller, "staff", tab="collections")
    wrong = begin or outcome or answer
    return show(request, "staff/collections.html", CollectionsPage(found, forms, counts), shell, 422 if wrong else 200)


def _forms(one: CaseLine, chosen: bool) -> CaseForms:
    waits = next((step for step in one.steps if step.done_at is None and step.does in BY_A_PERSON), None)
    there = f"{HERE}/{one.case_id}"
    return CaseForms(
        step=waits.name if waits else None,
        begin=shown(f"{there}/steps/{waits.name}/contact") if waits else None,
        outcome=shown(f"{there}/steps/{waits.name}/outcome") if waits and chosen else None,
        answer=shown(f"{there}/dispute") if one.dispute and chosen else None,
    )


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise BadFields(fields=(FieldError("promised_on", "not_a_date"),)) from None

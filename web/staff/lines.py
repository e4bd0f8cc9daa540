"""Lines at the desk: who is asked about which, and changing one by a clause of its own contract."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.auth import proof
from api.caller import Call, Caller
from api.policy import BOOK, LINES
from api.problems import Problem
from api.routes import Router
from api.staff import lines
from lending.refusals import Refusal
from web.asking import minor, sent, shown
from web.showing import go, shell_of, show
from web.staff.proving import proved_again
from web.views.lining import LineDeskPage, LinesPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/lines"


@router.get(HERE, policy=BOOK)
async def all_lines(request: Request, call: Call) -> Response:
    """All of them."""
    shell = await shell_of(request, call, "staff", tab="lines")
    return show(request, "staff/lines.html", LinesPage(await lines.cases(call)), shell)


@router.get(HERE + "/{line_id:uuid}", policy=BOOK)
async def line(request: Request, call: Call, line_id: UUID) -> Response:
    """One line with its draws and changes."""
    return await _page(request, call, line_id)


async def _page(
    request: Request, call: Caller, line_id: UUID, *, act: Form | None = None, answer: Form | None = None
) -> Response:
    seen = await lines.case(call, line_id)
    may, waits = call.may("line.change"), seen.proposal is not None
    at = f"{HERE}/{line_id}"
    page = LineDeskPage(
        seen=seen,
        act=act or shown(f"{at}/changes") if may and not waits else None,
        answer=answer or shown(f"{at}/proposal") if may and waits else None,
        fresh=proof.is_fresh(call),
    )
    shell = await shell_of(request, call, "staff", tab="lines")
    return show(request, "staff/line.html", page, shell, 422 if act or answer else 200)


@router.post(HERE + "/{line_id:uuid}/changes", policy=LINES)
async def act_on(request: Request, call: Call, line_id: UUID) -> Response:
    """Change it, or lay the change before a second person."""
    form = await sent(request)
    limit = minor(form.get("limit", "")) if form.get("limit", "").strip() else None
    said = lines.Act(form.get("act", ""), form.get("clause", ""), form.get("reason", ""), limit)
    try:
        await lines.act_on(await proof.proven(call, form.get("totp", "")), line_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        back = proved_again(f"{HERE}/{line_id}/changes", form, no, call)
        return await _page(request, call, line_id, act=back)
    return go(f"{HERE}/{line_id}")


@router.post(HERE + "/{line_id:uuid}/proposal", policy=LINES)
async def answer(request: Request, call: Call, line_id: UUID) -> Response:
    """Allow the change that waits, or turn it down."""
    form = await sent(request)
    allow, key = form.get("say") == "allow", form.get("key", "")
    try:
        await lines.answer(await proof.proven(call, form.get("totp", "")), line_id, allow=allow, key=key)
    except (Refusal, Problem) as no:
        back = proved_again(f"{HERE}/{line_id}/proposal", form, no, call)
        return await _page(request, call, line_id, answer=back)
    return go(f"{HERE}/{line_id}")

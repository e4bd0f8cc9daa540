"""Being away, on the manager's pages."""

from datetime import date
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import leaves
from api.policy import MANAGER_DECIDES
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.visits import AwayPage

router = Router(include_in_schema=False)
HERE = "/manager/away"


@router.get(HERE, policy=MANAGER_DECIDES)
async def away(request: Request, call: Call) -> Response:
    """When, and who stands in."""
    return await _away(request, call, shown(HERE))


async def _away(request: Request, call: Caller, form: Form) -> Response:
    mine = await leaves.mine(call)
    back = {str(one.id): shown(f"{HERE}/{one.id}/back") for one in mine}
    theirs = await leaves.managers(call) if call.may("staff.lead") else ()
    page = AwayPage(mine, theirs or await leaves.colleagues(call), form, back, theirs)
    shell = await shell_of(request, call, "manager", tab="inbox")
    return show(request, "manager/away.html", page, shell, 422 if form.errors else 200)


@router.post(HERE, policy=MANAGER_DECIDES)
async def say(request: Request, call: Call) -> Response:
    """Be away."""
    form = await sent(request)
    try:
        days = {name: _day(form, name) for name in ("first", "last")}
        whose = _whose(form)
        await leaves.say(call, **days, deputy_id=_deputy(form), key=form.get("key", ""), of=whose)
    except (Refusal, Problem) as no:
        return await _away(request, call, again(HERE, form, no, call))
    return go(HERE)


def _day(form: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError:
        raise BadFields(fields=(FieldError(name, "missing"),)) from None


def _whose(form: dict[str, str]) -> UUID | None:
    try:
        return UUID(form["of"]) if form.get("of") else None
    except ValueError:
        raise BadFields(fields=(FieldError("of", "not_one_of_these"),)) from None


def _deputy(form: dict[str, str]) -> UUID:
    try:
        return UUID(form.get("deputy", ""))
    except ValueError:
        raise BadFields(fields=(FieldError("deputy", "missing"),)) from None


@router.post(HERE + "/{leave_id:uuid}/back", policy=MANAGER_DECIDES)
async def back(request: Request, call: Call, leave_id: UUID) -> Response:
    """Be there again."""
    form = await sent(request)
    await leaves.back(call, leave_id, form.get("key", ""))
    return go(HERE)

"""The door of all staff: password and one-time password on one page."""

from fastapi import Request
from fastapi.responses import Response

from api.auth import cookies, staff
from api.auth.signing_in import sign_out as end_session
from api.caller import Call, Caller
from api.policy import PUBLIC
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, local, sent, shown
from web.showing import go, shell_of, show
from web.views.manager import StaffSignInPage

router = Router(include_in_schema=False)
HERE = "/staff/sign-in"


@router.get("/staff/sign-in", policy=PUBLIC)
async def sign_in_page(request: Request, call: Call) -> Response:
    """Login, password, six digits."""
    onward = local(request.query_params.get("next", ""), "")
    if call.principal.kind == "staff":
        return go(onward or home_of(call))
    page = StaffSignInPage(shown(HERE, {"next": onward}), call.tools.simulated)
    return show(request, "manager/sign_in.html", page, await shell_of(request, call, "manager"))


@router.post("/staff/sign-in", policy=PUBLIC)
async def sign_in(request: Request, call: Call) -> Response:
    """Open a session."""
    form = await sent(request)
    try:
        command = staff.StaffSignIn(form.get("login", ""), form.get("password", ""), form.get("code", ""))
        signed_in = await staff.staff_sign_in(call, command)
    except (Refusal, Problem) as no:
        page = StaffSignInPage(again(HERE, form, no, call, ("password", "code")), call.tools.simulated)
        return show(request, "manager/sign_in.html", page, await shell_of(request, call, "manager"), 422)
    answer = go(local(form.get("next", ""), HERE))
    cookies.put(answer, call, signed_in)
    return answer


def home_of(call: Caller) -> str:
    """Managers begin at their inbox, all others at the desk."""
    return "/manager" if {"manager", "lead"} & call.principal.roles else "/desk"


@router.post("/staff/sign-out", policy=PUBLIC)
async def sign_out(request: Request, call: Call) -> Response:
    """End this browser's session."""
    await end_session(call)
    answer = go(HERE)
    cookies.drop(answer, call)
    return answer

"""Signing in with a phone and a code. Between the two pages the number rides in a sealed cookie of ten minutes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.auth import cookies, owners
from api.auth.codes import LIFETIME
from api.auth.signing_in import sign_out as end_session
from api.caller import Call, Caller, cookie_name
from api.policy import PUBLIC
from api.problems import Problem
from api.routes import Router
from infra.crypto import SealBroken
from lending.refusals import Refusal
from web.asking import again, local, sent, shown
from web.showing import go, shell_of, show
from web.views.owner import SignInPage
from web.views.parts import Form

router = Router(include_in_schema=False)
PLACE = "cookie.phone"
MINUTES = int(LIFETIME.total_seconds() // 60)


@router.get("/sign-in", policy=PUBLIC)
async def phone_page(request: Request, call: Call) -> Response:
    """Which phone?"""
    onward = local(request.query_params.get("next", ""), "/progress")
    if call.principal.kind in ("owner", "seat"):
        return go(onward)
    page = SignInPage("phone", shown("/sign-in", {"next": onward}))
    return show(request, "owner/sign_in.html", page, await shell_of(request, call))


@router.post("/sign-in", policy=PUBLIC)
async def send_code(request: Request, call: Call) -> Response:
    """Send the code."""
    form = await sent(request)
    try:
        command = owners.StartSignIn(form.get("phone", ""))
        code = await owners.start_sign_in(call, command, form.get("key", ""))
    except (Refusal, Problem) as no:
        page = SignInPage("phone", again("/sign-in", form, no, call))
        return show(request, "owner/sign_in.html", page, await shell_of(request, call), 422)
    answer = go(f"/sign-in/code?{urlencode({'next': local(form.get('next', ''), '/progress')})}")
    _remember(answer, call, f"{form['phone']}\x1f{code.phone_masked}")
    return answer


@router.get("/sign-in/code", policy=PUBLIC)
async def code_page(request: Request, call: Call) -> Response:
    """Which code came?"""
    onward = local(request.query_params.get("next", ""), "/progress")
    if call.principal.kind in ("owner", "seat"):
        return go(onward)
    if _remembered(request, call) is None:
        return go("/sign-in")
    return await _code_page(request, call, shown("/sign-in/code", {"next": onward}), onward)


@router.post("/sign-in/code", policy=PUBLIC)
async def enter(request: Request, call: Call) -> Response:
    """Trade the code for a session."""
    form = await sent(request)
    onward = local(form.get("next", ""), "/progress")
    remembered = _remembered(request, call)
    if remembered is None:
        return go("/sign-in")
    try:
        signed_in = await owners.finish_sign_in(call, owners.FinishSignIn(remembered[0], form.get("code", "")))
    except (Refusal, Problem) as no:
        return await _code_page(request, call, again("/sign-in/code", form, no, call, ("code",)), onward, 422)
    answer = go(onward)
    cookies.put(answer, call, signed_in)
    answer.delete_cookie(cookie_name("to", call.tools), path="/", secure=call.tools.secure, httponly=True)
    return answer


@router.post("/sign-out", policy=PUBLIC)
async def sign_out(request: Request, call: Call) -> Response:
    """End this browser's session."""
    await end_session(call)
    answer = go("/")
    cookies.drop(answer, call)
    return answer


async def _code_page(request: Request, call: Caller, form: Form, onward: str, status: int = 200) -> Response:
    phone, masked = _remembered(request, call) or ("", "")
    page = SignInPage(
        "code",
        form,
        phone_masked=masked,
        code_minutes=MINUTES,
        resend=shown("/sign-in", {"phone": phone, "next": onward}),
        codes_url=codes_url(call, phone),
    )
    return show(request, "owner/sign_in.html", page, await shell_of(request, call), status)


def codes_url(call: Caller, phone: str = "") -> str | None:
    """Where a simulated world shows the messages that it "sent", for one phone or all of them; else None."""
    if not call.tools.simulated:
        return None
    inbox = call.tools.settings.messages_url.rstrip("/") + "/inbox"
    return f"{inbox}?{urlencode({'phone': phone})}" if phone else inbox


def _remember(answer: Response, call: Caller, text: str) -> None:
    sealed = urlsafe_b64encode(call.tools.keys.seal(text.encode(), PLACE)).decode()
    answer.set_cookie(
        cookie_name("to", call.tools),
        sealed,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=call.tools.secure,
        httponly=True,
        samesite="lax",
    )


def _remembered(request: Request, call: Caller) -> tuple[str, str] | None:
    """(phone, masked phone) of the browser that is signing in."""
    try:
        sealed = urlsafe_b64decode(request.cookies.get(cookie_name("to", call.tools), ""))
        phone, masked = call.tools.keys.open(sealed, PLACE).decode().split("\x1f")
    except (NotBase64, SealBroken, ValueError):
        return None
    return phone, masked

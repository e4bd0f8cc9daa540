"""Signing in and out over JSON. The token is for clients that keep no cookies; browsers get the cookie as well."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi.responses import JSONResponse, Response
from pydantic import StringConstraints

from api.auth import cookies, owners, proof, staff
from api.auth.codes import CodeSent
from api.auth.signing_in import SignedIn, sign_out
from api.caller import Call
from api.idempotency import Key
from api.policy import PUBLIC, STAFF
from api.problems import NotSignedIn
from api.replies import one, shown
from api.routes import Router
from api.wire import Input, present

router = Router(prefix="/v1", tags=["sign-in"])

Short = Annotated[str, StringConstraints(max_length=64)]


class PhoneInput(Input):
    """Where to send the code."""

    phone: Short


class CodeInput(Input):
    """The code that came."""

    phone: Short
    code: Short


class StaffInput(Input):
    """Both factors at once."""

    login: Short
    password: Annotated[str, StringConstraints(max_length=512)]
    totp: Short


@dataclass(frozen=True, slots=True)
class SessionNow:
    """Who is signed in here. ``csrf`` is for forms and the ``X-CSRF-Token`` header."""

    kind: str
    roles: tuple[str, ...]
    name: str | None
    locale: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Token:
    """A new session, for ``Authorization: Bearer``."""

    token: str
    csrf: str
    kind: str
    expires_at: datetime
    new_person: bool


class ProofInput(Input):
    """What the authenticator shows."""

    totp: Short


@dataclass(frozen=True, slots=True)
class Proof:
    """Until when this session may do what needs a fresh second factor."""

    fresh_until: datetime


@router.post("/sign-in/code", policy=PUBLIC, **one(CodeSent))
async def send_code(call: Call, body: PhoneInput, key: Key) -> Response:
    """Send a one-time code to a phone."""
    return shown(await owners.start_sign_in(call, owners.StartSignIn(body.phone), key))


@router.post("/sign-in", policy=PUBLIC, **one(Token))
async def sign_in(call: Call, body: CodeInput) -> Response:
    """Trade the code for a session. The code itself makes this happen once."""
    return _session(call, await owners.finish_sign_in(call, owners.FinishSignIn(body.phone, body.code)))


@router.post("/staff/sign-in", policy=PUBLIC, **one(Token))
async def staff_sign_in(call: Call, body: StaffInput) -> Response:
    """Sign in as staff. The second factor's time step makes this happen once."""
    command = staff.StaffSignIn(body.login, body.password, body.totp)
    return _session(call, await staff.staff_sign_in(call, command))


def _session(call: Call, signed_in: SignedIn) -> Response:
    token = Token(signed_in.token, signed_in.csrf, signed_in.kind, signed_in.expires_at, signed_in.new_person)
    response = JSONResponse(present(token))
    cookies.put(response, call, signed_in)
    return response


@router.post("/staff/proof", policy=STAFF, **one(Proof))
async def prove(call: Call, body: ProofInput) -> Response:
    """Show the second factor again, for what asks for a fresh one. The digits themselves make this happen once."""
    fresh = await proof.prove(call, body.totp)
    return shown(Proof((fresh.proven_at or call.tools.wall_now()) + proof.FRESH))


@router.post("/sign-out", policy=PUBLIC, status_code=204)
async def end(call: Call) -> Response:
    """End this session; without one nothing happens, so a repeat is harmless."""
    await sign_out(call)
    response = Response(status_code=204)
    cookies.drop(response, call)
    return response


@router.get("/session", policy=PUBLIC, **one(SessionNow))
async def session(call: Call) -> Response:
    """Who is signed in here; 401 if nobody is."""
    if call.principal.id is None:
        raise NotSignedIn
    roles = tuple(sorted(call.principal.roles))
    return shown(SessionNow(call.principal.kind, roles, call.principal.name, call.locale, call.csrf))

"""The session cookie: only the browser that it was given to sends it, no script reads it."""

from fastapi.responses import Response

from api.auth.signing_in import SignedIn
from api.caller import LIFETIME, Caller, cookie_name


def put(response: Response, caller: Caller, signed_in: SignedIn) -> None:
    """Give the browser its new token."""
    response.set_cookie(
        cookie_name("sid", caller.tools),
        signed_in.token,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=caller.tools.secure,
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, caller: Caller) -> None:
    """Take it back."""
    response.delete_cookie(
        cookie_name("sid", caller.tools), path="/", secure=caller.tools.secure, httponly=True, samesite="lax"
    )

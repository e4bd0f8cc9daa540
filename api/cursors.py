"""Where a list goes on: an opaque cursor, bound to the list and to who reads it, that nobody else can make."""

import base64
import hmac

from api.caller import Caller
from api.problems import BadFields, FieldError

TAG = 16


def sealed(caller: Caller, listing: str, position: int) -> str:
    """The cursor after ``position`` of a listing."""
    body = str(position).encode()
    return base64.urlsafe_b64encode(_tag(caller, listing, body) + body).decode().rstrip("=")


def opened(caller: Caller, listing: str, cursor: str | None) -> int | None:
    """The position of a cursor; one of another reader or listing, or a changed one, is refused."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        tag, body = raw[:TAG], raw[TAG:]
        if hmac.compare_digest(tag, _tag(caller, listing, body)):
            return int(body)
    except ValueError:
        pass
    raise BadFields(fields=(FieldError("after", "wrong_form"),))


def _tag(caller: Caller, listing: str, body: bytes) -> bytes:
    key = hmac.digest(caller.tools.settings.secret_bytes("session_key"), b"cursor", "sha256")
    name = f"{caller.principal.actor}\x1f{listing}\x1f".encode()
    return hmac.digest(key, name + body, "sha256")[:TAG]

"""A person's own data as JSON: copies and erasure."""

from uuid import UUID

from fastapi.responses import Response

from api.auth.codes import CodeSent
from api.caller import Call
from api.idempotency import Key
from api.owner import data_rights
from api.policy import OWNER, OWNER_CONSENTS
from api.replies import RECEIPT, many, one, shown, told
from api.replies import listed as items
from api.routes import Router, attachment
from api.views import DataRequestView, ErasureView
from api.wire import Input, Text

router = Router(prefix="/v1/privacy", tags=["owner"])


class KindInput(Input):
    """``export`` or ``erasure``."""

    kind: Text


class CodeInput(Input):
    """The code that came for it."""

    code: Text


@router.post("/code", policy=OWNER_CONSENTS, **one(CodeSent))
async def confirm(call: Call, body: KindInput, key: Key) -> Response:
    """Send a code that is good for one request about one's data."""
    return shown(await data_rights.confirm(call, body.kind, key))


@router.get("/exports", policy=OWNER, **many(DataRequestView))
async def copies(call: Call) -> Response:
    """One's newest copies."""
    return items(await data_rights.copies(call))


@router.post("/exports", policy=OWNER_CONSENTS, **RECEIPT)
async def export(call: Call, body: CodeInput, key: Key) -> Response:
    """Ask for a copy of all that is held of one."""
    return told(await data_rights.ask(call, "export", body.code, key))


@router.get("/exports/{request_id}/file", policy=OWNER)
async def copy(call: Call, request_id: UUID) -> Response:
    """A copy, while its link lives."""
    return attachment(await data_rights.copy(call, request_id))


@router.get("/erasure", policy=OWNER, **one(ErasureView))
async def preview(call: Call) -> Response:
    """What an erasure would leave, and what stands in its way."""
    return shown(await data_rights.erasure(call))


@router.post("/erasure", policy=OWNER_CONSENTS, **RECEIPT)
async def erase(call: Call, body: CodeInput, key: Key) -> Response:
    """Erase what no law keeps. There is no way back, and this session ends with it."""
    return told(await data_rights.ask(call, "erasure", body.code, key))

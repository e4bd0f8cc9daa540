"""Taking one's data away, and having it erased: a page that says what stays, a code, and one answer."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.auth import cookies
from api.caller import Call, Caller
from api.owner import data_rights
from api.policy import OWNER, OWNER_CONSENTS
from api.problems import NotFound, Problem
from api.routes import Router, attachment
from lending.refusals import Refusal
from web.asking import again, errors_of, sent, shown
from web.owner.signing_in import codes_url
from web.showing import go, shell_of, show
from web.views.owner import ConfirmPage, ErasePage, Kept
from web.views.parts import Form

router = Router(include_in_schema=False)
MINUTES = 10


@router.get("/privacy/erase", policy=OWNER)
async def erase_page(request: Request, call: Call) -> Response:
    """What would go, what would stay, why and until when; or why not now."""
    return await _erase(request, call, shown("/privacy/code", {"kind": "erasure"}))


async def _erase(request: Request, call: Caller, form: Form, status: int = 200) -> Response:
    seen = await data_rights.erasure(call)
    page = ErasePage(
        form if seen.possible else None,
        seen.reason.text if seen.reason else "",
        tuple(Kept(one.text, one.law, one.until) for one in seen.kept),
        errors=form.errors,
    )
    return show(request, "owner/erase.html", page, await shell_of(request, call, "owner", tab="profile"), status)


@router.post("/privacy/code", policy=OWNER_CONSENTS)
async def code(request: Request, call: Call) -> Response:
    """Send the code, and ask for it."""
    form = await sent(request)
    kind = form.get("kind", "")
    if kind not in data_rights.KINDS:
        raise NotFound
    try:
        await data_rights.confirm(call, kind, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _confirm(request, call, kind, again(f"/privacy/{kind}", {}, no, call), 422)
    return go(f"/privacy/confirm/{kind}")


@router.get("/privacy/confirm/{kind}", policy=OWNER)
async def confirm_page(request: Request, call: Call, kind: str) -> Response:
    """The code for one request."""
    if kind not in data_rights.KINDS:
        raise NotFound
    return await _confirm(request, call, kind, shown(f"/privacy/{kind}"))


async def _confirm(request: Request, call: Caller, kind: str, form: Form, status: int = 200) -> Response:
    page = ConfirmPage(kind, form, MINUTES, codes_url(call, ""))
    return show(request, "owner/confirm.html", page, await shell_of(request, call, "owner", tab="profile"), status)


@router.post("/privacy/export", policy=OWNER_CONSENTS)
async def export(request: Request, call: Call) -> Response:
    """Have the copy made."""
    form = await sent(request)
    try:
        await data_rights.ask(call, "export", form.get("code", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _confirm(request, call, "export", again("/privacy/export", form, no, call, ("code",)), 422)
    return go("/privacy#copies")


@router.get("/privacy/exports/{request_id:uuid}", policy=OWNER)
async def copy(call: Call, request_id: UUID) -> Response:
    """The copy, to save."""
    return attachment(await data_rights.copy(call, request_id))


@router.post("/privacy/erasure", policy=OWNER_CONSENTS)
async def erase(request: Request, call: Call) -> Response:
    """Have everything erased that no law keeps; the last page of this account."""
    form = await sent(request)
    try:
        receipt = await data_rights.ask(call, "erasure", form.get("code", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        if "code" not in errors_of(no, call.locale):
            return await _erase(request, call, again("/privacy/code", {"kind": "erasure"}, no, call), 422)
        return await _confirm(request, call, "erasure", again("/privacy/erasure", form, no, call, ("code",)), 422)
    if receipt.problem:
        return go("/privacy/erase")
    shell = await shell_of(request, call)
    answer = show(request, "owner/erased.html", ConfirmPage(receipt.state, shown("/"), MINUTES), shell)
    cookies.drop(answer, call)
    return answer

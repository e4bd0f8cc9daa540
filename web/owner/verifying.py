"""The page on which anybody checks a contract of ours."""

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api.caller import Call, Caller
from api.owner import uploading, verifying
from api.policy import PUBLIC
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.views import VerificationView
from lending.refusals import Refusal
from web.asking import errors_of, shown
from web.showing import shell_of, show
from web.views.owner import SignatureLine, VerifyPage

router = Router(include_in_schema=False)
HERE = "/verify"


@router.get("/verify", policy=PUBLIC)
async def verify_page(request: Request, call: Call) -> Response:
    """Which file?"""
    return await _show(request, call, VerifyPage(shown(HERE)))


@router.post("/verify", policy=PUBLIC)
async def verify(request: Request, call: Call) -> Response:
    """What the file proves."""
    async with request.form(max_files=1) as form:
        file = form.get("file")
        try:
            if not isinstance(file, UploadFile) or not file.filename:
                raise BadFields(fields=(FieldError("file", "missing"),))
            upload = uploading.Upload(file.filename, uploading.chunks_of(file))
            seen = await verifying.verify(call, upload)
        except (Refusal, Problem) as no:
            return await _show(request, call, VerifyPage(shown(HERE, errors=errors_of(no, call.locale))), 422)
    return await _show(request, call, verify_result(seen))


def verify_result(seen: VerificationView) -> VerifyPage:
    """What the page shows of a file."""
    return VerifyPage(
        shown(HERE),
        genuine=seen.genuine,
        in_archive=seen.in_archive,
        sha256=seen.sha256,
        signatures=tuple(
            SignatureLine(
                one.party, one.name, one.signed_at, one.reason, intact=one.intact, whole=one.whole, trusted=one.trusted
            )
            for one in seen.signatures
        ),
    )


async def _show(request: Request, call: Caller, page: VerifyPage, status: int = 200) -> Response:
    audience = "owner" if call.principal.kind == "owner" else "public"
    return show(request, "owner/verify.html", page, await shell_of(request, call, audience), status)

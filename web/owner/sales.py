"""Bills for a running loan: brought, looked at, and counted by one yes."""

from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from api.caller import Call, Caller
from api.commands import After, carry_on
from api.owner import bringing_sales
from api.owner.uploading import Upload
from api.policy import OWNER, OWNER_APPLIES
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from web import brought as dress
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.sales import SalesPage

router = Router(include_in_schema=False)
# While a bill is being read the page looks again by itself.
SOON = 2


def _at(loan_id: UUID) -> str:
    return f"/loans/{loan_id}/sales"


@router.get("/loans/{loan_id:uuid}/sales", policy=OWNER)
async def sales(request: Request, call: Call, loan_id: UUID) -> Response:
    """What was brought, and what it says."""
    return await _page(request, call, loan_id)


async def _page(
    request: Request, call: Caller, loan_id: UUID, bring: Form | None = None, wrong: dict[str, Form] | None = None
) -> Response:
    files = await bringing_sales.files(call, loan_id)
    may = call.may("own.apply") and await bringing_sales.may_bring(call, loan_id)
    page = SalesPage(
        str(loan_id),
        (bring or shown(_at(loan_id))) if may else None,
        files,
        {
            str(one.id): (wrong or {}).get(str(one.id)) or shown(f"{_at(loan_id)}/{one.id}")
            for one in files
            if one.state == "read" and may
        },
    )
    around: dict[str, Any] = {"poll": SOON, "refresh": SOON} if any(one.state == "received" for one in files) else {}
    shell = await shell_of(request, call, "owner", tab="loans", **around)
    return show(request, "owner/sales.html", page, shell, 422 if bring or wrong else 200)


@router.post("/loans/{loan_id:uuid}/sales", policy=OWNER_APPLIES)
async def bring(request: Request, call: Call, loan_id: UUID) -> Response:
    """Taken in and answered at once, read behind it."""
    form = await request.form(max_files=dress.MOST_FILES)
    after: After = []

    async def one(upload: Upload, key: str) -> None:
        await bringing_sales.bring(call, loan_id, upload, key, after)

    if problems := await dress.taken(call, form, one):
        answer = await _page(request, call, loan_id, shown(_at(loan_id), errors={"files": problems[0]}))
    else:
        answer = go(_at(loan_id))
    answer.background = BackgroundTask(carry_on, after)
    return answer


@router.post("/loans/{loan_id:uuid}/sales/{file_id:uuid}", policy=OWNER_APPLIES)
async def confirm(request: Request, call: Call, loan_id: UUID, file_id: UUID) -> Response:
    """Yes, this is right."""
    form = await sent(request)
    try:
        await bringing_sales.confirm(call, loan_id, file_id, form.get("key", ""))
    except (Refusal, Problem) as no:
        wrong = {str(file_id): again(f"{_at(loan_id)}/{file_id}", form, no, call)}
        return await _page(request, call, loan_id, wrong=wrong)
    return go(f"{_at(loan_id)}#f-{file_id}")

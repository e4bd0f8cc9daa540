"""Owners' bills that a person has to look at."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import MONEY
from api.problems import Problem
from api.routes import Router
from api.staff import sales_files
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.sales import SalesDeskPage

router = Router(include_in_schema=False)
HERE = "/desk/sales"


@router.get(HERE, policy=MONEY)
async def desk(request: Request, call: Call) -> Response:
    """What waits, the oldest first."""
    return await _page(request, call, {})


async def _page(request: Request, call: Caller, wrong: dict[str, Form]) -> Response:
    found = await sales_files.waiting(call)
    forms = {str(one.id): wrong.get(str(one.id)) or shown(f"{HERE}/{one.id}") for one in found}
    shell = await shell_of(request, call, "staff", tab="sales")
    return show(request, "staff/sales.html", SalesDeskPage(found, forms), shell, 422 if wrong else 200)


@router.post(HERE + "/{file_id:uuid}", policy=MONEY)
async def judge(request: Request, call: Call, file_id: UUID) -> Response:
    """Count what waits, or leave it."""
    form = await sent(request)
    try:
        said = form.get("act", ""), form.get("words", "")
        await sales_files.judge(call, file_id, *said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, {str(file_id): again(f"{HERE}/{file_id}", form, no, call)})
    return go(HERE)

"""Relief at the desk: what a person answers."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import COLLECTIONS, COLLECTIONS_ACTS
from api.problems import Problem
from api.routes import Router
from api.staff import reliefs
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.relief import ReliefsPage

router = Router(include_in_schema=False)
HERE = "/desk/reliefs"


@router.get(HERE, policy=COLLECTIONS)
async def waiting(request: Request, call: Call) -> Response:
    """All that wait."""
    return await _page(request, call)


@router.post(HERE + "/{relief_id:uuid}", policy=COLLECTIONS_ACTS)
async def answer(request: Request, call: Call, relief_id: UUID) -> Response:
    """Offer or decline."""
    form = await sent(request)
    try:
        await reliefs.answer(
            call,
            relief_id,
            form.get("verdict", ""),
            form.get("helps_instead", ""),
            form.get("consented", "") == "yes",
            form.get("key", ""),
        )
    except (Refusal, Problem) as no:
        return await _page(request, call, {relief_id: again(f"{HERE}/{relief_id}", form, no, call)})
    return go(HERE)


async def _page(request: Request, call: Caller, wrong: dict[UUID, Form] | None = None) -> Response:
    tasks = await reliefs.waiting(call)
    may = call.may("collection.act")
    forms = {one.id: shown(f"{HERE}/{one.id}") for one in tasks if may} | (wrong or {})
    shell = await shell_of(request, call, "staff", tab="collections")
    return show(request, "staff/reliefs.html", ReliefsPage(tasks, forms), shell, 422 if wrong else 200)

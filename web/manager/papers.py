"""A customer's papers on the manager's pages: opened, found good, or refused with a reason."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call
from api.manager import papers
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import BadFields, FieldError
from api.routes import Router, drawn
from web.asking import sent
from web.showing import go

router = Router(include_in_schema=False)

ACCEPT = "accept"


@router.get("/manager/papers/{document_id:uuid}", policy=MANAGER)
async def paper(call: Call, document_id: UUID) -> Response:
    """One paper, as it was drawn; the look is on record."""
    return drawn(await papers.opened(call, document_id))


@router.post("/manager/papers/{document_id:uuid}", policy=MANAGER_DECIDES)
async def judge(request: Request, call: Call, document_id: UUID) -> Response:
    """Say whether it will do; the page goes on with the case."""
    form = await sent(request)
    said = form.get("say", "")
    if not said:
        raise BadFields(fields=(FieldError("say", "missing"),))
    judged = papers.Judged(said == ACCEPT, "" if said == ACCEPT else said, form.get("words", ""))
    await papers.judge(call, document_id, judged, form.get("key", ""))
    back = form.get("back", "")
    return go(back if back.startswith("/manager/tasks/") else "/manager")

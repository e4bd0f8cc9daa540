"""A customer's papers on the manager's pages: opened, found good, or refused with a reason."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import papers
from api.owner.uploading import Upload
from api.policy import MANAGER, MANAGER_ASSISTS, MANAGER_DECIDES
from api.problems import BadFields, FieldError
from api.routes import Router, drawn
from web import brought as dress
from web.asking import sent, shown
from web.showing import go, shell_of, show
from web.views.brought import ScanPage
from web.views.parts import Form

router = Router(include_in_schema=False)

ACCEPT, BILLS = "accept", "bills"


@router.get("/manager/customers/{application_id:uuid}/papers", policy=MANAGER_ASSISTS)
async def customers_papers(request: Request, call: Call, application_id: UUID) -> Response:
    """The customer's list, to fill for somebody who sits beside the manager."""
    return await _list(request, call, application_id)


async def _list(request: Request, call: Caller, application_id: UUID, wrong: dict[str, Form] | None = None) -> Response:
    seen = await papers.seen(call, application_id)
    here = f"/manager/customers/{application_id}/papers"
    bills = next((item for item in seen.items if item.id == BILLS), None)
    page = ScanPage(
        customer_href=f"/manager/customers/{application_id}",
        items=dress.papers(seen, "/manager/papers", bring_at=here, wrong=wrong),
        bills=dress.files(bills, "") if bills else (),
        form=((wrong or {}).get(BILLS) or shown(here)) if seen.open else None,
    )
    shell = await shell_of(request, call, "manager", tab="customers")
    return show(request, "manager/scan.html", page, shell, 422 if wrong else 200)


@router.post("/manager/customers/{application_id:uuid}/papers", policy=MANAGER_ASSISTS)
async def scan(request: Request, call: Call, application_id: UUID) -> Response:
    """Bring what the customer handed over; one file that is refused does not lose the others."""
    form = await request.form(max_files=dress.MOST_FILES)
    item = str(form.get("item", ""))[:40]
    here = f"/manager/customers/{application_id}/papers"

    async def one(upload: Upload, key: str) -> None:
        if item == BILLS:
            await papers.bring_bill(call, application_id, upload, key)
        else:
            await papers.bring(call, application_id, item, upload, key)

    if problems := await dress.taken(call, form, one):
        return await _list(request, call, application_id, {item: shown(here, errors={"files": problems[0]})})
    return go(here)


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
    return go(back if back.startswith(("/manager/tasks/", "/desk/cases/")) else "/manager")

"""What has to be met before the money leaves: each condition in plain words, and the paper that shows it."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import checklist, conditions
from api.caller import Call, Caller
from api.hands import owners
from api.owner.uploading import Upload
from api.policy import OWNER, OWNER_APPLIES
from api.problems import NotFound
from api.routes import Router
from web import brought as dress
from web.asking import shown
from web.owner.applying import current
from web.showing import go, shell_of, show
from web.views.desk import ConditionsPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/progress/conditions"
POLL = 20


@router.get(HERE, policy=OWNER)
async def newest(call: Call) -> Response:
    """Those of the application that is under way."""
    return go(f"{HERE}/{(await current(call)).id}")


@router.get(HERE + "/{application_id:uuid}", policy=OWNER)
async def seen(request: Request, call: Call, application_id: UUID) -> Response:
    """Whose act each is, what to do, and by when."""
    return await _page(request, call, application_id)


async def _page(request: Request, call: Caller, application_id: UUID, wrong: Form | None = None) -> Response:
    found = await conditions.mine(call, application_id)
    if not found:
        raise NotFound
    brought = await checklist.seen(call, owners(call), application_id)
    items = dress.papers(brought, "/apply/papers")
    page = ConditionsPage(
        seen=found,
        papers=next((one.files for one in items if one.id == checklist.FOR_CONDITION.id), ()),
        bring=wrong or (shown(f"{HERE}/{application_id}") if _asks(brought) else None),
    )
    shell = await shell_of(request, call, "owner", tab="progress", poll=POLL, refresh=POLL)
    return show(request, "owner/conditions.html", page, shell, 422 if wrong else 200)


def _asks(brought: checklist.Checklist) -> bool:
    return any(item.id == checklist.FOR_CONDITION.id for item in brought.items)


@router.post(HERE + "/{application_id:uuid}", policy=OWNER_APPLIES)
async def bring(request: Request, call: Call, application_id: UUID) -> Response:
    """Bring a paper that shows that a condition is met; a person looks at it."""
    form = await request.form(max_files=dress.MOST_FILES)

    async def one(upload: Upload, key: str) -> None:
        await checklist.bring(call, owners(call), application_id, checklist.FOR_CONDITION.id, upload, key)

    if problems := await dress.taken(call, form, one):
        back = shown(f"{HERE}/{application_id}", errors={"files": problems[0]})
        return await _page(request, call, application_id, back)
    return go(f"{HERE}/{application_id}")

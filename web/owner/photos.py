"""Photos that fill the identity form: taken in one by one, shown with what was read, never trusted over the owner."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from api.caller import Call, Caller
from api.owner import photographing, uploading
from api.policy import OWNER_APPLIES
from api.problems import Problem
from api.routes import Router
from api.views import IdentityPaperView
from infra import i18n
from lending.refusals import Refusal
from web.owner.front import FIRST, wish_in
from web.showing import go
from web.views.owner import Photo
from web.wording import Say

router = Router(include_in_schema=False)

MOST_PHOTOS = 4
# Recognition takes seconds: long enough to wait for on the spot, and the page goes on by itself after that.
PATIENCE, LOOK_EVERY = timedelta(seconds=8), timedelta(milliseconds=250)
SURE = Decimal("0.9")  # below, the owner is asked to look twice
FIELDS = ("kind", "name", "id_number", "firm_name", "licence")


@router.post("/apply/identity/photos", policy=OWNER_APPLIES)
async def add_photos(request: Request, call: Call) -> Response:
    """Take in each photo; the page that follows says of each what came of it."""
    form = await request.form(max_files=MOST_PHOTOS)
    files = [file for file in form.getlist("photos") if isinstance(file, UploadFile) and file.filename]
    refused = not files
    for n, file in enumerate(files):
        try:
            upload = uploading.Upload(file.filename or "", uploading.chunks_of(file))
            await photographing.add_photo(call, upload, f"{form.get('key', '')}.{n}")
        except (Refusal, Problem):
            refused = True
    if files and not refused:
        await _read_soon(call)
    return go("/apply/identity?" + _query(form, refused))


def _query(form: FormData, refused: bool) -> str:
    known = {name: str(form.get(name, ""))[:20] for name in FIRST if form.get(name)}
    return "&".join(part for part in (wish_in(known) if known else "", "photo=refused" if refused else "") if part)


async def _read_soon(call: Caller) -> None:
    for _ in range(int(PATIENCE / LOOK_EVERY)):
        if all(one.state != "received" for one in await photographing.photos(call)):
            return
        await asyncio.sleep(LOOK_EVERY.total_seconds())


def shown_photos(papers: Sequence[IdentityPaperView]) -> tuple[Photo, ...]:
    """The newest photo of each kind, and those of the newest that did not come out."""
    seen: set[str | None] = set()
    photos: list[Photo] = []
    for paper in papers:
        if paper.kind in seen:
            continue
        seen.add(paper.kind)
        photos.append(Photo(paper.state, paper.kind, _why(paper) if paper.problem else None))
    return tuple(photos)


def _why(paper: IdentityPaperView) -> Say:
    key = f"web.identity.photo.refused.{paper.problem}"
    return Say(key if i18n.known(key) else "web.identity.photo.refused.reader_failed")


def read_of(papers: Sequence[IdentityPaperView]) -> tuple[dict[str, str], Mapping[str, Say]]:
    """What the newest photos say for each field of the form, and of each whether to look twice.

    The card's name counts before the licence's: the form asks for the person.
    """
    values: dict[str, str] = {}
    noted: dict[str, Say] = {}
    ordered = sorted((one for one in papers if one.state == "read"), key=lambda one: one.kind != "id_card")
    for paper in ordered:
        for field in paper.fields:
            if field.name in FIELDS and field.name not in values:
                values[field.name] = field.value
                sure = field.sure >= SURE and field.checked is not False
                noted[field.name] = Say("web.identity.photo.sure" if sure else "web.identity.photo.unsure")
    return values, noted

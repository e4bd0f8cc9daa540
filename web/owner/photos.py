"""Photos that fill the identity form: taken in one by one, shown with what was read, never trusted over the owner."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.background import BackgroundTask
from starlette.datastructures import FormData, UploadFile

from api import drafting
from api.caller import Call, Caller
from api.commands import After, carry_on
from api.hands import owners
from api.owner import photographing, uploading
from api.policy import OWNER_APPLIES
from api.problems import NotFound, Problem
from api.routes import Router
from api.views import IdentityPaperView, PaperField
from infra import i18n
from lending.refusals import Refusal
from web.drafting import label_of, seen_in, typed_in
from web.owner.front import CARRIED, wish_in
from web.showing import go
from web.views.owner import Photo, PhotoDiffers
from web.wording import Say

router = Router(include_in_schema=False)

MOST_PHOTOS = 4
SURE = Decimal("0.9")  # below, the owner is asked to look twice
FIELDS = ("kind", "name", "id_number", "firm_name", "licence")
PICKED = ("kind",)  # shown as a choice: it stands beside its field, not as text


@router.post("/apply/identity/photos", policy=OWNER_APPLIES)
async def add_photos(request: Request, call: Call) -> Response:
    """Take in each photo and answer at once; they are read behind it, and the page says of each what came of it.

    The photos come with the whole form: what was typed and not kept yet is kept first.
    """
    form = await request.form(max_files=MOST_PHOTOS)
    key = str(form.get("key", ""))
    await keep_typed(call, {name: value for name, value in form.items() if isinstance(value, str)}, key)
    files = [file for file in form.getlist("photos") if isinstance(file, UploadFile) and file.filename]
    refused = not files
    after: After = []
    for n, file in enumerate(files):
        try:
            upload = uploading.Upload(file.filename or "", uploading.chunks_of(file))
            await photographing.add_photo(call, upload, f"{key}.{n}", after)
        except (Refusal, Problem):
            refused = True
    answer = go("/apply/identity?" + _query(form, refused) + "#reading")
    answer.background = BackgroundTask(carry_on, after)
    return answer


@router.post("/apply/identity/choose", policy=OWNER_APPLIES)
async def choose(request: Request, call: Call) -> Response:
    """Whose word counts where the photo and the owner differ: one tap a field."""
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        paper, field, chosen = typed.get("choose", "").split(".")
        paper_id = UUID(paper)
    except ValueError:
        raise NotFound from None
    if chosen not in ("mine", "photo"):
        raise NotFound
    key = typed.get("key", "")
    said = await photographing.choose(call, paper_id, field, chosen, key)
    await keep_typed(call, typed | ({field: said} if chosen == "photo" else {}), key)
    return go("/apply/identity?" + _query(form, refused=False) + "#reading")


async def keep_typed(call: Caller, form: Mapping[str, str], key: str) -> None:
    """Keep what stands in the form beside what this page was sent for. What another hand changed meanwhile is theirs:
    the page shows it, and the owner decides there."""
    typed = {name: value for name, value in typed_in(form).items() if value.strip()}
    with suppress(Refusal, Problem):  # an application that has begun keeps no draft
        await drafting.save(call, owners(call), typed, seen=seen_in(form), key=key)


def _query(form: FormData, refused: bool) -> str:
    known = {name: str(form.get(name, ""))[:36] for name in CARRIED if form.get(name)}
    return "&".join(part for part in (wish_in(known) if known else "", "photo=refused" if refused else "") if part)


def shown_photos(papers: Sequence[IdentityPaperView], values: Mapping[str, str]) -> tuple[Photo, ...]:
    """The newest photo of each kind, and those of the newest that did not come out; and where a photo says otherwise
    than ``values``, what the form holds."""
    seen: set[str | None] = set()
    counted = {(paper.id, field.name) for paper, field in _counting(papers)}
    photos: list[Photo] = []
    for paper in papers:
        if paper.kind in seen and paper.state != "received":
            continue
        seen.add(paper.kind)
        differs = tuple(
            PhotoDiffers(
                name=field.name,
                label=label_of(field.name),
                typed=values[field.name],
                read=field.value,
                choose=f"{paper.id}.{field.name}",
                settled=field.chosen == "mine",
            )
            for field in paper.fields
            if (paper.id, field.name) in counted
            and field.name not in PICKED
            and values.get(field.name)
            and _same(field.value) != _same(values[field.name])
        )
        photos.append(Photo(paper.state, paper.kind, _why(paper) if paper.problem else None, differs))
    return tuple(photos)


def _same(text: str) -> str:
    """A value without what makes no difference: spaces, width of letters, small x of a number."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _why(paper: IdentityPaperView) -> Say:
    key = f"web.identity.photo.refused.{paper.problem}"
    return Say(key if i18n.known(key) else "web.identity.photo.refused.reader_failed")


def _counting(papers: Sequence[IdentityPaperView]) -> Iterator[tuple[IdentityPaperView, PaperField]]:
    """Each field of the form as the newest photos say it, and which of them.

    The card's name counts before the licence's: the form asks for the person.
    """
    known: set[str] = set()
    for paper in sorted((one for one in papers if one.state == "read"), key=lambda one: one.kind != "id_card"):
        for field in paper.fields:
            if field.name in FIELDS and field.name not in known:
                known.add(field.name)
                yield paper, field


def read_of(papers: Sequence[IdentityPaperView]) -> tuple[dict[str, str], Mapping[str, Say]]:
    """What the newest photos say for each field of the form, and of each whether to look twice."""
    values: dict[str, str] = {}
    noted: dict[str, Say] = {}
    for _, field in _counting(papers):
        values[field.name] = field.value
        sure = field.sure >= SURE and field.checked is not False
        noted[field.name] = Say("web.identity.photo.sure" if sure else "web.identity.photo.unsure")
    return values, noted


def taken_of(papers: Sequence[IdentityPaperView]) -> dict[str, str]:
    """What the owner took from a photo over what stood in the form."""
    return {field.name: field.value for _, field in _counting(papers) if field.chosen == "photo"}

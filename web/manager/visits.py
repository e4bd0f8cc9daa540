"""Tasks outside on the manager's phone: what to take along, what to bring home, done."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api.answers import by_a_queue
from api.caller import Call, Caller
from api.manager import capturing, leaves, offline, on_the_spot, vouching
from api.owner.uploading import Upload, chunks_of
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import BadFields, FieldError, Forbidden, Problem
from api.routes import Router, drawn
from api.staff import desk
from lending.refusals import Refusal
from web.asking import again, instant, sent, shown
from web.showing import go, kept_on_the_road, shell_of, show, whose
from web.views.parts import Form
from web.views.visits import LeadForms, TaskOutsidePage, urgency

router = Router(include_in_schema=False)
HERE = "/manager/offline"
# The fields of a place, and how far from zero each may be.
PLACE = {"latitude": 90.0, "longitude": 180.0, "accuracy_m": 1e6}


@router.get(HERE + "/{task_id:uuid}", policy=MANAGER)
async def visit(request: Request, call: Call, task_id: UUID) -> Response:
    """One task: everything for it on one page."""
    return await visit_with(request, call, task_id)


async def visit_with(request: Request, call: Caller, task_id: UUID, **wrong: Form) -> Response:
    """The page, with a form as it was refused."""
    seen = await offline.case(call, task_id)
    clock = await desk.clock(call)
    here = f"{HERE}/{task_id}"
    may = seen.state == "open" and call.may("task.decide")
    acts = may and seen.may_act
    page = TaskOutsidePage(
        seen=seen,
        urgency=urgency(seen.card.due_at, clock.now),
        thing_ids=tuple(str(uuid4()) for _ in range(3)),
        capture=(wrong.get("capture") or shown(f"{here}/bring")) if may and seen.may_bring else None,
        book=(
            wrong.get("book")
            or shown(f"{here}/slot", {"way": seen.card.way or seen.ways[0], "place": seen.place or seen.known_place})
        )
        if acts and seen.slots
        else None,
        recording=(wrong.get("recording") or shown(f"{here}/recording")) if acts and seen.live else None,
        explain={
            one.id: wrong.get(str(one.id)) or shown(f"{HERE}/things/{one.id}/explanation")
            for one in seen.evidence
            if one.differs and seen.may_explain and call.may("task.decide")
        },
        vouch={
            one.id: wrong.get(str(one.id)) or shown(f"{HERE}/things/{one.id}/voucher")
            for one in seen.evidence
            if one.may_vouch and call.may("task.decide")
        },
        lead=LeadForms(wrong.get("lead") or shown(f"/manager/late/{task_id}"), await leaves.managers(call))
        if may and seen.card.escalated and call.may("staff.lead")
        else None,
        finish=(wrong.get("finish") or shown(f"{here}/finish")) if acts else None,
    )
    shell = await shell_of(request, call, "manager", tab="inbox")
    headers = kept_on_the_road(call) if may and seen.may_bring and not wrong else None
    return show(request, "manager/visit.html", page, shell, 422 if wrong else 200, headers)


@router.post(HERE + "/{task_id:uuid}/bring", policy=MANAGER_DECIDES)
async def bring(request: Request, call: Call, task_id: UUID) -> Response:
    """Keep one thing; a phone that was away sends it later, under the same id."""
    form = await request.form(max_files=1, max_fields=13)
    file = form.get("file")
    text = {name: value for name, value in form.items() if isinstance(value, str)}
    _theirs(call, text)
    try:
        upload = Upload(file.filename, chunks_of(file)) if isinstance(file, UploadFile) and file.filename else None
        await capturing.bring(call, task_id, _thing(text, upload))
    except (Refusal, Problem) as no:
        if by_a_queue(request):
            raise
        return await visit_with(request, call, task_id, capture=again(f"{HERE}/{task_id}/bring", text, no, call))
    return go(f"{HERE}/{task_id}")


def _theirs(call: Caller, form: Mapping[str, str]) -> None:
    """What a phone kept goes under the name of whoever captured it, whoever is signed in meanwhile."""
    if form.get("whose", "") not in ("", whose(call)):
        raise Forbidden


def _number(text: str, most: float) -> float | None:
    """What a page says of where it is; nothing, where that is no such number."""
    value = float(text) if text else None
    if value is not None and not abs(value) <= most:
        raise ValueError
    return value


def _thing(text: dict[str, str], upload: Upload | None) -> capturing.Thing:
    try:
        north, east, metres = (_number(text.get(name, ""), most) for name, most in PLACE.items())
        at = datetime.fromisoformat(text["taken_at"]) if text.get("taken_at") else None
        thing_id = UUID(text.get("id", ""))
    except ValueError:
        raise BadFields(fields=(FieldError("id", "not_one_of_these"),)) from None
    if at is not None and at.tzinfo is None:
        raise BadFields(fields=(FieldError("taken_at", "not_one_of_these"),))
    return capturing.Thing(thing_id, text.get("kind", ""), text.get("words", ""), north, east, metres, at, upload)


@router.post(HERE + "/{task_id:uuid}/slot", policy=MANAGER_DECIDES)
async def book(request: Request, call: Call, task_id: UUID) -> Response:
    """Arrange the hour, with the customer on the phone."""
    form = await sent(request)
    try:
        said = {name: form.get(name, "") for name in ("way", "place", "reason", "key")}
        await offline.book(call, task_id, slot_at=instant(form, "slot"), **said)
    except (Refusal, Problem) as no:
        return await visit_with(request, call, task_id, book=again(f"{HERE}/{task_id}/slot", form, no, call))
    return go(f"{HERE}/{task_id}")


@router.post(HERE + "/{task_id:uuid}/recording", policy=MANAGER_DECIDES)
async def take_recording(request: Request, call: Call, task_id: UUID) -> Response:
    """The live video is over."""
    form = await sent(request)
    try:
        await offline.take_recording(call, task_id, key=form.get("key", ""))
    except (Refusal, Problem) as no:
        return await visit_with(request, call, task_id, recording=again(f"{HERE}/{task_id}/recording", form, no, call))
    return go(f"{HERE}/{task_id}")


@router.post(HERE + "/{task_id:uuid}/finish", policy=MANAGER_DECIDES)
async def finish(request: Request, call: Call, task_id: UUID) -> Response:
    """Done, or why not."""
    form = await sent(request)
    _theirs(call, form)
    try:
        said = {"result": form.get("result", ""), "way": "", "words": form.get("why_not", "")}
        await offline.finish(call, task_id, **said, key=form.get("key", ""))
    except (Refusal, Problem) as no:
        if by_a_queue(request):
            raise
        return await visit_with(request, call, task_id, finish=again(f"{HERE}/{task_id}/finish", form, no, call))
    return go("/manager")


@router.post(HERE + "/things/{evidence_id:uuid}/explanation", policy=MANAGER_DECIDES)
async def explain(request: Request, call: Call, evidence_id: UUID) -> Response:
    """Why a number is not the piece's."""
    form = await sent(request)
    said, task_id = form.get("explanation", ""), await on_the_spot.task_of_thing(call, evidence_id)
    try:
        await on_the_spot.explain(call, evidence_id, explanation=said, key=form.get("key", ""))
    except (Refusal, Problem) as no:
        wrong = again(f"{HERE}/things/{evidence_id}/explanation", form, no, call)
        return await visit_with(request, call, task_id, **{str(evidence_id): wrong})
    return go(f"{HERE}/{task_id}")


@router.post(HERE + "/things/{evidence_id:uuid}/voucher", policy=MANAGER_DECIDES)
async def vouch(request: Request, call: Call, evidence_id: UUID) -> Response:
    """Why a photo is evidence without a place or a time."""
    form = await sent(request)
    said, task_id = form.get("reason", ""), await on_the_spot.task_of_thing(call, evidence_id)
    try:
        await vouching.vouch(call, evidence_id, reason=said, key=form.get("key", ""))
    except (Refusal, Problem) as no:
        wrong = again(f"{HERE}/things/{evidence_id}/voucher", form, no, call)
        return await visit_with(request, call, task_id, **{str(evidence_id): wrong})
    return go(f"{HERE}/{task_id}")


@router.get(HERE + "/things/{evidence_id:uuid}", policy=MANAGER)
async def thing(call: Call, evidence_id: UUID) -> Response:
    """A photo as it was drawn; a recording is saved."""
    return drawn(await capturing.opened(call, evidence_id))


@router.post("/manager/tasks/{task_id:uuid}/offline", policy=MANAGER_DECIDES)
async def ask(request: Request, call: Call, task_id: UUID) -> Response:
    """Have something seen outside before the case is decided."""
    form = await sent(request)
    await offline.ask(call, task_id, kind=form.get("kind", ""), words=form.get("words", ""), key=form.get("key", ""))
    return go("/manager")

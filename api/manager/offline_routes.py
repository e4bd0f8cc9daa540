"""The manager's side of tasks outside, as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.manager import capturing, offline
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import BadFields, FieldError
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router, attachment
from api.uploads import FILE, form_of, one_file
from api.views import OfflineCard, OfflineCase
from api.wire import Input, Text

router = Router(prefix="/v1/manager", tags=["manager"])

Words = Annotated[str, StringConstraints(max_length=2_000)]
Instant = Annotated[datetime, Field(strict=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, strict=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, strict=False)]
Metres = Annotated[float, Field(ge=0, le=1_000_000, strict=False)]
FILE_OF_A_TASK = form_of({"properties": {"file": FILE}})


class BookInput(Input):
    """When, how (on_site or video), and where for a visit on site; why there, where the company register says
    otherwise and nobody else said so."""

    slot_at: Instant
    way: Text
    place: Text = ""
    reason: Text = ""


class WordsInput(Input):
    """A note, the number on a plate, or what an outside body gave, with where and when as far as the phone knew."""

    kind: Text
    words: Words
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    accuracy_m: Metres | None = None
    taken_at: Instant | None = None


class EndInput(Input):
    """How it ended: done or not_possible; ``way`` if it was done otherwise than arranged."""

    result: Text
    way: Text = ""
    words: Words = ""


class AskInput(Input):
    """What is to be seen outside before the case is decided, and why."""

    kind: Text
    words: Words


def _id(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise BadFields(fields=(FieldError("Idempotency-Key", "not_one_of_these"),)) from None


@router.get("/offline", policy=MANAGER, **many(OfflineCard))
async def waiting(call: Call) -> Response:
    """Tasks outside that are open, by when they are due."""
    return listed(await offline.waiting(call))


@router.get("/offline/{task_id}", policy=MANAGER, **one(OfflineCase))
async def case(call: Call, task_id: UUID) -> Response:
    """One of them, with its pack and what was brought home; the look is on the customer's record."""
    return shown(await offline.case(call, task_id))


@router.post("/offline/{task_id}/slot", policy=MANAGER_DECIDES, **RECEIPT)
async def book(call: Call, task_id: UUID, body: BookInput, key: Key) -> Response:
    """Arrange the hour for the customer."""
    said = {"way": body.way, "place": body.place, "reason": body.reason}
    return told(await offline.book(call, task_id, slot_at=body.slot_at, **said, key=key))


@router.post("/offline/{task_id}/recording", policy=MANAGER_DECIDES, **RECEIPT)
async def take_recording(call: Call, task_id: UUID, key: Key) -> Response:
    """The live video is over: its recording is kept by hash, times and consent, and equals a visit (P33)."""
    return told(await offline.take_recording(call, task_id, key=key), commands="/v1/manager/commands")


@router.post("/offline/{task_id}/words", policy=MANAGER_DECIDES, **one(OfflineCase))
async def say(call: Call, task_id: UUID, body: WordsInput, key: Key) -> Response:
    """Keep something in words. The key is the id (a UUID) that the phone gave it: sent again it changes nothing."""
    return shown(await capturing.bring(call, task_id, capturing.Thing(_id(key), **dict(body))))


@router.post("/offline/{task_id}/files", policy=MANAGER_DECIDES, openapi_extra=FILE_OF_A_TASK, **one(OfflineCase))
async def bring(
    request: Request,
    call: Call,
    task_id: UUID,
    key: Key,
    kind: Text,
    latitude: Latitude | None = None,
    longitude: Longitude | None = None,
    accuracy_m: Metres | None = None,
    taken_at: datetime | None = None,
) -> Response:
    """Keep a photo or a recording. The key is its id, as for words; a place that the photo itself tells counts."""
    if (latitude is None) != (longitude is None):
        raise BadFields(fields=(FieldError("longitude" if longitude is None else "latitude", "missing"),))
    async with one_file(request) as upload:
        thing = capturing.Thing(_id(key), kind, "", latitude, longitude, accuracy_m, taken_at, upload)
        return shown(await capturing.bring(call, task_id, thing))


@router.get("/offline/evidence/{evidence_id}/file", policy=MANAGER, response_model=None)
async def file(call: Call, evidence_id: UUID) -> Response:
    """What was brought home, as it is kept; the look is on record."""
    return attachment(await capturing.opened(call, evidence_id))


@router.post("/offline/{task_id}/finish", policy=MANAGER_DECIDES, **RECEIPT)
async def finish(call: Call, task_id: UUID, body: EndInput, key: Key) -> Response:
    """Say how it ended."""
    said = {"result": body.result, "way": body.way, "words": body.words}
    return told(await offline.finish(call, task_id, **said, key=key), commands="/v1/manager/commands")


@router.post("/tasks/{task_id}/offline", policy=MANAGER_DECIDES, **RECEIPT)
async def ask(call: Call, task_id: UUID, body: AskInput, key: Key) -> Response:
    """Have something seen outside before this case is decided."""
    receipt = await offline.ask(call, task_id, kind=body.kind, words=body.words, key=key)
    return told(receipt, commands="/v1/manager/commands")

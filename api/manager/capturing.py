"""What a manager's phone captures outside: photos, plates, notes, recordings, each kept once.

What a phone captured carries an id that the phone made: sent twice, also days later, it is one thing.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.checklist import LARGEST, UNDRAWN
from api.idempotency import Json, perform
from api.looking import look
from api.manager import holding, on_the_spot
from api.manager.offline import WORDS_LONGEST, case, task_of
from api.owner.uploading import Upload, read_whole
from api.problems import BadFields, FieldError, NotFound
from api.routes import PaperFile
from api.views import OfflineCase
from db import audits, clocks, offline, people
from db import on_the_spot as spot
from infra import cleaning
from infra.phrases import BEIJING
from lending.offline import Captured
from lending.refusals import ReviewClosed

# A day on the road brings home dozens of things, not thousands.
THINGS = Limit(timedelta(days=1) / 500, 500)
# By their first bytes (ISO/IEC 14496-12; EBML, RFC 8794): what phones and browsers record.
VIDEOS = {"video/mp4": (4, b"ftyp"), "video/webm": (0, b"\x1a\x45\xdf\xa3")}
WITH_FILE = frozenset({Captured.PHOTO, Captured.RECORDING})


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a phone captured, with what the page knows of where and when; a photo itself may say more."""

    id: UUID
    kind: str
    words: str = field(default="", repr=False)
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    accuracy_m: float | None = None
    taken_at: datetime | None = None
    upload: Upload | None = None


async def bring(caller: Caller, task_id: UUID, thing: Thing) -> OfflineCase:
    """Keep one thing. The id is the phone's own, and the key of the request: again, it changes nothing."""
    tools = caller.tools
    form = fields.Form()
    if thing.kind not in (one.value for one in Captured):
        form.refuse("kind", "not_one_of_these")
    form.done()
    kind = Captured(thing.kind)
    if (kind in WITH_FILE) != (thing.upload is not None):
        raise BadFields(fields=(FieldError("file", "missing" if thing.upload is None else "not_one_of_these"),))
    words = thing.words.strip()
    if words or kind not in WITH_FILE:
        words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=2), words, "")
    form.done()
    async with tools.sessions.begin(scope="staff") as session:
        _, application = await task_of(session, caller, task_id)
        await look(session, caller, application, "visit")
        person_id = application.person_id
        sealing = await people.key_of(session, tools.vault, person_id)
    await at_most(caller, f"captured:{caller.principal.actor}", THINGS)
    values: Json = {"kind": kind.value}
    place = (thing.latitude, thing.longitude, thing.accuracy_m), "page"
    taken_at, sealed = thing.taken_at, b""
    told: tuple[datetime | None, ...] = (thing.taken_at,)
    if thing.upload is not None:
        data = await read_whole(thing.upload.chunks, LARGEST)
        values["sha256"] = hashlib.sha256(data).hexdigest()
        clean = await _made_harmless(kind, data)
        kept, taken, values["media_type"] = clean.data, clean.taken, clean.media_type
        values["looks"], values["points"] = clean.looks, clean.points
        if taken is not None and taken.latitude is not None:
            place = (taken.latitude, taken.longitude, None), "picture"
        told = (*told, _instant(taken))
        taken_at = told[-1] or taken_at
        if kind is Captured.PHOTO:
            values["picture_sha256"] = hashlib.sha256(kept).hexdigest()
        values["object_key"] = f"visits/{thing.id}"
        values["size"] = len(kept)
        sealed = tools.vault.seal_file(sealing, offline.FILE, thing.id, kept)

    async def act(session: AsyncSession) -> Json:
        task, application = await task_of(session, caller, task_id)
        await holding.brings(session, caller, task)
        if task.state != "open":
            raise ReviewClosed
        for moment in told:
            await on_the_spot.in_its_time(session, caller, task, moment)
        if thing.upload is not None:
            await tools.storage.put(values["object_key"], sealed, "application/octet-stream")
        at, source = place
        if kind is Captured.PHOTO:
            by = caller.principal.actor
            seen = await spot.like(session, task, values["looks"], values["points"], by)
            values["like_id"], values["again_id"] = seen
        seal = tools.vault.seal
        await offline.keep(
            session,
            id=thing.id,
            task_id=task_id,
            person_id=person_id,
            words_sealed=seal(sealing, offline.WORDS, thing.id, words) if words else None,
            place_sealed=seal(sealing, offline.PLACE, thing.id, json.dumps(at)) if at[0] is not None else None,
            place_source=source if at[0] is not None else None,
            taken_at=taken_at,
            by=caller.principal.actor,
            **(await on_the_spot.held_against(session, caller, task, application, kind, words)),
            received_at=await clocks.now(session, tools.settings.clock_id),
            **values,
        )
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="offline.bring",
            object_kind="task_evidence",
            object_id=str(thing.id),
            detail={"task": str(task_id), "kind": kind.value, "sha256": values.get("sha256", "")},
            request_id=caller.request_id,
        )
        return {}

    body = {"task_id": task_id, "kind": kind.value, "words": words, "sha256": values.get("sha256", "")}
    async with holding.on_record(caller, task_id, "bring"):
        await perform(caller, "offline.bring", str(thing.id), body, act, scope="staff", object_id=str(thing.id))
    return await case(caller, task_id)


async def _made_harmless(kind: Captured, data: bytes) -> cleaning.Cleaned:
    """What is kept of a file, and what a photo is known by: it is drawn anew; a recording is only saved, and never
    opened by us."""
    if kind is Captured.RECORDING:
        media = next((name for name, (at, mark) in VIDEOS.items() if data[at:].startswith(mark)), None)
        if media is None:
            raise BadFields(fields=(FieldError("file", "not_a_recording"),))
        return cleaning.Cleaned(media, 1, data)
    try:
        return await cleaning.cleaned(data, known=True)
    except cleaning.CannotClean as problem:
        raise BadFields(fields=(FieldError("file", UNDRAWN[problem.code]),)) from None


def _instant(taken: cleaning.Taken | None) -> datetime | None:
    """A camera's clock has no zone: it is the country's."""
    if taken is None or taken.at is None:
        return None
    try:
        return datetime.strptime(taken.at, "%Y:%m:%d %H:%M:%S").replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None


async def opened(caller: Caller, evidence_id: UUID) -> PaperFile:
    """A photo as it was drawn, or a recording as it was sent, to be saved; the look is on record."""
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        row = await offline.evidence(session, evidence_id)
        if row is None or row.object_key is None or row.media_type is None:
            raise NotFound
        _, application = await task_of(session, caller, row.task_id)
        await look(session, caller, application, "visit")
        key = await people.key_of(session, tools.vault, row.person_id)
        object_key, media_type = row.object_key, row.media_type
        await noted(session, caller, audits.OPENED, "task_evidence", str(evidence_id), {"task": str(row.task_id)})
    data = tools.vault.open_file(key, offline.FILE, evidence_id, await tools.storage.get(object_key))
    ending = media_type.rpartition("/")[2].replace("jpeg", "jpg")
    return PaperFile(data, f"{evidence_id}.{ending}", media_type, hashlib.sha256(data).hexdigest())

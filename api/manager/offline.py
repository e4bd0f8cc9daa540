"""The manager's side of a task outside: what to take along, what was brought home, and how it ended."""

import json
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import doubting, fields, pieces, presence, sites, words_out
from api import offline as shared
from api.caller import Caller
from api.commands import Receipt, issue
from api.idempotency import Json
from api.looking import look, names
from api.manager import holding
from api.phrases import phrase
from api.problems import NotFound
from api.views import BroughtHome, OfflineCard, OfflineCase, Reason, VisitPack
from api.views.offline import Still
from db import clocks, handing_up, offline, people, reading
from db.tables import Application, Task, TaskEvidence
from infra import i18n
from lending.offline import Captured, Result, Way, asked_of, short_of, too_early
from lending.refusals import EvidenceMissing, NotItsDayYet, RecordingNotAgreed, ReviewClosed, WayNotBooked

WORDS_LONGEST = 500
VISIT = "visit"


async def waiting(caller: Caller) -> tuple[OfflineCard, ...]:
    """All that are open, by when they are due."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple([await _card(session, caller, *row) for row in await offline.waiting(session)])


async def case(caller: Caller, task_id: UUID) -> OfflineCase:
    """One of them; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        task, application = await task_of(session, caller, task_id)
        await look(session, caller, application, "visit")
        kind = shared.kind_of(caller, task)
        is_open = task.state == "open"
        who = await people.identity_of(session, caller.tools.vault, application.person_id)
        outcome = task.outcome or {}
        entry = await sites.registered(session, caller, application.id) if kind.id == VISIT else None
        card = await _card(session, caller, task, application)
        return OfflineCase(
            card=card,
            state=task.state,
            phone=who.phone,
            place=await sites.place(session, caller, task),
            booked=kind.booked,
            ways=tuple(way.value for way in kind.ways),
            slots=await sites.slots(session, caller, task, kind),
            pack=_pack(task, application, caller.locale, card.piece),
            evidence=await _evidence(session, caller, task),
            result=outcome.get("result"),
            words=str(outcome.get("words", "")),
            precision=task.point_precision,
            live=await shared.live(session, caller, task, host=True),
            known_place=await sites.known_place(session, caller, task),
            number=offline.number_of(task),
            may_act=is_open and holding.may_act(caller, task),
            may_explain=holding.may_act(caller, task),
            placed=kind.placed,
            registered=entry.place if entry else "",
            registered_at=entry.at if entry else None,
            registered_by=entry.reference if entry else "",
            on_file=await sites.on_file(session, caller, task) if entry is None else "",
            differs=await sites.elsewhere(session, caller, task),
            place_why=str(task.params.get(offline.PLACE_WHY, "")),
            may_bring=is_open and await holding.may_bring(session, caller, task),
        )


async def take_recording(caller: Caller, task_id: UUID, *, key: str) -> Receipt:
    """The live video is over: keep which recording it was. Refused where nobody agreed, or nothing is there yet."""

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        task, _ = await task_of(session, caller, task_id)
        await holding.held(session, caller, task)
        if task.state != "open":
            raise ReviewClosed
        if task.way != Way.VIDEO.value or task.agreed_at is None:
            raise RecordingNotAgreed

    async with holding.on_record(caller, task_id, "recording"):
        return await issue(
            caller,
            shared.order(task_id, "take_recording", {}),
            use="offline.recording",
            key=key,
            body={"task_id": task_id},
            store=store,
            scope="staff",
        )


async def book(
    caller: Caller, task_id: UUID, *, slot_at: datetime, way: str, place: str, key: str, reason: str = ""
) -> Receipt:
    """Arrange the hour by phone, for the customer. ``reason``: why somebody goes elsewhere than the register has the
    firm, or the file the piece; unless the customer said that address for this very task."""
    form = fields.Form()
    why_there = reason.strip()
    if why_there:
        why_there = form.take("reason", lambda text: fields.line(text, longest=200, least=4), why_there, "")
        form.done()
    await words_out.may_leave(caller, words_out.of_task(task_id), [place, why_there], place="visit", key=key)

    async def allowed(session: AsyncSession, caller: Caller, task: Task) -> None:
        await holding.held(session, caller, task)
        if way != Way.ON_SITE.value or task.state != "open" or not shared.kind_of(caller, task).placed:
            return
        await look(session, caller, await session.get_one(Application, task.application_id), "visit")
        known = await sites.on_file(session, caller, task)
        elsewhere = bool(known) and not sites.same_place(place, known)
        theirs = task.params.get(offline.PLACE_BY) == offline.OWNER
        if (
            elsewhere
            and not why_there
            and not (theirs and sites.same_place(place, await sites.place(session, caller, task)))
        ):
            form.refuse("reason", "missing")
            form.done()
        task.params = {**task.params, offline.PLACE_WHY: why_there if elsewhere else ""}

    async with holding.on_record(caller, task_id, "book"):
        return await shared.book(caller, task_id, slot_at=slot_at, way=way, where=place, key=key, allowed=allowed)


async def finish(caller: Caller, task_id: UUID, *, result: str, way: str, words: str, key: str) -> Receipt:
    """Say how it ended. What the kind asks for must be there; what was not possible needs a reason instead.

    What was arranged one way is done that way: ``way`` is left out, or says the same (:class:`WayNotBooked`),
    at its hour or later (:class:`NotItsDayYet`).
    """
    form = fields.Form()
    if result not in (one.value for one in Result):
        form.refuse("result", "not_one_of_these")
    if way and way not in (one.value for one in Way):
        form.refuse("way", "not_one_of_these")
    said = words.strip()
    if said or result == Result.NOT_POSSIBLE.value:
        said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), said, "")
    form.done()
    await words_out.may_leave(caller, words_out.of_task(task_id), [said], place="visit", key=key)
    detail: Json = {"result": result, "words": said, "staff_id": str(caller.staff_id)}

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        task, application = await task_of(session, caller, task_id)
        await holding.held(session, caller, task)
        if task.state != "open":
            raise ReviewClosed
        await look(session, caller, application, "visit")
        arranged = task.way or Way.ON_SITE.value
        detail["way"] = arranged
        if result != Result.DONE.value:
            return
        if way and way != arranged:
            raise WayNotBooked(offline_way=arranged)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        # What was brought before its hour does not count, whatever it is: the hour is said first.
        if too_early(shared.kind_of(caller, task), Way(arranged), task.slot_at, now):
            raise NotItsDayYet
        if missing := await _lacking(session, caller, task):
            raise EvidenceMissing(
                captured=next(iter(missing)),
                offline_kind=task.kind,
                lackings=cast("Any", _counted(caller, task, missing)),
            )

    async with holding.on_record(caller, task_id, "finish"):
        return await issue(
            caller,
            shared.order(task_id, "finish", detail),
            use="offline.finish",
            key=key,
            body={"task_id": task_id, "result": result, "way": way, "words": said},
            store=store,
            scope="staff",
            audited={"result": result, "way": way},
        )


async def ask(caller: Caller, task_id: UUID, *, kind: str, words: str, key: str) -> Receipt:
    """Whoever has a case to decide wants something seen outside first: the case comes back when it was."""
    form = fields.Form()
    if caller.tools.policies.offline.kind(kind) is None:
        form.refuse("kind", "not_one_of_these")
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    form.done()
    await words_out.may_leave(caller, words_out.of_task(task_id), [said], place="visit", key=key)

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        found = await reading.task(session, task_id)
        if found is None or found[0].kind != reading.REVIEW:
            raise NotFound
        if found[0].state != "open":
            raise ReviewClosed

    return await issue(
        caller,
        shared.order(task_id, "finish", {"offline": kind, "reason": said, "staff_id": str(caller.staff_id)}),
        use="offline.ask",
        key=key,
        body={"task_id": task_id, "kind": kind, "words": said},
        store=store,
        scope="staff",
        audited={"kind": kind},
    )


# --- platform ---------------------------------------------------------------------------------------------------------


async def task_of(session: AsyncSession, caller: Caller, task_id: UUID) -> tuple[Task, Application]:
    found = await reading.task(session, task_id)
    if found is None:
        raise NotFound
    shared.kind_of(caller, found[0])
    return found


async def _card(session: AsyncSession, caller: Caller, task: Task, application: Application) -> OfflineCard:
    customer, firm = await names(session, caller, application)
    handed = task.params.get("handed_from")
    missing = await _lacking(session, caller, task)
    now = await clocks.now(session, caller.tools.settings.clock_id)
    return OfflineCard(
        task_id=task.id,
        kind=task.kind,
        application_id=application.id,
        number=application.number,
        customer=customer,
        firm=firm,
        why=why(task, caller.locale),
        due_at=offline.promised_at(task),
        created_at=task.created_at,
        slot_at=task.slot_at,
        way=task.way,
        needs=tuple(missing),
        still=tuple(Still(code, many) for code, many in missing.items()),
        owner=await offline.name_of(session, task.owner_id),
        handed_from=await offline.name_of(session, UUID(handed)) if handed else None,
        mine=task.owner_id == caller.principal.id,
        reminded=task.reminded_at is not None,
        escalated=task.escalated_at is not None,
        piece=(await pieces.of_tasks(session, caller, [task.id])).get(task.id, ""),
        lead=await handing_up.lead_of(session, task),
        late_minutes=handing_up.late_minutes(task, now),
        missed=handing_up.missed(task, now),
    )


def why(task: Task, locale: str) -> str:
    """Why somebody goes out: the rule's reason, or the words of whoever asked for it."""
    return phrase(f"api.offline_why.{task.params.get('why', 'rule')}", locale, {"words": task.params.get("words", "")})


async def _lacking(session: AsyncSession, caller: Caller, task: Task) -> dict[str, int]:
    """How many of what it still needs, done as it was arranged. Of a live video the recording of its own room counts,
    and no file that somebody uploaded; of photos those that prove something."""
    found = await offline.evidence_of(session, task.id)
    way = Way(task.way or Way.ON_SITE.value)
    if way is Way.VIDEO:
        live = offline.recording_of(task)
        found = [one for one in found if one.kind != Captured.RECORDING.value or one.id == live]
    found = await doubting.counting(session, caller, task, found)
    missing = short_of(shared.kind_of(caller, task), way, [Captured(one.kind) for one in found])
    return {offline.number_of(task) if code == Captured.SERIAL.value else code: many for code, many in missing.items()}


def _counted(caller: Caller, task: Task, missing: dict[str, int]) -> list[Json]:
    """Each kind that is missing with its number, as the page has it."""
    asked = asked_of(shared.kind_of(caller, task), Way(task.way or Way.ON_SITE.value))
    whole = {offline.number_of(task) if code == Captured.SERIAL.value else code: many for code, many in asked.items()}
    return [{"captured": code, "still": many, "asked": whole[code]} for code, many in missing.items()]


def _pack(task: Task, application: Application, locale: str, piece: str) -> VisitPack | None:
    if task.pack is None or task.pack_at is None:
        return None
    pack: dict[str, Any] = task.pack

    def line(one: dict[str, Any]) -> Reason:
        params = {"currency": application.currency, **one["params"]}
        finding = one["code"] == "finding"
        where = f"api.finding.{params['rule']}" if finding else f"api.pack.{one['code']}"
        return Reason(one["code"], params, phrase(where, locale, params))

    # The stored pack names nothing private; which thing it is stands on top of it, opened for whoever may read it.
    told = {"piece": piece}
    about = (Reason("piece", told, i18n.text("api.pack.piece", locale, **told)),) if piece else ()
    return VisitPack(
        built_at=task.pack_at,
        known=(*about, *(line(one) for one in pack["known"])),
        verify=tuple(line(one) for one in pack["verify"]),
        questions=tuple(
            Reason(code, {}, phrase(f"api.pack_question.{code}", locale, {})) for code in pack["questions"]
        ),
        sha256=pack["sha256"],
    )


async def _evidence(session: AsyncSession, caller: Caller, task: Task) -> tuple[BroughtHome, ...]:
    key = await people.key_of(session, caller.tools.vault, task.person_id)
    near = await presence.measured(session, caller, task)
    rows = await offline.evidence_of(session, task.id)
    doubts = await doubting.of_task(session, caller, task, rows)

    def opened(what: str, row: TaskEvidence, sealed: bytes | None) -> str:
        return caller.tools.vault.open(key, what, row.id, sealed) if sealed else ""

    found: list[BroughtHome] = []
    for row in rows:
        doubt = doubts.get(row.id, doubting.NONE)
        place = json.loads(opened(offline.PLACE, row, row.place_sealed) or "null")
        found.append(
            BroughtHome(
                id=row.id,
                kind=row.kind,
                words=opened(offline.WORDS, row, row.words_sealed),
                latitude=f"{place[0]:.6f}" if place else None,
                longitude=f"{place[1]:.6f}" if place else None,
                place_source=row.place_source,
                taken_at=row.taken_at,
                received_at=row.received_at,
                sha256=row.sha256,
                media_type=row.media_type,
                size=row.size,
                distance_m=near[row.id].metres if row.id in near else None,
                far=row.id in near and near[row.id].far,
                reference=row.reference,
                ended_at=row.ended_at,
                agreed_at=row.agreed_at,
                doubt=doubt.text,
                differs=doubt.differs,
                said=doubt.said,
                explained=doubt.explained,
                explained_by=doubt.explained_by,
                explained_at=row.explained_at or row.vouched_at,
                counts=doubt.counts,
                another=doubt.another,
                may_vouch=doubt.another
                and task.state == "open"
                and await holding.may_vouch(session, caller, task, row, elsewhere=doubt.elsewhere),
            )
        )
    return tuple(found)

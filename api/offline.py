"""Tasks outside, as both sides read them: the same owner, the same slot, the same clock."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import doubting, fields, presence
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.looking import look
from api.phrases import phrase
from api.problems import BadFields, FieldError, NotFound
from api.sites import slots
from api.views import LiveVisit, OutsideDone
from db import clocks, doors, offline, people
from db.tables import Application, Task
from infra import i18n
from lending.offline import Kind, Way
from lending.places import farthest
from lending.refusals import ReviewClosed

PLACE_LONGEST = 200
Allowed = Callable[[AsyncSession, Caller, Task], Awaitable[None]]


def kind_of(caller: Caller, task: Task) -> Kind:
    """What a task outside is; :class:`NotFound` for any other task."""
    kind = caller.tools.policies.offline.kind(task.kind)
    if kind is None or not offline.is_outside(task):
        raise NotFound
    return kind


def recording_words(locale: str) -> tuple[str, str]:
    """(what a customer agrees to before a live video, its SHA-256)."""
    words = phrase("api.live.recording", locale, {})
    return words, hashlib.sha256(words.encode()).hexdigest()


async def live(session: AsyncSession, caller: Caller, task: Task, *, host: bool) -> LiveVisit | None:
    """The live video of a task; None for a task that is done otherwise, or over. ``host``: for the lender's people."""
    if task.way != Way.VIDEO.value or task.slot_at is None or task.state != "open":
        return None
    link = None
    if task.room_sealed is not None and (host or task.agreed_at is not None):
        key = await people.key_of(session, caller.tools.vault, task.person_id)
        room = json.loads(caller.tools.vault.open(key, offline.ROOM, task.id, task.room_sealed))
        link = room["host" if host else "guest"]
    words, digest = recording_words(caller.locale)
    opens_at = task.slot_at - caller.tools.policies.offline.live.opens_before
    return LiveVisit(opens_at=opens_at, words=words, sha256=digest, agreed_at=task.agreed_at, link=link)


async def agree(caller: Caller, task_id: UUID, *, sha256: str, key: str) -> Receipt:
    """The customer agrees to be recorded, by the hash of the words that they read; the first yes counts."""
    if sha256 not in {recording_words(locale)[1] for locale in i18n.LOCALES}:
        raise BadFields(fields=(FieldError("sha256", "not_one_of_these"),))

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        task = await session.get(Task, task_id, with_for_update=True)
        if task is None or task.person_id != caller.person_id:
            raise NotFound
        kind_of(caller, task)
        if task.way != Way.VIDEO.value:
            raise NotFound
        if task.state != "open":
            raise ReviewClosed
        if task.agreed_at is None:
            task.agreed_at = caller.tools.wall_now()  # compared with the provider's clock, which nobody moves
            task.agreed_words = sha256

    return await issue(
        caller,
        order(task_id, "agree", {}),
        use="offline.agree",
        key=key,
        body={"task_id": task_id, "sha256": sha256},
        store=store,
        scope="worker",
        audited={"sha256": sha256},
    )


async def book(
    caller: Caller,
    task_id: UUID,
    *,
    slot_at: datetime,
    way: str,
    where: str,
    key: str,
    person: UUID | None = None,
    allowed: Allowed | None = None,
) -> Receipt:
    """Choose when somebody comes, and how and where. ``person``: the customer themselves; None: the lender's people,
    of whom ``allowed`` refuses those whose task it is not."""
    tools = caller.tools
    form = fields.Form()
    if way not in (one.value for one in Way):
        form.refuse("way", "not_one_of_these")
    place = (
        form.take("place", lambda text: fields.line(text, longest=PLACE_LONGEST, least=4), where, "")
        if way == (Way.ON_SITE.value)
        else ""
    )
    form.done()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        task = await session.get(Task, task_id, with_for_update=True)
        if task is None or (person is not None and task.person_id != person):
            raise NotFound
        kind = kind_of(caller, task)
        if allowed is not None:
            await allowed(session, caller, task)
        if task.state != "open":
            raise ReviewClosed
        if Way(way) not in kind.ways:
            raise BadFields(fields=(FieldError("way", "not_one_of_these"),))
        if person is None:
            await look(session, caller, await session.get_one(Application, task.application_id), "visit")
        if slot_at not in await slots(session, caller, task, kind, place):
            raise BadFields(fields=(FieldError("slot", "not_one_of_these"),))
        sealing = await people.key_of(session, tools.vault, task.person_id)
        task.place_sealed = tools.vault.seal(sealing, offline.WHERE, task.id, place) if place else None
        task.params = {**task.params, offline.PLACE_BY: offline.OWNER if person else caller.principal.actor}

    detail = {"slot_at": slot_at.isoformat(), "way": way, "actor": "owner" if person else "manager"}
    body = {"task_id": task_id, "slot_at": slot_at.isoformat(), "way": way, "place": place}
    return await issue(
        caller,
        order(task_id, "book", detail),
        use="offline.book",
        key=key,
        body=body,
        store=store,
        scope="worker" if person else "staff",
        audited={"slot_at": slot_at.isoformat(), "way": way},
    )


def order(task_id: UUID, update: str, detail: Json) -> Order:
    """Something said to a running task."""
    return Order(
        workflow_type="OfflineTask",
        workflow_id=clocks.workflow_of("task", task_id),
        update=update,
        object_kind="task",
        object_id=task_id,
        detail=detail,
    )


async def first_missing(session: AsyncSession, caller: Caller, application: Application) -> str | None:
    """The kind of step outside that a yes needs and that nobody has taken; None: all were."""
    asked = caller.tools.policies.offline.asked_of(application.product_id, application.amount_minor)
    done = await offline.done_kinds(session, application.id)
    return next((kind.id for kind in asked if kind.id not in done), None)


async def of_case(session: AsyncSession, caller: Caller, application: Application) -> tuple[OutsideDone, ...]:
    """What somebody went to see before this case is decided, the oldest first."""
    found: list[OutsideDone] = []
    tasks = await offline.of_application(session, application.id)
    brought = await offline.evidence_of_all(session, [task.id for task in tasks])
    names = await doors.staff_names(session) if tasks else {}
    for task in tasks:
        outcome, rows = task.outcome or {}, brought[task.id]
        near = await presence.measured(session, caller, task, rows)
        found.append(
            OutsideDone(
                task_id=task.id,
                kind=task.kind,
                state=task.state,
                result=outcome.get("result"),
                way=outcome.get("way"),
                words=str(outcome.get("words", "")),
                who=names.get(f"staff:{task.owner_id}"),
                things=len(rows),
                ended_at=task.finished_at,
                farthest_m=farthest([one.metres for one in near.values()]),
                far=sum(one.far for one in near.values()),
                doubts=doubting.lines(await doubting.of_task(session, caller, task, rows), caller.locale),
            )
        )
    return tuple(found)

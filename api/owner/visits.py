"""The customer's side of a task outside: who comes, by when, and choosing the hour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import offline as shared
from api import sites
from api.caller import Caller
from api.commands import Receipt
from api.owner.applying import own_application
from api.phrases import phrase
from api.problems import NotFound
from api.views import OfflineStep
from db import clocks, collateral, handing_up, offline
from db.tables import Task


async def steps(caller: Caller, application_id: UUID) -> tuple[OfflineStep, ...]:
    """All of one application, oldest first."""
    async with caller.tools.sessions.begin(scope="worker") as session:
        await own_application(session, application_id, caller.person_id)
        found: list[OfflineStep] = []
        now = await clocks.now(session, caller.tools.settings.clock_id)
        vault = caller.tools.vault
        pieces = [row for row in await collateral.of_application(session, application_id) if row.task_id is not None]
        of_piece = {row.task_id: (await collateral.thing_of(session, vault, row)).label for row in pieces}
        for task in await offline.of_application(session, application_id):
            kind = shared.kind_of(caller, task)
            what, piece = phrase(f"lending.offline_kind.{task.kind}", caller.locale, {}), of_piece.get(task.id)
            found.append(
                OfflineStep(
                    task_id=task.id,
                    application_id=application_id,
                    kind=task.kind,
                    title=f"{what} · {piece}" if piece else what,
                    state=task.state,
                    who=await offline.name_of(session, task.owner_id),
                    due_at=offline.promised_at(task),
                    slot_at=task.slot_at,
                    way=task.way,
                    place=await sites.place(session, caller, task),
                    ways=tuple(way.value for way in kind.ways),
                    slots=await sites.slots(session, caller, task, kind),
                    outside=kind.outside,
                    result=(task.outcome or {}).get("result"),
                    live=await shared.live(session, caller, task, host=False),
                    known_place=await sites.known_place(session, caller, task) if task.state == "open" else "",
                    together=await _together(session, caller, task),
                    lead=await handing_up.lead_of(session, task),
                    late_minutes=handing_up.late_minutes(task, now),
                    missed=handing_up.missed(task, now),
                )
            )
        return tuple(found)


async def book(
    caller: Caller, application_id: UUID, task_id: UUID, *, slot_at: datetime, way: str, place: str, key: str
) -> Receipt:
    """Choose the hour; the manager has it from this moment."""
    await _own(caller, application_id, task_id)
    return await shared.book(caller, task_id, slot_at=slot_at, way=way, where=place, key=key, person=caller.person_id)


async def agree(caller: Caller, application_id: UUID, task_id: UUID, *, sha256: str, key: str) -> Receipt:
    """Agree to be recorded in the live video; without that there is no link, and somebody may come instead."""
    await _own(caller, application_id, task_id)
    return await shared.agree(caller, task_id, sha256=sha256, key=key)


async def _together(session: AsyncSession, caller: Caller, task: Task) -> tuple[UUID, ...]:
    if task.state != "open" or not shared.kind_of(caller, task).booked:
        return ()
    return tuple(one.id for one in await sites.neighbours(session, caller, task) if one.slot_at is None)


async def _own(caller: Caller, application_id: UUID, task_id: UUID) -> None:
    async with caller.tools.sessions.begin(scope="worker") as session:
        await own_application(session, application_id, caller.person_id)
        task = await session.get(Task, task_id)
        if task is None or task.application_id != application_id:
            raise NotFound

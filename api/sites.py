"""Where somebody comes: as far as it is known it is not asked again (journey 2, B1), and what is at one door is seen on
one visit (B2)."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import clocks, collateral, offline, on_the_spot, people, registers
from db.tables import Task
from lending.offline import Kind, Way, free_slots
from lending.places import same_address

REGISTRY = "registry"
# Where somebody lives is not where their business is.
HOME = "home"


@dataclass(frozen=True, slots=True)
class Registered:
    """Where the company register says that a firm is (住所): by which answer, of when."""

    place: str = field(repr=False)
    reference: str
    at: datetime


async def registered(session: AsyncSession, caller: Caller, application_id: UUID) -> Registered | None:
    """As the newest answer says that is kept of this application; None where none says it."""
    try:
        found, _ = await registers.entries(session, caller.tools.vault, application_id)
    except people.Erased:
        return None
    entry = found.get(REGISTRY)
    where = str(entry.said.get("address") or "") if entry is not None else ""
    return Registered(where, entry.reference, entry.received_at) if entry is not None and where else None


def same_place(one: str, other: str) -> bool:
    """Whether two addresses are of one door, however each is written."""
    return same_address(one, other)


async def place(session: AsyncSession, caller: Caller, task: Task) -> str:
    """Where somebody comes; empty where nobody said, or the person was erased."""
    if task.place_sealed is None:
        return ""
    key = await people.key_of(session, caller.tools.vault, task.person_id)
    return caller.tools.vault.open(key, offline.WHERE, task.id, task.place_sealed)


async def on_file(session: AsyncSession, caller: Caller, task: Task) -> str:
    """Where what is looked at has to be, by somebody else's word than whoever books: a piece by its own file, a firm by
    the company register. Empty where nothing says it, or for a task that goes to no place of its own."""
    kind = caller.tools.policies.offline.kind(task.kind)
    if kind is None or not kind.placed:
        return ""
    try:
        if (piece := await on_the_spot.piece_of(session, task)) is not None:
            return (await collateral.thing_of(session, caller.tools.vault, piece)).place
    except people.Erased:
        return ""
    entry = await registered(session, caller, task.application_id)
    return entry.place if entry is not None else ""


async def elsewhere(session: AsyncSession, caller: Caller, task: Task) -> bool:
    """Whether somebody has it come to another door than what is looked at is known to be at."""
    if task.place_sealed is None or task.way == Way.VIDEO.value:
        return False
    said = await place(session, caller, task)
    known = await on_file(session, caller, task) if said else ""
    return bool(known) and not same_place(said, known)


async def known_place(session: AsyncSession, caller: Caller, task: Task) -> str:
    """Where somebody will have to come, as far as anything says so: what was said for this task; where the thing is
    that is looked at; where this customer had somebody come before; where their other things are; where the company
    register has the firm. Else empty."""
    if said := await place(session, caller, task):
        return said
    vault = caller.tools.vault
    rows = await collateral.of_application(session, task.application_id)
    for row in rows:
        if row.task_id == task.id:
            return (await collateral.thing_of(session, vault, row)).place
    before = [one for one in await offline.told_where(session, task.person_id) if one.id != task.id]
    for other in sorted(before, key=lambda one: one.kind != task.kind):
        # An address that only somebody's booking says is none before another person took what was seen there.
        if (said := await place(session, caller, other)) and (
            offline.was_seen(other) or not await elsewhere(session, caller, other)
        ):
            return said
    for row in rows:
        if row.facts.get("use") != HOME and (there := (await collateral.thing_of(session, vault, row)).place):
            return there
    entry = await registered(session, caller, task.application_id)
    return entry.place if entry is not None else ""


async def neighbours(session: AsyncSession, caller: Caller, task: Task, where: str | None = None) -> tuple[Task, ...]:
    """Other open tasks of the application that the same person does at the same door, booked or not. ``where``: what
    is said now, if it is not what was known."""
    here = await known_place(session, caller, task) if where is None else where
    found: list[Task] = []
    for other in await offline.of_application(session, task.application_id):
        kind = caller.tools.policies.offline.kind(other.kind)
        if other.id == task.id or other.state != "open" or other.owner_id != task.owner_id:
            continue
        if kind is None or not kind.booked or other.way == Way.VIDEO.value or not here:
            continue
        if same_place(await known_place(session, caller, other), here):
            found.append(other)
    return tuple(found)


async def slots(
    session: AsyncSession, caller: Caller, task: Task, kind: Kind, where: str | None = None
) -> tuple[datetime, ...]:
    """When it can be booked, and also when the same person is at the same door anyhow; nothing for one that needs no
    hour, or is over. ``where``: as for :func:`neighbours`; empty for a video."""
    if not kind.booked or task.state != "open":
        return ()
    tools = caller.tools
    now = await clocks.now(session, tools.settings.clock_id)
    working = tools.policies.calendars[tools.settings.jurisdiction].is_business_day
    taken = [at for at in await offline.slots_of(session, task.owner_id, now) if at != task.slot_at]
    policy = tools.policies.offline.slots
    there = {one.slot_at for one in await neighbours(session, caller, task, where) if one.slot_at is not None}
    joint = {at for at in there if at >= now + policy.not_before}
    return tuple(sorted({*joint, *free_slots(policy, now, working, taken)}))

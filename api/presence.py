"""Whether a photo shows by itself that somebody was there: where and when it was taken, how far from the address and
from the hour."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import sites
from api.caller import Caller
from db import clocks, offline, people
from db.tables import Task, TaskEvidence
from lending.offline import Captured, Spot, Unproven, off_hour, unproven
from lending.places import Point, distance_m, is_far

# All of a clock's life: a town's may have been moved on many times.
ALL_SEGMENTS = 100_000


@dataclass(frozen=True, slots=True)
class Measured:
    """How far from the address a photo says that it was taken, and whether that is elsewhere."""

    metres: int
    far: bool


async def measured(
    session: AsyncSession, caller: Caller, task: Task, rows: Sequence[TaskEvidence] | None = None
) -> Mapping[UUID, Measured]:
    """Of each photo that says where it was taken, once the address was found; ``rows``: its things."""
    if task.point_sealed is None or task.point_precision is None:
        return {}
    precision, near = task.point_precision, caller.tools.policies.offline.near
    brought = await offline.evidence_of(session, task.id) if rows is None else rows
    spots = await _spots(session, caller, task, brought)
    return {
        row_id: Measured(spot.metres, is_far(near, spot.metres, precision, spot.doubt_m))
        for row_id, spot in spots.items()
        if spot.metres is not None
    }


async def alone(
    session: AsyncSession, caller: Caller, task: Task, rows: Sequence[TaskEvidence]
) -> Mapping[UUID, tuple[Unproven, ...]]:
    """Those photos that do not count by themselves, and each reason; nothing for a kind whose photos need no place."""
    policy = caller.tools.policies.offline
    kind = policy.kind(task.kind)
    photos = [row for row in rows if row.kind == Captured.PHOTO.value]
    if kind is None or not kind.placed or not photos:
        return {}
    spots = await _spots(session, caller, task, photos)
    clock = await clocks.read(session, caller.tools.settings.clock_id, last=ALL_SEGMENTS)
    door = Unproven.ELSEWHERE if await sites.elsewhere(session, caller, task) else None
    found: dict[UUID, tuple[Unproven, ...]] = {}
    for row in photos:
        where = unproven(policy.near, spots.get(row.id), task.point_precision, timed=row.taken_at is not None)
        taken_at = on_our_clock(clock, row.taken_at) if row.taken_at is not None else None
        when = off_hour(policy.around, taken_at, task.slot_at) if taken_at is not None else None
        if why := tuple(one for one in (door, when, where) if one is not None):
            found[row.id] = why
    return found


def on_our_clock(clock: clocks.Reading, taken_at: datetime) -> datetime:
    """A phone's clock is a clock on a wall, a task is opened and booked by business time: the moment on that."""
    before_all = max(timedelta(0), clock.segments[0].real_at - taken_at)
    ahead = max(timedelta(0), taken_at - clock.real_now)
    return clock.business(min(taken_at, clock.real_now)) - before_all + ahead


async def _spots(
    session: AsyncSession, caller: Caller, task: Task, rows: Sequence[TaskEvidence]
) -> Mapping[UUID, Spot]:
    vault = caller.tools.vault
    placed = [row for row in rows if row.kind == Captured.PHOTO.value and row.place_sealed is not None]
    if not placed:
        return {}
    key = await people.key_of(session, vault, task.person_id)
    address = None
    if task.point_sealed is not None:
        address = Point(*json.loads(vault.open(key, offline.POINT, task.id, task.point_sealed)))
    found: dict[UUID, Spot] = {}
    for row in placed:
        north, east, doubt = json.loads(vault.open(key, offline.PLACE, row.id, row.place_sealed or b""))
        found[row.id] = Spot(doubt or 0, distance_m(address, Point(north, east)) if address else None)
    return found

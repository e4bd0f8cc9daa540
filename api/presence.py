"""Whether a photo shows by itself that somebody was there: where and when it was taken, how far from the address."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import offline, people
from db.tables import Task, TaskEvidence
from lending.offline import Captured, Spot, Unproven, unproven
from lending.places import Point, distance_m, is_far


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
) -> Mapping[UUID, Unproven]:
    """Those photos that do not count by themselves, and why; nothing for a kind whose photos need no place."""
    kind = caller.tools.policies.offline.kind(task.kind)
    if kind is None or not kind.placed:
        return {}
    near, spots = caller.tools.policies.offline.near, await _spots(session, caller, task, rows)
    found: dict[UUID, Unproven] = {}
    for row in rows:
        if row.kind == Captured.PHOTO.value:
            why = unproven(near, spots.get(row.id), task.point_precision, timed=row.taken_at is not None)
            if why is not None:
                found[row.id] = why
    return found


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

"""Before a visit: where its address lies, or a room for its video. After it: what was recorded."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.ports import visiting as port
from activities.ports.intake import Standing
from activities.ports.tasks import TaskCase
from activities.ports.visiting import RecordingWanted
from activities.steps import Steps
from db import applications, audits, clocks, offline, people
from db.tables import Task
from gateways.live import LiveVisits, RoomOrder
from gateways.places import AddressOrder, Places
from infra.crypto import Vault
from lending.identifiers import derived_id
from lending.offline import Captured, OfflinePolicy, Way
from lending.refusals import RecordingNotAgreed, RecordingNotReady, ReviewClosed


@dataclass(frozen=True, slots=True)
class Outside:
    """Who is asked."""

    places: Places
    live: LiveVisits


class Visiting(port.Visiting):
    """The calls, and what is kept of their answers."""

    def __init__(self, steps: Steps, vault: Vault, policy: OfflinePolicy, outside: Outside) -> None:
        self._steps = steps
        self._vault = vault
        self._policy = policy
        self._outside = outside

    @activity.defn
    async def prepare_visit(self, case: TaskCase) -> None:
        """Asked again it asks the same; an answer for an hour or a place that was changed meanwhile is dropped."""
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, case.task_id)
            if task.state != "open" or task.slot_at is None:
                return
            key = await people.key_of(session, self._vault, task.person_id)
            sealed, agreed_at, words = task.place_sealed, task.agreed_at, task.agreed_words
            slot_at, by_video = task.slot_at, task.way == Way.VIDEO.value
        if by_video:
            session_id = str(offline.room_id(case.task_id, slot_at))
            live = self._policy.live
            opens_at, shuts_at = slot_at - live.opens_before, slot_at + live.open_for
            order = RoomOrder(session_id=session_id, opens_at=opens_at, shuts_at=shuts_at)
            room = await self._outside.live.open(order)
            if agreed_at is not None and words is not None:
                await self._outside.live.agree(session_id, agreed_at, words)
            links = {"session": session_id, "guest": room.guest_link, "host": room.host_link}
            kept = {"room_sealed": self._vault.seal(key, offline.ROOM, case.task_id, json.dumps(links))}
        elif sealed is not None:
            where = self._vault.open(key, offline.WHERE, case.task_id, sealed)
            asked = derived_id("address", f"{case.task_id}/{where}")
            found = await self._outside.places.find(AddressOrder(request_id=str(asked), address=where))
            point = [found.latitude, found.longitude] if found.latitude is not None else None
            kept = {
                "point_precision": found.precision,
                "point_sealed": self._vault.seal(key, offline.POINT, case.task_id, json.dumps(point))
                if point
                else None,
            }
        else:
            return
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, case.task_id)
            if (task.slot_at, task.place_sealed) == (slot_at, sealed):
                for column, value in kept.items():
                    setattr(task, column, value)

    @activity.defn
    async def take_recording(self, wanted: RecordingWanted) -> Standing:
        """The recording stays with its provider; what we keep proves which one it was."""
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, wanted.task_id)
            if task.state != "open":
                raise ReviewClosed
            if task.agreed_at is None:
                raise RecordingNotAgreed
            session_id = await self._session_of(session, task)
            application_id, person_id, agreed_at, kind = task.application_id, task.person_id, task.agreed_at, task.kind
        recorded = await self._outside.live.recording(session_id) if session_id else None
        if session_id is None or recorded is None:
            raise RecordingNotReady
        if recorded.began_at < agreed_at:
            raise RecordingNotAgreed
        async with self._steps.step(application_id, wanted.command_id, "recording_taken") as step:
            if not step.done:
                thing_id = offline.recording_id(session_id)
                kept: dict[str, Any] = {
                    "sha256": recorded.sha256,
                    "media_type": recorded.media_type,
                    "size": recorded.size,
                    "reference": recorded.reference,
                }
                await offline.keep(
                    step.session,
                    id=thing_id,
                    task_id=wanted.task_id,
                    person_id=person_id,
                    kind=Captured.RECORDING.value,
                    taken_at=recorded.began_at,
                    ended_at=recorded.ended_at,
                    agreed_at=agreed_at,
                    by="live",
                    received_at=await clocks.now(step.session, self._steps.clock_id),
                    **kept,
                )
                await audits.append(
                    step.session,
                    actor="system",
                    action="offline.recorded",
                    object_kind="task_evidence",
                    object_id=str(thing_id),
                    detail={"task": str(wanted.task_id), **kept},
                    request_id=None,
                )
                step.stay(**step.application.note)
                await step.tell("recording_taken", offline_kind=kind)
            return await step.standing()

    async def _session_of(self, session: AsyncSession, task: Task) -> str | None:
        if task.room_sealed is None:
            return None
        key = await people.key_of(session, self._vault, task.person_id)
        return json.loads(self._vault.open(key, offline.ROOM, task.id, task.room_sealed))["session"]

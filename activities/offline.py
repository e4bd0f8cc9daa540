"""A task outside between its opening and its end: the slot, and the pack that somebody takes along."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.ports import offline as port
from activities.ports.offline import Booked, SlotWanted
from activities.ports.tasks import TaskCase
from activities.steps import Steps
from db import applications, clocks, documents, offline
from db.tables import Application, Command, Task
from lending.offline import Kind, OfflinePolicy, Packed, pack_at
from lending.refusals import ReviewClosed, SlotTaken
from policies.kept import content_hash

# What a case says of a firm without its score: nobody goes out with a figure that leads their eyes.
RATIOS = ("monthly_net_revenue_minor", "months_of_history")


class Offline(port.Offline):
    """Slots and packs."""

    def __init__(self, steps: Steps, policy: OfflinePolicy) -> None:
        self._steps = steps
        self._policy = policy

    @activity.defn
    async def book_slot(self, wanted: SlotWanted) -> Booked:
        """A later choice takes the place of an earlier one, and the pack is built anew for it."""
        async with self._steps.sessions.begin() as session:
            application_id = (await applications.task(session, wanted.task_id)).application_id
        async with self._steps.step(application_id, wanted.command_id, "offline_booked") as step:
            task = await applications.task(step.session, wanted.task_id)
            said = (await step.session.get_one(Command, wanted.command_id)).detail or {}
            slot_at = datetime.fromisoformat(said["slot_at"])
            if not step.done:
                if task.state != "open":
                    raise ReviewClosed
                every = self._policy.slots.every
                if await offline.promised_elsewhere(step.session, task, slot_at, every, said["way"]):
                    raise SlotTaken
                task.slot_at, task.way, task.pack, task.pack_at = slot_at, said["way"], None, None
                # Another hour is another room, and another consent; another place lies elsewhere.
                task.room_sealed = task.agreed_at = task.agreed_words = task.point_sealed = task.point_precision = None
                told = {"offline_kind": task.kind, "slot_at": slot_at.isoformat(), "offline_way": said["way"]}
                step.stay(**step.application.note)
                await step.tell("offline_booked", actor=said["actor"], **told)
                await step.notify("offline_booked", task_id=str(task.id), **told)
            ready_at = pack_at(self._policy.slots, slot_at, step.now)
            return Booked(slot_at, ready_at, step.application.stage, step.application.version)

    @activity.defn
    async def build_pack(self, case: TaskCase) -> None:
        """A pack that was built for this slot stays as it was: what somebody took along is on record."""
        async with self._steps.sessions.begin() as session:
            task = await applications.task(session, case.task_id)
            kind = self._policy.kind(task.kind)
            if kind is None or task.state != "open" or task.pack is not None:
                return
            application = await session.get_one(Application, task.application_id)
            pack = {**await _pack(session, kind, task, application), "policy": self._policy.version}
            task.pack = {**pack, "sha256": content_hash(pack)}
            task.pack_at = await clocks.now(session, self._steps.clock_id)


async def _pack(session: AsyncSession, kind: Kind, task: Task, application: Application) -> dict[str, Any]:
    """What is known, what is to be verified, what to ask: codes and figures, nobody's name."""
    decision = await applications.last_decision(session, application.id)
    known = [Packed("asked", {"amount_minor": application.amount_minor, "months": application.months})]
    if application.purpose:
        known.append(Packed("purpose", {"purpose": application.purpose}))
    if application.declared_revenue_minor:
        known.append(Packed("declared", {"amount_minor": application.declared_revenue_minor}))
    ratios = decision.ratios if decision else {}
    known += [Packed(name, {name: ratios[name]}) for name in RATIOS if ratios.get(name) is not None]
    papers = await documents.of_application(session, application.id)
    known += [Packed("paper", {"item": paper.item}) for paper in papers if paper.state == "accepted"]
    verify = [Packed("unlooked", {"item": paper.item}) for paper in papers if paper.state == "received"]
    verify += [
        Packed("finding", {"rule": one["rule"], **one["facts"]})
        for one in (decision.findings if decision else None) or ()
    ]
    if task.params.get("words"):
        verify.append(Packed("words", {"words": task.params["words"]}))
    return {
        "known": [asdict(one) for one in known],
        "verify": [asdict(one) for one in verify],
        "questions": list(kind.questions),
    }

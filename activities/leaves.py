"""The day somebody goes: their open tasks have another owner at once, and each customer knows who."""

from temporalio import activity

from activities.ports import leaves as port
from activities.ports.leaves import HandedOver, LeaveCase, LeavePlan
from activities.steps import Steps
from db import applications, clocks, leaves, offline


class Leaves(port.Leaves):
    """Hands over."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    @activity.defn
    async def plan_leave(self, case: LeaveCase) -> LeavePlan:
        """One that was taken back before it began is due at once, and hands nothing over."""
        async with self._steps.sessions.begin() as session:
            leave = await leaves.locked(session, case.leave_id)
            reading = await clocks.read(session, self._steps.clock_id)
            begins_at = min(leave.begins_at, leave.ended_at or leave.begins_at)
            workflow_id = clocks.workflow_of("leave", leave.id)
            await clocks.note_wait(session, self._steps.clock_id, workflow_id, begins_at)
            return LeavePlan(begins_at, reading.seconds_until(begins_at))

    @activity.defn
    async def hand_over(self, case: LeaveCase) -> HandedOver:
        """All in one transaction: no task is between two people. Times and hours stay as they were promised."""
        async with self._steps.sessions.begin() as session:
            leave = await leaves.locked(session, case.leave_id)
            await clocks.forget(session, clocks.workflow_of("leave", leave.id))
            if leave.handed_at is not None or leave.ended_at is not None:
                return HandedOver(0)
            now = await clocks.now(session, self._steps.clock_id)
            leave.handed_at = now
            tasks = await leaves.open_tasks(session, leave.staff_id)
            for task in tasks:
                there = await leaves.is_there(session, leave.deputy_id, now)
                to = leave.deputy_id if there else await offline.somebody(session, task.role, now, but=leave.staff_id)
                if to is None:  # nobody is left: the task stays in the inbox of all
                    continue
                task.owner_id = to
                task.params = {**task.params, "handed_from": str(leave.staff_id)}
                if not offline.is_outside(task):
                    continue
                application = await applications.locked(session, task.application_id)
                cause = f"{leave.id}/{task.id}"
                who = await offline.name_of(session, to) or ""
                said = {"task_id": str(task.id), "offline_kind": task.kind, "who": who}
                await applications.announce(
                    session, application, cause=cause, kind="offline_reassigned", actor="system", at=now, params=said
                )
            return HandedOver(len(tasks))

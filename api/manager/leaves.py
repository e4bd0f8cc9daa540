"""A manager goes away: from when to when, and who has their tasks meanwhile."""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.idempotency import Json, perform
from api.problems import BadFields, FieldError, NotFound
from api.views import Colleague, LeaveView
from db import audits, clocks, leaves
from infra.phrases import BEIJING

ROLE = "manager"
LONGEST = timedelta(days=366)


async def mine(caller: Caller) -> tuple[LeaveView, ...]:
    """One's own leaves that are not over."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        return tuple(
            LeaveView(leave.id, leave.begins_at, leave.ends_at, name, leave.handed_at)
            for leave, name in await leaves.of_staff(session, caller.staff_id, now)
        )


async def colleagues(caller: Caller) -> tuple[Colleague, ...]:
    """Who may stand in."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple(Colleague(one.id, one.name) for one in await leaves.colleagues(session, ROLE, caller.staff_id))


async def say(caller: Caller, *, first: date, last: date, deputy_id: UUID, key: str) -> Receipt:
    """Be away from the morning of one day to the end of another: open tasks go over on the first, today's at once."""
    begins_at = datetime.combine(first, time(), BEIJING)
    ends_at = datetime.combine(last, time(), BEIJING) + timedelta(days=1)
    if ends_at <= begins_at or ends_at - begins_at > LONGEST:
        raise BadFields(fields=(FieldError("last", "not_one_of_these"),))
    tools, leave_id = caller.tools, uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        now = await clocks.now(session, tools.settings.clock_id)
        if ends_at <= now or await leaves.overlaps(session, caller.staff_id, begins_at, ends_at):
            raise BadFields(fields=(FieldError("first", "not_one_of_these"),))
        others = {one.id for one in await leaves.colleagues(session, ROLE, caller.staff_id)}
        if deputy_id not in others or await leaves.overlaps(session, deputy_id, begins_at, ends_at):
            raise BadFields(fields=(FieldError("deputy", "not_one_of_these"),))
        begun = max(begins_at, now)
        await leaves.add(session, leave_id, caller.staff_id, deputy_id, begins_at=begun, ends_at=ends_at, now=now)

    order = Order(
        workflow_type="Leave",
        workflow_id=clocks.workflow_of("leave", leave_id),
        update="say",
        object_kind="staff_leave",
        object_id=leave_id,
        start={"leave_id": str(leave_id), "clock_id": tools.settings.clock_id},
    )
    body = {"first": first.isoformat(), "last": last.isoformat(), "deputy_id": str(deputy_id)}
    return await issue(caller, order, use="manager.leave", key=key, body=body, store=store, scope="staff", audited=body)


async def back(caller: Caller, leave_id: UUID, key: str) -> tuple[LeaveView, ...]:
    """Be there again, or not go after all. What went over stays where it is: nobody is told three names."""

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if not await leaves.take_back(session, leave_id, caller.staff_id, now):
            raise NotFound
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="manager.back",
            object_kind="staff_leave",
            object_id=str(leave_id),
            detail={},
            request_id=caller.request_id,
        )
        return {}

    await perform(caller, "manager.back", key, {"leave_id": leave_id}, act, scope="staff", object_id=str(leave_id))
    return await mine(caller)

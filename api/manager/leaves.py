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


def whose(caller: Caller, staff_id: UUID | None) -> UUID:
    """Whose leave is meant: one's own, or for who leads also a colleague's. :class:`NotFound` for all others."""
    if staff_id is None or staff_id == caller.principal.id:
        return caller.staff_id
    if not caller.may("staff.lead"):
        raise NotFound
    return staff_id


async def mine(caller: Caller, of: UUID | None = None) -> tuple[LeaveView, ...]:
    """The leaves that are not over: one's own, or a colleague's."""
    who = whose(caller, of)
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        return tuple(
            LeaveView(leave.id, leave.begins_at, leave.ends_at, name, leave.handed_at, leave.said_by is not None)
            for leave, name in await leaves.of_staff(session, who, now)
        )


async def colleagues(caller: Caller, of: UUID | None = None) -> tuple[Colleague, ...]:
    """Who may stand in: every manager but the one who goes."""
    who = whose(caller, of)
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple(Colleague(one.id, one.name) for one in await leaves.colleagues(session, ROLE, who))


async def managers(caller: Caller) -> tuple[Colleague, ...]:
    """Every manager who works here."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple(Colleague(one.id, one.name) for one in await leaves.colleagues(session, ROLE, UUID(int=0)))


async def say(caller: Caller, *, first: date, last: date, deputy_id: UUID, key: str, of: UUID | None = None) -> Receipt:
    """Be away from the morning of one day to the end of another: open tasks go over on the first, today's at once.

    ``of``: a colleague who cannot say it (a fall, a fever), said by who leads; both stand on the leave.
    """
    who = whose(caller, of)
    begins_at = datetime.combine(first, time(), BEIJING)
    ends_at = datetime.combine(last, time(), BEIJING) + timedelta(days=1)
    if ends_at <= begins_at or ends_at - begins_at > LONGEST:
        raise BadFields(fields=(FieldError("last", "not_one_of_these"),))
    tools, leave_id = caller.tools, uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        now = await clocks.now(session, tools.settings.clock_id)
        if ends_at <= now or await leaves.overlaps(session, who, begins_at, ends_at):
            raise BadFields(fields=(FieldError("first", "not_one_of_these"),))
        others = {one.id for one in await leaves.colleagues(session, ROLE, who)}
        if who != caller.staff_id and who not in {one.id for one in await leaves.colleagues(session, ROLE, deputy_id)}:
            raise BadFields(fields=(FieldError("staff_id", "not_one_of_these"),))
        if deputy_id not in others or await leaves.overlaps(session, deputy_id, begins_at, ends_at):
            raise BadFields(fields=(FieldError("deputy", "not_one_of_these"),))
        begun = max(begins_at, now)
        said_by = caller.principal.actor if who != caller.staff_id else None
        await leaves.add(session, leave_id, who, deputy_id, begins_at=begun, ends_at=ends_at, now=now, said_by=said_by)

    order = Order(
        workflow_type="Leave",
        workflow_id=clocks.workflow_of("leave", leave_id),
        update="say",
        object_kind="staff_leave",
        object_id=leave_id,
        start={"leave_id": str(leave_id), "clock_id": tools.settings.clock_id},
    )
    body = {"first": first.isoformat(), "last": last.isoformat(), "deputy_id": str(deputy_id)}
    body |= {"staff_id": str(who)} if who != caller.staff_id else {}
    return await issue(caller, order, use="manager.leave", key=key, body=body, store=store, scope="staff", audited=body)


async def back(caller: Caller, leave_id: UUID, key: str, *, of: UUID | None = None) -> tuple[LeaveView, ...]:
    """Be there again, or not go after all. What went over stays where it is: nobody is told three names."""
    who = whose(caller, of)

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if not await leaves.take_back(session, leave_id, who, now):
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
    return await mine(caller, of)

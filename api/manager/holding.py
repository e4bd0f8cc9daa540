"""Whose a task outside is: whoever has it, or a lead, goes on with it. Anybody else gets a no, and the no is on record.

Of two who look into a case together (双人调查) each brings home what they saw; what becomes of the task stays with
whoever has it.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auditing import noted
from api.caller import Caller
from db import desk, diligence, offline
from db.tables import Task, TaskEvidence
from lending.refusals import NotTheirTask

# Who may act on another's task: whose an area is, and who says a leave for somebody (policies/roles.yaml).
LEADS = "staff.lead"


def may_act(caller: Caller, task: Task) -> bool:
    """Whether a task is somebody's to book, to finish and to add to; one that is nobody's is for whoever takes it."""
    return task.owner_id in (None, caller.staff_id) or caller.may(LEADS)


async def may_bring(session: AsyncSession, caller: Caller, task: Task) -> bool:
    """Whether somebody may add what they saw: besides those, the two who look into the case."""
    return may_act(caller, task) or await of_the_pair_or_leads(session, caller, task.application_id)


async def of_the_pair_or_leads(session: AsyncSession, caller: Caller, application_id: UUID) -> bool:
    """Whether somebody is one of the two who look into a case, or leads."""
    if caller.may(LEADS):
        return True
    pair = await diligence.pair(session, application_id)
    return pair is not None and caller.staff_id in (pair.lead_id, pair.second_id)


async def may_vouch(session: AsyncSession, caller: Caller, task: Task, row: TaskEvidence, *, elsewhere: bool) -> bool:
    """Whether somebody is another person than whoever brought it, and of the two who look into the case or a lead;
    ``elsewhere``: and than whoever had it go to another door than the known one."""
    if not await of_the_pair_or_leads(session, caller, task.application_id):
        return False
    booker = str(task.params.get(offline.PLACE_BY, offline.OWNER))
    theirs = {row.by, *((booker,) if elsewhere and booker != offline.OWNER else ())}
    return await desk.employee(session, caller.staff_id) not in await desk.employees(session, theirs)


async def held(session: AsyncSession, caller: Caller, task: Task) -> None:
    """:class:`NotTheirTask` for whoever may not go on with it."""
    if not may_act(caller, task):
        raise await _theirs(session, task)


async def brings(session: AsyncSession, caller: Caller, task: Task) -> None:
    """:class:`NotTheirTask` for whoever may add nothing to it."""
    if not await may_bring(session, caller, task):
        raise await _theirs(session, task)


@asynccontextmanager
async def on_record(caller: Caller, task_id: UUID, use: str) -> AsyncGenerator[None]:
    """A no of these undoes what was begun, and is written down by itself."""
    try:
        yield
    except NotTheirTask:
        async with caller.tools.sessions.begin(scope="staff") as session:
            await noted(session, caller, "offline.refused", "task", str(task_id), {"use": use})
        raise


async def _theirs(session: AsyncSession, task: Task) -> NotTheirTask:
    return NotTheirTask(who=await offline.name_of(session, task.owner_id) or "")

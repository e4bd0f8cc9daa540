"""What was captured on the spot held against what else is known: the clock, the piece's number, other tasks' pictures.

A number that is not the piece's stops a yes and the money until somebody copies it again rightly or explains it; what
they say stays beside it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, presence
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look
from api.manager import holding
from api.manager.offline import WORDS_LONGEST, case, task_of
from api.problems import NotFound
from api.views import OfflineCase
from db import clocks, collateral, offline, on_the_spot, people, reading
from db.tables import Application, Task
from lending.known_by import KNOWN_BY, same_number
from lending.offline import Captured, untimely
from lending.refusals_at_desk import NumberStands, TakenOutsideTask


async def in_its_time(session: AsyncSession, caller: Caller, task: Task, taken_at: datetime | None) -> None:
    """:class:`TakenOutsideTask`, if that is no time at which something can have been captured for this task."""
    if taken_at is None:
        return
    clock = await clocks.read(session, caller.tools.settings.clock_id, last=presence.ALL_SEGMENTS)
    off = caller.tools.policies.offline.clock_off
    if untimely(presence.on_our_clock(clock, taken_at), task.created_at, clock.now, off) is not None:
        moments = {"taken_at": taken_at, "opened_at": task.created_at, "received_at": clock.now}
        raise TakenOutsideTask(**{name: moment.isoformat() for name, moment in moments.items()})


async def held_against(
    session: AsyncSession, caller: Caller, task: Task, application: Application, kind: Captured, words: str
) -> Json:
    """The columns of a number: which piece it is of, and whether it is that one's as far as anything says so."""
    if kind not in (Captured.SERIAL, Captured.REFERENCE):
        return {}
    piece = await on_the_spot.piece_of(session, task)
    if piece is None:
        return {}
    if kind is Captured.REFERENCE:  # a valuer's report has a number of its own; a register's is compared
        known = piece.registration_no if task.kind == "registration" else None
    else:
        await look(session, caller, application, "visit")
        title = (await collateral.thing_of(session, caller.tools.vault, piece)).title
        known = title if offline.number_of(task) in KNOWN_BY else None
    return {"collateral_id": piece.id, "matches": same_number(words, known) if known else None}


async def task_of_thing(caller: Caller, evidence_id: UUID) -> UUID:
    """The task that something was brought home from; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found = await offline.evidence(session, evidence_id)
        if found is None:
            raise NotFound
        _, application = await task_of(session, caller, found.task_id)
        await look(session, caller, application, "visit")
        return found.task_id


async def explain(caller: Caller, evidence_id: UUID, *, explanation: str, key: str) -> OfflineCase:
    """Say why a number is not the piece's: for whoever has the task, or a lead, also after it is done."""
    form = fields.Form()
    said = form.take("explanation", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), explanation, "")
    form.done()
    tools, task_id = caller.tools, await task_of_thing(caller, evidence_id)

    async def act(session: AsyncSession) -> Json:
        task, application = await task_of(session, caller, task_id)
        await holding.held(session, caller, task)
        row = await offline.evidence(session, evidence_id, locked=True)
        if row is None or row.matches is not False or row.explained_at is not None:
            raise NumberStands
        await look(session, caller, application, "visit")
        sealing = await people.key_of(session, tools.vault, row.person_id)
        now = await clocks.now(session, tools.settings.clock_id)
        row.explained_sealed = tools.vault.seal(sealing, on_the_spot.EXPLAINED, row.id, said)
        row.explained_by = caller.principal.actor
        row.explained_at = now
        await session.flush()
        await noted(session, caller, "offline.explain", "task_evidence", str(row.id), {"task": str(task_id)})
        paid = await reading.payout_of(session, application.id)
        if paid is not None and paid[0].state == "scheduled":
            await collateral.tell_payout(session, application.id, cause=row.id)
        return {}

    body = {"evidence_id": evidence_id, "explanation": said}
    async with holding.on_record(caller, task_id, "explain"):
        await perform(caller, "offline.explain", key, body, act, scope="staff", object_id=str(evidence_id))
    return await case(caller, task_id)

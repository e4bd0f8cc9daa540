"""Who waits for a call because help did not answer: by when, what they asked, and what came of it."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, words_out
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.owner.helping import view
from api.problems import NotFound
from api.views import HelpCallView
from db import audits, clocks, helping, people
from db.tables import HelpCall
from db.tables.helping import CALL_OUTCOMES
from lending.refusals import ReviewClosed

WORDS_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: one of ``CALL_OUTCOMES``, and in words."""

    outcome: str
    words: str


async def open_calls(caller: Caller) -> tuple[HelpCallView, ...]:
    """Everybody who waits, the most urgent first. Each look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple([await seen(session, caller, row) for row in await helping.open_calls(session)])


async def call(caller: Caller, call_id: UUID) -> HelpCallView:
    """One call."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await helping.call(session, call_id)
        if row is None:
            raise NotFound
        return await seen(session, caller, row)


async def close(caller: Caller, call_id: UUID, said: Called, key: str) -> HelpCallView:
    """Say what came of it; the first word counts."""
    form = fields.Form()
    if said.outcome not in CALL_OUTCOMES:
        form.refuse("outcome", "not_one_of_these" if said.outcome else "missing")
    words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), said.words, "")
    form.done()
    await words_out.may_leave(caller, _asker(call_id), [words], place="call", key=key)

    async def act(session: AsyncSession) -> Json:
        if await helping.call(session, call_id) is None:
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        by = caller.principal.actor
        if not await helping.close(session, call_id, outcome=said.outcome, words=words, by=by, at=now):
            raise ReviewClosed
        await audits.append(
            session,
            actor=by,
            action="help.called",
            object_kind="help_call",
            object_id=str(call_id),
            detail={"outcome": said.outcome},
            request_id=caller.request_id,
        )
        return {}

    body = {"call_id": call_id, **plain(said)}
    await perform(caller, "manager.close_call", key, body, act, scope="staff", object_id=str(call_id))
    return await call(caller, call_id)


def _asker(call_id: UUID) -> words_out.Find:
    async def find(session: AsyncSession) -> words_out.Reader | None:
        row = await helping.call(session, call_id)
        return words_out.Reader(row.person_id, None) if row else None

    return find


async def seen(session: AsyncSession, caller: Caller, row: HelpCall) -> HelpCallView:
    """A call with whom and what about; the look is on record."""
    now = await clocks.now(session, caller.tools.settings.clock_id)
    role = min(caller.principal.roles, default="staff")
    await people.record_access(session, row.person_id, at=now, actor=role, what="contact", purpose="help")
    who = await people.identity_of(session, caller.tools.vault, row.person_id)
    return replace(await view(session, caller, row), customer=who.name, phone_masked=people.masked_phone(who.phone))

"""The one thread of an application: both sides read the same messages, and each sees what the other has opened."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, second_reading, words_out
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look
from api.owner.applying import own_application
from api.phrases import phrase
from api.problems import NotFound
from api.views import ThreadLine, ThreadView
from db import clocks, conditions, reading, talking
from db.tables import Application, LoanCondition
from db.talking import LENDER, OWNER
from infra import i18n
from lending.identifiers import derived_id

LONGEST = 1_000
# What happened to the case itself: nobody said it.
SYSTEM = "system"


async def read(caller: Caller, application_id: UUID, side: str) -> ThreadView:
    """The thread; what the other side wrote counts as opened from now on."""
    tools = caller.tools
    async with tools.sessions.begin(**_rights(caller, side)) as session:
        application = await _application(session, caller, application_id, side)
        now = await clocks.now(session, tools.settings.clock_id)
        await talking.read(session, application_id, reader=side, at=now)
        return await _view(session, caller, application, side)


async def unread(caller: Caller, application_id: UUID) -> int:
    """Messages for the owner that they have not opened."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        return await talking.unread(session, application_id, reader=OWNER)


async def say(caller: Caller, application_id: UUID, text: str, key: str, side: str) -> ThreadView:
    """Write into it, once for each key. An owner is sent a message that there is an answer."""
    form = fields.Form()
    words = form.take("text", lambda typed: fields.line(typed, longest=LONGEST, least=1), text, "")
    form.done()
    tools = caller.tools
    if side == LENDER and await _waits(caller, application_id, words, key):
        return await read(caller, application_id, side)

    async def act(session: AsyncSession) -> Json:
        application = await _application(session, caller, application_id, side)
        now = await clocks.now(session, tools.settings.clock_id)
        by = caller.principal.actor
        if side == LENDER:
            message = await second_reading.leave(session, caller, application, words, by=by, at=now)
        else:
            message = await talking.say(session, tools.vault, application, words, author=side, by=by, at=now)
        await talking.read(session, application_id, reader=side, at=now)
        return {"id": str(message)}

    body = {"application": str(application_id), "text": text}
    await perform(caller, f"{side}.say", key, body, act, **_rights(caller, side))
    return await read(caller, application_id, side)


async def _waits(caller: Caller, application_id: UUID, words: str, key: str) -> bool:
    """Whether a second person reads it first: it is kept for them, and its writer sees that it waits."""
    find = words_out.of_application(application_id)
    said = await words_out.judged(caller, find, [words], place="thread", key=key)
    if said is None or not said.held:
        return False
    written = second_reading.Written(said.reader.person_id, application_id, "thread", words, said.held[0].topics)
    if await second_reading.released(caller, written):
        return False
    await second_reading.keep(caller, written, key)
    return True


def _rights(caller: Caller, side: str) -> dict[str, Any]:
    return {"person": caller.person_id} if side == OWNER else {"scope": "staff"}


async def _application(session: AsyncSession, caller: Caller, application_id: UUID, side: str) -> Application:
    if side == OWNER:
        return await own_application(session, application_id, caller.person_id)
    found = await reading.application(session, application_id)
    if found is None:
        raise NotFound
    await look(session, caller, found, "thread")
    return found


async def _view(session: AsyncSession, caller: Caller, application: Application, side: str) -> ThreadView:
    said = [
        ThreadLine(row.id, row.author, row.author == side, text, row.sent_at, row.read_at)
        for row, text in await talking.thread(session, caller.tools.vault, application)
    ]
    waits = await second_reading.lines(session, caller, application.id) if side == LENDER else []
    ours = [
        line for row in await conditions.ever(session, application.id) for line in _of_condition(row, caller.locale)
    ]
    lines = sorted([*said, *waits, *ours], key=lambda line: (line.sent_at, line.id.hex))
    return ThreadView(application.id, application.number, tuple(lines))


def _of_condition(row: LoanCondition, locale: str) -> tuple[ThreadLine, ...]:
    """What both sides read of a condition of the yes: one line when it was made and one when it ended, each with what
    to do. Read from its row and written nowhere else; nobody of either side said it, and nobody has to open it."""
    how = i18n.text(f"lending.condition_how.{row.kind}", locale)
    facts = {"condition": row.kind, "how": how, "words": row.words or "", "due_at": row.due_at.isoformat()}
    lines = [("condition_set_words" if row.words else "condition_set", row.asked_at)]
    if row.ended_at is not None:
        lines.append((f"condition_{row.state}", row.ended_at))
    return tuple(
        ThreadLine(
            derived_id("thread", f"{row.id}/{code}"), SYSTEM, False, phrase(f"api.thread.{code}", locale, facts), at, at
        )
        for code, at in lines
    )

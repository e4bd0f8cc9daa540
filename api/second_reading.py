"""Words that wait for a second reader: who keeps them, who reads them, and what becomes of them (B7).

What was written in the thread leaves at its release, as it was written. What stands in a form leaves when the same
writer sends the same words again, for as long as the policy says. The second reader is never the writer, by person.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look, names
from api.problems import NotFound
from api.views.talking import HeldView, PhraseView, ThreadLine
from db import applications, clocks, desk, offline, people, reading
from db import second_reading as kept
from db import talking as thread
from db.people import Erased
from db.tables import Application, HeldWords
from infra import i18n
from lending.identifiers import derived_id
from lending.refusals_at_desk import OwnWords, WordsAnswered, WordsHeld, WordsReturned
from lending.second_reading import RATE

REASON_LONGEST = 300
THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Written:
    """Words for somebody, the use that they stand in, and what they touch."""

    person_id: UUID
    application_id: UUID | None
    place: str
    words: str
    topics: tuple[str, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.words.encode()).hexdigest()


async def released(caller: Caller, written: Written) -> bool:
    """Whether another has read these very words lately and let them go. Raises :class:`WordsReturned`."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await _newest(session, caller, written)
        if row is None or row.ended_at is None:
            return False
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if now >= row.ended_at + caller.tools.policies.second_reading.good_for:
            return False
        if row.state == "released":
            return True
        await _look(session, caller, written.person_id, written.application_id)
        _, reason = await kept.words_of(session, caller.tools.vault, row)
        raise WordsReturned(reason=reason or "")


async def keep(caller: Caller, written: Written, key: str) -> None:
    """Keep the words for a second reader; those that wait already are kept once."""
    tools = caller.tools

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, tools.settings.clock_id)
        await _look(session, caller, written.person_id, written.application_id)
        made = await kept.hold(
            session,
            tools.vault,
            staff_id=caller.staff_id,
            person_id=written.person_id,
            application_id=written.application_id,
            place=written.place,
            words=written.words,
            sha256=written.sha256,
            topics=written.topics,
            at=now,
            due_at=now + tools.policies.second_reading.within,
        )
        if made is not None:
            detail = {"place": written.place, "topics": list(written.topics), "sha256": written.sha256}
            await noted(session, caller, "words.held", "held_words", str(made), detail)
        return {}

    # The same form is sent again under its key, with other words or after its words were read too long ago.
    async with tools.sessions.begin(scope="staff") as session:
        before = await _newest(session, caller, written)
    body = {"place": written.place, "sha256": written.sha256}
    again = f"{key}/{written.sha256[:16]}" + (f"/{before.id.hex[:8]}" if before is not None else "")
    await perform(caller, "staff.words_held", again, body, act, scope="staff")


def held(caller: Caller, topics: tuple[str, ...]) -> WordsHeld:
    """The no of a form whose words wait."""
    comma = "、" if caller.locale.startswith("zh") else ", "
    return WordsHeld(topics=comma.join(i18n.text(f"lending.topic.{one}", caller.locale) for one in topics))


async def lines(session: AsyncSession, caller: Caller, application_id: UUID) -> list[ThreadLine]:
    """What stands in an application's thread for the lender's side alone."""
    found: list[ThreadLine] = []
    for row in await kept.of_thread(session, application_id):
        words, reason = await kept.words_of(session, caller.tools.vault, row)
        found.append(ThreadLine(row.id, thread.LENDER, True, words, row.held_at, None, row.state, reason))
    return found


async def leave(
    session: AsyncSession, caller: Caller, application: Application, words: str, *, by: str, at: datetime
) -> UUID:
    """A message of the lender's side leaves: it stands in the thread, and its owner is told that it does."""
    message = await thread.say(session, caller.tools.vault, application, words, author=thread.LENDER, by=by, at=at)
    await applications.notify_person(
        session,
        notice_id=derived_id("notice", f"thread/{message}"),
        person_id=application.person_id,
        application_id=application.id,
        kind="thread_message",
        params={"number": application.number},
        at=at,
    )
    return message


async def waiting(caller: Caller) -> tuple[HeldView, ...]:
    """All that wait, the most urgent first. Each look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found: list[HeldView] = []
        for row in await kept.waiting(session):
            try:
                found.append(await _view(session, caller, row))
            except Erased:  # nobody is left to read them
                continue
        return tuple(found)


def phrases(caller: Caller) -> tuple[PhraseView, ...]:
    """What may be said at once on these topics, in the language of the page."""
    locale = "zh_CN" if caller.locale.startswith("zh") else "en"
    return tuple(PhraseView(one.topic, one.words[locale]) for one in caller.tools.policies.second_reading.phrases)


def sendable(caller: Caller) -> tuple[PhraseView, ...]:
    """Those that are whole as they stand."""
    return tuple(one for one in phrases(caller) if RATE not in one.text)


async def release(caller: Caller, held_id: UUID, key: str) -> tuple[HeldView, ...]:
    """Let the words go as they were written. Raises :class:`OwnWords`, :class:`WordsAnswered`."""

    async def ends(session: AsyncSession, row: HeldWords, now: datetime) -> None:
        words, _ = await kept.words_of(session, caller.tools.vault, row)
        if hashlib.sha256(words.encode()).hexdigest() != row.sha256:
            raise NotFound  # what is kept is not what was written
        await kept.end(session, caller.tools.vault, row, by=caller.staff_id, at=now)
        if row.place == THREAD and row.application_id is not None:
            application = await applications.locked(session, row.application_id)
            await leave(session, caller, application, words, by=f"staff:{row.staff_id}", at=now)

    return await _answer(caller, held_id, "released", {}, ends, key)


async def give_back(caller: Caller, held_id: UUID, reason: str, key: str) -> tuple[HeldView, ...]:
    """Give them back to their writer, with why. Raises :class:`OwnWords`, :class:`WordsAnswered`."""
    form = fields.Form()
    why = form.take("reason", lambda typed: fields.line(typed, longest=REASON_LONGEST, least=4), reason, "")
    form.done()

    async def ends(session: AsyncSession, row: HeldWords, now: datetime) -> None:
        await kept.end(session, caller.tools.vault, row, by=caller.staff_id, at=now, reason=why)

    return await _answer(caller, held_id, "returned", {"reason": why}, ends, key)


async def _answer(
    caller: Caller,
    held_id: UUID,
    what: str,
    said: Json,
    ends: Callable[[AsyncSession, HeldWords, datetime], Awaitable[None]],
    key: str,
) -> tuple[HeldView, ...]:
    async def act(session: AsyncSession) -> Json:
        row = await kept.locked(session, held_id)
        if row is None:
            raise NotFound
        if await desk.employee(session, row.staff_id) == await desk.employee(session, caller.staff_id):
            raise OwnWords
        if row.state != "waiting":
            raise WordsAnswered
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await _look(session, caller, row.person_id, row.application_id)
        await ends(session, row, now)
        detail = {"place": row.place, "sha256": row.sha256, "writer": str(row.staff_id)}
        await noted(session, caller, f"words.{what}", "held_words", str(row.id), detail)
        return {}

    body = {"held_id": held_id, **said}
    await perform(caller, f"staff.words_{what}", key, body, act, scope="staff", object_id=str(held_id))
    return await waiting(caller)


async def _newest(session: AsyncSession, caller: Caller, written: Written) -> HeldWords | None:
    return await kept.newest(
        session,
        staff_id=caller.staff_id,
        person_id=written.person_id,
        place=written.place,
        sha256=written.sha256,
    )


async def _look(
    session: AsyncSession, caller: Caller, person_id: UUID, application_id: UUID | None
) -> Application | None:
    """The customer sees that somebody looked; their application, if it is about one."""
    application = await reading.application(session, application_id) if application_id else None
    if application is not None:
        await look(session, caller, application, "thread")
    else:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        role = min(caller.principal.roles, default="staff")
        await people.record_access(session, person_id, at=now, actor=role, what="thread", purpose="words")
    return application


async def _view(session: AsyncSession, caller: Caller, row: HeldWords) -> HeldView:
    application = await _look(session, caller, row.person_id, row.application_id)
    if application is not None:
        customer = " · ".join(part for part in await names(session, caller, application) if part)
    else:
        who = await people.identity_of(session, caller.tools.vault, row.person_id)
        customer = who.name or people.masked_phone(who.phone)
    words, _ = await kept.words_of(session, caller.tools.vault, row)
    return HeldView(
        row.id,
        await offline.name_of(session, row.staff_id) or "",
        row.staff_id == caller.staff_id,
        row.application_id,
        application.number if application is not None else None,
        customer,
        row.place,
        tuple(row.topics),
        words,
        row.sha256,
        row.held_at,
        row.due_at,
        await offline.name_of(session, row.lead_id),
    )

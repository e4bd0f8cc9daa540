"""A manager and a customer's papers: brings what the customer hands over, opens them, and says what is wrong."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import checklist, fields, words_out
from api.caller import Caller
from api.commands import Receipt
from api.hands import Hand, managers
from api.idempotency import Json, perform
from api.looking import look
from api.owner import uploading
from api.owner.questions import tell
from api.owner.uploading import Upload
from api.problems import BadFields, FieldError, NotFound
from api.routes import PaperFile
from api.staff import opening
from api.views import Checklist
from db import applications, audits, clocks, documents, reading
from lending.identifiers import derived_id
from lending.refusals import ReviewClosed

WORDS_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Judged:
    """Good, or refused for one of the item's reasons; ``words`` add what the customer should do."""

    accepted: bool
    refusal: str = ""
    words: str = ""


async def _hand(caller: Caller, application_id: UUID) -> Hand:
    async with caller.tools.sessions.begin(scope="staff") as session:
        found = await reading.application(session, application_id)
    if found is None:
        raise NotFound
    return managers(found.person_id)


async def seen(caller: Caller, application_id: UUID) -> Checklist:
    """The customer's list; the look is on record."""
    return await checklist.seen(caller, await _hand(caller, application_id), application_id)


async def bring(caller: Caller, application_id: UUID, item: str, upload: Upload, key: str) -> Checklist:
    """A paper that the customer handed over, scanned by the manager."""
    return await checklist.bring(caller, await _hand(caller, application_id), application_id, item, upload, key)


async def bring_bill(caller: Caller, application_id: UUID, upload: Upload, key: str) -> Receipt:
    """A bill or list of invoices that the customer handed over; it is read under the customer's own consent."""
    hand = await _hand(caller, application_id)
    return await uploading.add_statement(caller, application_id, upload, key, hand=hand)


async def opened(caller: Caller, document_id: UUID) -> PaperFile:
    """One paper, as it was drawn."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await documents.by_id(session, document_id)
    if row is None:
        raise NotFound
    paper = await checklist.opened(caller, managers(row.person_id), document_id)
    async with caller.tools.sessions.begin(scope="staff") as session:
        await opening.paper_opened(session, caller, document_id)
    return paper


async def judge(caller: Caller, document_id: UUID, said: Judged, key: str) -> Checklist:
    """Say whether a paper will do. The first word counts; the customer is told at once what is wrong with it."""
    words = said.words.strip()
    form = fields.Form()
    if words:
        words = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST), words, "")
    form.done()
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        row = await documents.by_id(session, document_id)
        if row is None:
            raise NotFound
        application_id, item_id, cause = row.application_id, row.item, derived_id("paper-judged", str(document_id))
    item = checklist.item_of(caller, item_id)
    if not said.accepted and (item is None or said.refusal not in item.refusals):
        raise BadFields(fields=(FieldError("refusal", "not_one_of_these"),))

    await words_out.may_leave(caller, words_out.of_application(application_id), [words], place="paper", key=key)

    async def act(session: AsyncSession) -> Json:
        application = await reading.application(session, application_id)
        if application is None:
            raise NotFound
        await look(session, caller, application, "papers")
        now = await clocks.now(session, tools.settings.clock_id)
        state = "accepted" if said.accepted else "refused"
        refusal = None if said.accepted else said.refusal
        by = caller.principal.actor
        if not await documents.judge(session, document_id, state=state, refusal=refusal, words=words, by=by, at=now):
            raise ReviewClosed
        params = {"item": item_id.partition(".")[0], "paper_refusal": refusal or "", "words": words}
        await tell(session, application, cause, f"paper_{state}", actor="manager", at=now, **params)
        if not said.accepted:
            await applications.notify_person(
                session,
                notice_id=derived_id("notice", str(cause)),
                person_id=application.person_id,
                application_id=application.id,
                kind="paper_refused",
                params=params,
                at=now,
            )
        await audits.append(
            session,
            actor=by,
            action="paper.judge",
            object_kind="evidence_document",
            object_id=str(document_id),
            detail={"state": state, "refusal": refusal or ""},
            request_id=caller.request_id,
        )
        return {}

    body = {"document_id": document_id, "accepted": said.accepted, "refusal": said.refusal, "words": words}
    await perform(caller, "manager.judge_paper", key, body, act, scope="staff", object_id=str(document_id))
    return await seen(caller, application_id)

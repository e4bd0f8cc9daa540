"""Owners' bills that a person has to look at: they contradict a feed, would lower a day, or may not be genuine."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, sales, words_out
from api.caller import Caller
from api.idempotency import Json, perform
from api.problems import NotFound
from api.views.sales import SalesFileView
from db import audits, clocks, people, sales_files
from db.tables import Loan
from lending.refusals import NotInThisStage

ACTS = ("count", "fill", "leave")
WORDS_LONGEST = 500


async def waiting(caller: Caller) -> tuple[SalesFileView, ...]:
    """What waits, the oldest first, each day as it stands now. The file's own name is its owner's."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await sales_files.for_a_person(session)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        for person_id in {row.person_id for row in rows}:
            actor = caller.principal.actor
            await people.record_access(session, person_id, at=now, actor=actor, what="sales_file", purpose="sales")
        return tuple([await sales.view(session, row, "", caller.locale, anew=True) for row in rows])


def _owner_of(file_id: UUID) -> words_out.Find:
    async def find(session: AsyncSession) -> words_out.Reader | None:
        row = await sales_files.of(session, file_id)
        if row is None:
            return None
        loan = await session.get_one(Loan, row.loan_id)
        return words_out.Reader(row.person_id, loan.application_id)

    return find


async def judge(caller: Caller, file_id: UUID, act_: str, words: str, key: str) -> None:
    """Count the days that wait beside what the feeds tell (another account's), fill what is missing of a feed's own
    account until it tells the day, or leave them. A feed is never changed here: it corrects itself."""
    form = fields.Form()
    if act_ not in ACTS:
        form.refuse("act", "not_one_of_these" if act_ else "missing")
    said = form.take("words", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), words, "")
    form.done()
    await words_out.may_leave(caller, _owner_of(file_id), [said], place="sales", key=key)

    async def act(session: AsyncSession) -> Json:
        row = await sales_files.of(session, file_id, locked=True)
        if row is None:
            raise NotFound
        loan = await session.get_one(Loan, row.loan_id)
        if not row.waits or row.decided is not None or loan.state != "live":
            raise NotInThisStage(stage=row.decided or row.state, step="judge_sales")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if act_ != "leave":
            await sales_files.enter(session, row, now, verdict=sales_files.Verdict(act_))
        row.decided, row.decided_by, row.decided_at, row.words = act_, caller.principal.actor, now, said
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="sales_file.judge",
            object_kind="sales_file",
            object_id=str(file_id),
            detail={"act": act_, "waits": row.waits},
            request_id=caller.request_id,
        )
        return {}

    body = {"file_id": file_id, "act": act_, "words": words}
    await perform(caller, "desk.judge_sales", key, body, act, scope="staff", object_id=str(file_id))

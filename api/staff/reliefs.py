"""Relief at the desk: what is above the rule's sum, or adds to somebody else's burden, is answered by a person."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform
from api.problems import NotFound
from api.views.relief import ReliefTask
from db import applications, audits, clocks
from db import relief as reliefs
from db.tables import Application
from lending.identifiers import derived_id
from lending.refusals_of_plans import ReliefNotOffered

VERDICTS = ("offer", "decline")
HELPS = ("talk", "pay_part", "advice")


async def waiting(caller: Caller) -> tuple[ReliefTask, ...]:
    """What waits, the nearest clock first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found: list[ReliefTask] = []
        for row, number in await reliefs.waiting(session):
            loan = await reliefs.loan_of(session, row)
            found.append(
                ReliefTask(
                    id=row.id,
                    loan_id=row.loan_id,
                    number=number,
                    why=row.why,
                    currency=loan.currency,
                    owed_minor=row.owed_minor,
                    asked_at=row.asked_at,
                    due_at=row.due_at,
                    monthly_minor=int(row.figures.get("monthly_minor", 0)),
                    consent_needed=await reliefs.others_stand_behind(session, loan.application_id),
                )
            )
        return tuple(found)


async def answer(
    caller: Caller, relief_id: UUID, verdict: str, helps: str, consented: bool, key: str
) -> tuple[ReliefTask, ...]:  # fmt: skip
    """Offer the ways of the rule, or decline and name what would help instead. Where others stand behind the loan,
    nothing is offered before they agreed (民法典 695)."""
    form = fields.Form()
    if verdict not in VERDICTS:
        form.refuse("verdict", "not_one_of_these")
    if verdict == "decline" and helps not in HELPS:
        form.refuse("helps_instead", "not_one_of_these")
    form.done()

    async def act(session: AsyncSession) -> Json:
        found = await reliefs.one(session, relief_id)
        if found is None:
            raise NotFound
        row, loan = found
        if row.state != "asked":
            raise ReliefNotOffered
        others = await reliefs.others_stand_behind(session, loan.application_id)
        if verdict == "offer" and others and not consented:
            form.refuse("consented", "missing")
        form.done()
        now = await clocks.now(session, caller.tools.settings.clock_id)
        reliefs.decide(row, "offered" if verdict == "offer" else "declined", caller.principal.actor, now)
        row.helps_instead = helps if verdict == "decline" else None
        row.consented = consented if others else None
        application = await session.get_one(Application, loan.application_id)
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", f"{row.id}/relief_answered"),
            person_id=row.person_id,
            application_id=loan.application_id,
            kind="relief_answered",
            params={"number": application.number},
            at=now,
        )
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="relief.answered",
            object_kind="loan",
            object_id=str(loan.id),
            detail={"verdict": verdict, "helps_instead": helps, "consented": str(consented)},
            request_id=caller.request_id,
        )
        return {}

    body = {"relief_id": relief_id, "verdict": verdict, "helps_instead": helps, "consented": consented}
    await perform(caller, "relief.answer", key, body, act, scope="staff", object_id=str(relief_id))
    return await waiting(caller)

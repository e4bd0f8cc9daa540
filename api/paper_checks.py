"""Holding a paper contract beside the screen: the borrower by their own phone, a manager by theirs."""

from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look
from api.problems import NotFound
from api.views import PaperCheckView
from db import audits, clocks, paper_checks, reading
from db.tables import Application
from lending.applications import Stage
from lending.paper_checks import SHOWN, Printed, read
from lending.refusals import NotInThisStage

CODE_LONGEST = 200


async def check(
    caller: Caller, application_id: UUID, code: str, key: str, *, person: UUID | None = None
) -> PaperCheckView:
    """Compare what a scanned code says with the terms on the screen. While they differ nothing can be signed (B5).

    ``person``: the borrower themselves; None: somebody of the lender.
    """
    form = fields.Form()
    text = form.take("code", lambda value: fields.line(value, longest=CODE_LONGEST, least=1), code, "")
    printed = read(text)
    if text and printed is None:
        form.refuse("code", "not_a_contract")
    form.done()
    assert printed is not None  # noqa: S101 (the form is done)
    said: Printed = printed

    async def act(session: AsyncSession) -> Json:
        application = await session.get(Application, application_id)
        if application is None or (person is not None and application.person_id != person):
            raise NotFound
        facts = await reading.key_facts_of(session, application.offer_id) if application.offer_id else None
        if application.stage != Stage.SIGNING.value or facts is None:
            raise NotInThisStage(stage=application.stage, step="paper_check")
        if person is None:
            await look(session, caller, application, "contract")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        check_id = uuid4()
        same = said.terms_hash == facts.terms_hash
        await paper_checks.add(
            session,
            id=check_id,
            application_id=application.id,
            person_id=application.person_id,
            number=said.number,
            printed_hash=said.terms_hash,
            terms_hash=facts.terms_hash,
            by=caller.principal.actor,
            at=now,
        )
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="paper.checked",
            object_kind="application",
            object_id=str(application_id),
            detail={"same": same, "printed": said.terms_hash, "terms_hash": facts.terms_hash},
            request_id=caller.request_id,
        )
        return {"same": same, "printed": said.terms_hash[:SHOWN], "shown": facts.terms_hash[:SHOWN]}

    body = {"application_id": application_id, "code": text}
    scope = None if person is not None else "staff"
    made = await perform(
        caller, "paper.check", key, body, act, person=person, scope=scope, object_id=str(application_id)
    )
    return PaperCheckView(bool(made["same"]), str(made["printed"]), str(made["shown"]))

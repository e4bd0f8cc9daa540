"""双人调查: two different people look into a large case, and both sign the report before anybody decides (P33)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look
from api.problems import BadFields, FieldError, NotFound
from api.views import InvestigationView
from db import applications, clocks, diligence, leaves, managing, offline, reading
from db.diligence import LEAD, SECOND, Signed
from db.tables import Application, Investigation
from lending.refusals import CaseChanged, InvestigationIncomplete, NeedsTwoPeople, ReviewClosed
from lending.refusals_at_desk import SecondDidNothing
from lending.workbench import needs_two_people


async def view(session: AsyncSession, caller: Caller, application: Application) -> InvestigationView:
    """Whether it is asked for, who they are, and who has signed the report that stands."""
    stands = await diligence.signed(session, application.id)
    named = stands.pair
    return InvestigationView(
        asked=asked(caller, application),
        lead=await offline.name_of(session, named.lead_id) if named else None,
        second=await offline.name_of(session, named.second_id) if named else None,
        lead_at=stands.lead_at,
        second_at=stands.second_at,
        complete=stands.complete,
        my_part=_part(named, caller.staff_id),
    )


def asked(caller: Caller, application: Application, amount_minor: int | None = None) -> bool:
    """Whether a rule asks for two people: for the sum that is asked for, or for the larger one that is to be lent."""
    amount = max(application.amount_minor, amount_minor or 0)
    return needs_two_people(caller.tools.policies.two_people, application.product_id, amount)


async def require(
    session: AsyncSession, caller: Caller, application: Application, amount_minor: int | None = None
) -> None:
    """Nothing goes on to a yes before both have signed: :class:`InvestigationIncomplete`. The desk asks the same."""
    if asked(caller, application, amount_minor) and not (await diligence.signed(session, application.id)).complete:
        raise InvestigationIncomplete


def _part(named: Investigation | None, staff_id: UUID) -> str | None:
    if named is None:
        return None
    return LEAD if named.lead_id == staff_id else SECOND if named.second_id == staff_id else None


async def name(caller: Caller, application_id: UUID, second: UUID, key: str) -> InvestigationView:
    """Take the lead of a case and say who looks with one. Two logins of one person are one person."""

    async def act(session: AsyncSession) -> Json:
        application = await _locked(session, application_id)
        theirs = {one.id for one in await leaves.colleagues(session, managing.MANAGER, caller.staff_id)}
        if second not in theirs:
            raise BadFields(fields=(FieldError("second_id", "not_one_of_these"),))
        if await diligence.employee(session, second) == await diligence.employee(session, caller.staff_id):
            raise NeedsTwoPeople
        if (await diligence.signed(session, application_id)).complete:
            raise ReviewClosed
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await diligence.name_pair(session, application, caller.staff_id, second, now)
        detail = {"second": str(second)}
        await noted(session, caller, "investigation.named", "application", str(application_id), detail)
        return {}

    body = {"application_id": str(application_id), "second_id": str(second)}
    await perform(caller, "manager.pair", key, body, act, scope="staff", object_id=str(application_id))
    return await seen(caller, application_id)


async def sign(caller: Caller, application_id: UUID, sha256: str, key: str) -> InvestigationView:
    """Sign the report that stands, by its hash; each of the two for their own part, and nobody for both.

    Raises :class:`SecondDidNothing` for whoever has only this signature to give: a click is no second person.
    """

    async def act(session: AsyncSession) -> Json:
        application = await _locked(session, application_id)
        stands: Signed = await diligence.signed(session, application_id)
        part = _part(stands.pair, caller.staff_id)
        if part is None:
            raise NotFound
        if stands.report is None or stands.report.sha256 != sha256:
            raise CaseChanged
        who = await diligence.employee(session, caller.staff_id) or ""
        others = [one for one in (await diligence.signatures(session, stands.report.id)).values() if one.part != part]
        if any(one.employee == who for one in others):
            raise NeedsTwoPeople
        if part in stands.idle:
            raise SecondDidNothing
        now = await clocks.now(session, caller.tools.settings.clock_id)
        added = await diligence.sign(
            session,
            report_id=stands.report.id,
            part=part,
            application_id=application_id,
            person_id=application.person_id,
            staff_id=caller.staff_id,
            employee=who,
            sha256=sha256,
            signed_at=now,
        )
        if added:
            detail = {"part": part, "sha256": sha256}
            await noted(session, caller, "report.signed", "application", str(application_id), detail)
        return {}

    body = {"application_id": str(application_id), "sha256": sha256}
    await perform(caller, "manager.sign_report", key, body, act, scope="staff", object_id=str(application_id))
    return await seen(caller, application_id)


async def seen(caller: Caller, application_id: UUID) -> InvestigationView:
    """How it stands."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await reading.application(session, application_id)
        if application is None:
            raise NotFound
        await look(session, caller, application, "case")
        return await view(session, caller, application)


async def _locked(session: AsyncSession, application_id: UUID) -> Application:
    if await reading.application(session, application_id) is None:
        raise NotFound
    return await applications.locked(session, application_id)

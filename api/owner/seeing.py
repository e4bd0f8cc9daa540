"""What an owner sees of their own applications: only their own, each read under their own rights."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

from api import case, standing
from api.caller import Caller
from api.owner.applying import own_application
from api.owner.signing import paper_view
from api.owner.subsidising import applicant_of, subsidy_of
from api.phrases import phrase
from api.problems import NotFound, Unavailable
from api.routes import PaperFile
from api.simulating import simulation
from api.views import (
    ApplicationView,
    CommandView,
    DecisionView,
    Evidence,
    IdentityView,
    OfferView,
    PaperView,
    Reason,
    Timeline,
)
from db import audits, clocks, commands, reading, renewals
from db.intake import ENDED
from db.tables import Command, Decision, Offer
from infra import i18n
from lending.calendars import BusinessCalendar, Jurisdiction, business_date
from lending.coupons import offered_cap
from lending.refusals import type_of
from lending.release import ReleasePolicy, promised
from lending.terms import terms_from


async def applications(caller: Caller) -> tuple[ApplicationView, ...]:
    """All of one's applications, newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        rows = await reading.applications_of(session, person)
        return tuple([await standing.view(session, row) for row in rows])


async def open_application(caller: Caller) -> ApplicationView | None:
    """The one that has not ended."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        for row in await reading.applications_of(session, person):
            if row.stage not in ENDED:
                return await standing.view(session, row)
    return None


async def application(caller: Caller, application_id: UUID) -> ApplicationView:
    """One of them."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return await standing.view(session, await own_application(session, application_id, person))


async def identity(caller: Caller, application_id: UUID) -> IdentityView:
    """What was said of oneself and what the checks say."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return await case.identity(session, caller, await own_application(session, application_id, person))


async def evidence(caller: Caller, application_id: UUID) -> Evidence:
    """What was understood of the bills."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return await case.evidence(session, caller, await own_application(session, application_id, person))


async def decision(caller: Caller, application_id: UUID) -> DecisionView | None:
    """The verdict that counts, None before the first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await own_application(session, application_id, person)
        found = await reading.decisions(session, application_id)
        before = await reading.assessed_before(session, found[0]) if found and found[0].health else None
    if not found:
        return None
    best = caller.tools.policies.policy(row.product_id).prices()[0]
    seen = replace(case.decision(found[0], row, caller.locale, before), price=case.price(found[0], best, caller.locale))
    return replace(seen, limit_before_minor=found[1].limit_minor) if len(found) > 1 else seen


async def offers(caller: Caller, application_id: UUID) -> tuple[OfferView, ...]:
    """The plans on the table."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        application = await own_application(session, application_id, person)
        owed = await renewals.owed(session, application.renews_loan_id)
        found = await reading.offers(session, application_id)
        verdicts = await reading.decisions(session, application_id)
        applicant = await applicant_of(session, application)
        now = await clocks.now(session, caller.tools.settings.clock_id)
    jurisdiction = Jurisdiction(caller.tools.settings.jurisdiction)
    otherwise = {verdict.id for verdict in verdicts if _approved_otherwise(verdict)}
    policy, calendar = caller.tools.policies.release, caller.tools.policies.calendars[jurisdiction.value]
    pays_off = owed.payoff_minor if owed else 0
    plans = (
        _offer(row, jurisdiction, policy, calendar, otherwise=row.decision_id in otherwise, pays_off=pays_off)
        for row in found
    )
    if applicant is None:
        return tuple(plans)
    on = business_date(now, jurisdiction)
    return tuple(replace(plan, subsidy=subsidy_of(caller, plan, applicant, on)) for plan in plans)


def _approved_otherwise(verdict: Decision) -> bool:
    """Whether a person approved another amount than the one that was asked for."""
    return any(reason.get("code") == "person_approved_other" for reason in verdict.reasons)


def _offer(
    row: Offer,
    jurisdiction: Jurisdiction,
    policy: ReleasePolicy,
    calendar: BusinessCalendar,
    *,
    otherwise: bool,
    pays_off: int,
) -> OfferView:
    terms = terms_from(row.terms)
    projection = row.projection
    start = business_date(row.expires_at, jurisdiction)
    if "as_of" in projection:
        start = start.fromisoformat(projection["as_of"])
    shape = str(projection.get("shape", "as_asked"))
    cap = offered_cap(projection)
    leaves = promised(terms.amount_minor, policy)
    return OfferView(
        id=row.id,
        n=row.n,
        shape="as_approved" if otherwise and shape == "as_asked" else shape,
        amount_minor=terms.amount_minor,
        currency=terms.currency,
        months=terms.months,
        share=terms.share,
        annual_rate=terms.annual_rate,
        day_count=terms.day_count.value,
        window_months=terms.window_months,
        windows=terms.windows,
        terms_hash=row.terms_hash,
        expires_at=row.expires_at,
        chosen_at=row.chosen_at,
        simulation=simulation(
            terms,
            int(projection["monthly_net_revenue_minor"]),
            projection.get("monthly_series", ()),
            start,
            cap,
            calendar,
        ),
        coupon_minor=cap,
        pays_off_minor=pays_off,
        net_minor=max(0, terms.amount_minor - pays_off),
        money_after_seconds=int(leaves.delay.total_seconds()),
        second_person=leaves.tier.second_person,
        repayment=terms.repayment.value,
    )


async def timeline(caller: Caller, application_id: UUID) -> Timeline:
    """What happened, what now, who acts, by when."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await own_application(session, application_id, person)
        return await standing.timeline(session, caller, row)


async def versions(caller: Caller, application_id: UUID) -> AsyncGenerator[int | None]:
    """The application's version now and at each change; None as a heartbeat. Not one's own: :class:`NotFound`."""
    person, session_id = caller.person_id, str(caller.principal.session_id)
    async with aclosing(caller.tools.events.stream(application_id, session_id)) as changes:
        async for changed in changes:
            yield await _version(caller, application_id, person) if changed else None


async def _version(caller: Caller, application_id: UUID, person: UUID) -> int:
    async with caller.tools.sessions.begin(person=person) as session:
        return (await own_application(session, application_id, person)).version


async def papers(caller: Caller, application_id: UUID) -> tuple[PaperView, ...]:
    """Everything that was printed for this application."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        await own_application(session, application_id, person)
        return tuple(paper_view(paper) for paper in await reading.papers(session, application_id))


async def paper(caller: Caller, document_id: UUID) -> PaperFile:
    """One paper, its bytes compared with the hash in its row. The reading is on record."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        row = await reading.paper_of(session, document_id, person)
        if row is None:
            raise NotFound
        application = await own_application(session, row.application_id, person)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="paper.read",
            object_kind="document",
            object_id=str(document_id),
            detail={"sha256": row.sha256},
            request_id=caller.request_id,
        )
    data = await tools.storage.get(row.object_key)
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise Unavailable(party="storage")
    name = i18n.text(f"api.paper.{row.kind}", caller.locale)
    return PaperFile(data, f"{name} {application.number}.pdf", "application/pdf", row.sha256)


async def command(caller: Caller, command_id: UUID) -> CommandView:
    """What became of something that was asked; one's own only."""
    async with caller.tools.sessions.begin() as session:
        row = await commands.find_command(session, command_id)
    if row is None or row.principal != caller.principal.actor:
        raise NotFound
    result = row.result or {}
    return CommandView(
        id=row.id,
        name=row.name,
        state=row.state,
        stage=result.get("stage"),
        version=result.get("version"),
        problem=result.get("problem"),
        refusal=_refusal(row, caller.locale),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _refusal(row: Command, locale: str) -> Reason | None:
    if row.state != "refused" or row.refusal not in type_of:
        return None
    code = type_of[row.refusal].code
    params = row.refusal_params or {}
    return Reason(code, params, phrase(f"lending.refusal.{code}", locale, params))

"""What money at the release desk hangs on, one line each, as the release and the payout themselves will ask."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import conditions as shown
from api.caller import Caller
from api.phrases import phrase
from api.views import ConditionView
from api.views.release import GateView
from db import clocks, collateral, committee, holds, offline, on_the_spot, releases, valuer_reports
from db import conditions as conditions_of
from db.tables import Application, Collateral, Loan, Payout, PayoutRelease
from infra import i18n
from lending.calendars import Jurisdiction, business_date
from lending.collateral import PLEDGED_FOR, CollateralKind, CollateralState, Registry, is_fresh
from lending.refusals import ApprovalVoid, ConditionsOpen, NeedsTwoPeople, NotSecuredYet, Refusal
from lending.refusals_at_desk import NumberDiffers, ReportNotTaken, ThingLikeAnother

MET, OPEN, LATER = "met", "open", "later"
LETS_GO = "release.answer"


async def of_release(
    session: AsyncSession, caller: Caller, row: PayoutRelease, payout: Payout, loan: Loan, names: dict[str, str]
) -> tuple[GateView, ...]:
    """All of them, in the order in which they are asked."""
    application = await session.get_one(Application, payout.application_id)
    today = await _today(session, caller)
    locale = caller.locale
    same = await releases.approved(session, loan, payout) == row.approval_hash
    signed = await releases.terms_signed(session, loan.application_id)
    found = [
        _gate("approval", met=same, locale=locale, digest=row.approval_hash[:16]),
        # A draw's own slip is signed under the line's contract; its terms are in what was approved.
        *([_gate("contract", met=signed == loan.terms_hash, locale=locale, digest=signed[:16])] if signed else []),
    ]
    found += [_condition(one, locale) for one in await _conditions(session, caller, payout, application)]
    for piece in collateral.contracted(await collateral.of_application(session, application.id)):
        found += await _security(session, caller, piece, today)
    found += [
        GateView(
            "number",
            OPEN,
            i18n.text("api.gate.number", locale),
            phrase("api.gate.number.open", locale, {"captured": one}),
        )
        for one in await _differing(session, application.id)
    ]
    found += [
        _gate("like", met=False, locale=locale, piece=one.kind)
        for one in await collateral.doubled(session, application.id)
    ]
    found += [
        _gate("report", met=False, locale=locale, piece=one.kind)
        for one in await valuer_reports.doubted(session, application.id)
    ]
    if await holds.open_of(session, payout.person_id) is not None:
        found.append(_gate("hold", met=False, locale=locale))
    found.append(await _people(session, row, locale, names))
    return tuple(found)


async def _today(session: AsyncSession, caller: Caller) -> date:
    settings = caller.tools.settings
    return business_date(await clocks.now(session, settings.clock_id), Jurisdiction(settings.jurisdiction))


def _gate(kind: str, *, met: bool, locale: str, **said: object) -> GateView:
    state = MET if met else OPEN
    return GateView(
        kind, state, i18n.text(f"api.gate.{kind}", locale), phrase(f"api.gate.{kind}.{state}", locale, said)
    )


async def _conditions(
    session: AsyncSession, caller: Caller, payout: Payout, application: Application
) -> Sequence[ConditionView]:
    """The application's own, and of a draw those of its line that are open."""
    own = list(await shown.of_application(session, caller, application.id))
    now = await clocks.now(session, caller.tools.settings.clock_id)
    known = {one.id for one in own}
    rest = [one for one in await conditions_of.in_the_way(session, payout.application_id) if one.id not in known]
    return [*own, *(shown.view(one, caller.locale, now) for one in rest)]


def _condition(one: ConditionView, locale: str) -> GateView:
    met = one.state != "open"
    said = {
        "how": one.how,
        "due_at": one.due_at,
        "ended_at": one.ended_at or one.due_at,
        "proof": i18n.text(f"lending.proof.{one.proof}", locale) if one.proof else one.why,
        "owner": i18n.text(f"lending.condition_owner.{one.owner}", locale),
    }
    title = f"{one.name} · {one.words}" if one.words else one.name
    return GateView("condition", MET if met else OPEN, title, phrase(f"api.gate.condition.{one.state}", locale, said))


async def _security(session: AsyncSession, caller: Caller, row: Collateral, today: date) -> list[GateView]:
    """A piece's number with its term, and how old the search behind it is."""
    rules, locale = caller.tools.policies.collateral, caller.locale
    jurisdiction = Jurisdiction(caller.tools.settings.jurisdiction)
    one = rules.types[CollateralKind(row.kind)]
    label = (await collateral.thing_of(session, caller.tools.vault, row)).label
    name = f"{one.names.get(locale, one.names[i18n.DEFAULT_LOCALE])} · {label}"
    seen = collateral.as_secured(row, jurisdiction)
    if seen.state is not CollateralState.REGISTERED or not seen.registration_no or row.registered_at is None:
        said = {"until": row.register_by or row.due_at or row.created_at}
        text = phrase("api.gate.registration.open", locale, said)
        return [GateView("registration", OPEN, name, text, row.id)]
    registered_on = business_date(row.registered_at, jurisdiction)
    term = "term" if one.registry is Registry.PLEDGES else "no_term"
    said = {
        "registration": seen.registration_no,
        "registered_on": registered_on,
        "term_on": registered_on + PLEDGED_FOR,
    }
    number = GateView("registration", MET, name, phrase(f"api.gate.registration.{term}", locale, said), row.id)
    working = caller.tools.policies.calendars[jurisdiction.value].is_business_day
    fresh = seen.searched_on is not None and is_fresh(seen.searched_on, today, working, rules)
    said = {"searched_on": seen.searched_on or registered_on, "n": rules.search_days}
    text = phrase(f"api.gate.search.{'met' if fresh else 'later'}", locale, said)
    title = i18n.text("api.gate.search", locale)
    return [number, GateView("search", MET if fresh else LATER, f"{title} · {label}", text, row.id)]


async def _people(session: AsyncSession, row: PayoutRelease, locale: str, names: dict[str, str]) -> GateView:
    said = await committee.names(session, row.approvers)
    agreed = [said.get(one, one) for one in row.approvers]
    if row.maker_by and not agreed:
        agreed = [names.get(row.maker_by, row.maker_by)]
    state = MET if row.state == "released" else OPEN
    key = "nobody" if not agreed else state
    who = i18n.text("api.gate.people.and", locale).join(agreed)
    return GateView(
        "people", state, i18n.text("api.gate.people", locale), phrase(f"api.gate.people.{key}", locale, {"who": who})
    )


# --- the next step ----------------------------------------------------------------------------------------------------


async def refusal(
    session: AsyncSession, row: PayoutRelease, payout: Payout, loan: Loan, employee: str | None
) -> Refusal | None:
    """What the next step would be refused with for this person; None: it would be taken."""
    if await releases.approved(session, loan, payout) != row.approval_hash:
        return ApprovalVoid()
    if employee is None or (row.maker is not None and employee in {row.maker, *row.approvers}):
        return NeedsTwoPeople()
    return None if row.maker is None else await in_the_way(session, payout)


async def in_the_way(session: AsyncSession, payout: Payout) -> Refusal | None:
    """What keeps everybody from letting it go: an open condition, a piece without its number."""
    if open_ := await conditions_of.in_the_way(session, payout.application_id):
        return ConditionsOpen(condition=open_[0].kind)
    for piece in collateral.contracted(await collateral.of_application(session, payout.application_id)):
        if piece.state != CollateralState.REGISTERED.value or not piece.registration_no:
            return NotSecuredYet(piece=piece.kind)
    if differing := await _differing(session, payout.application_id):
        return NumberDiffers(captured=differing[0])
    if doubled := await collateral.doubled(session, payout.application_id):
        return ThingLikeAnother(piece=doubled[0].kind)
    if doubted := await valuer_reports.doubted(session, payout.application_id):
        return ReportNotTaken(piece=doubted[0].kind)
    return None


async def _differing(session: AsyncSession, application_id: UUID) -> list[str]:
    """Which numbers that were copied on the spot are not their piece's, without a word for it, as codes."""
    rows = await on_the_spot.differences(session, application_id)
    tasks = {one.id: one for one in await offline.of_application(session, application_id)} if rows else {}
    return [on_the_spot.what(one, tasks[one.task_id]) for one in rows]


async def who_can(session: AsyncSession, caller: Caller, row: PayoutRelease) -> tuple[str, ...]:
    """The names of all who may take the next step: they may let money go, and did not agree to it."""
    roles = [role for role, granted in caller.tools.policies.roles.items() if LETS_GO in granted]
    barred = {row.maker, *row.approvers} if row.maker is not None else set[str | None]()
    return tuple(name for employee, name in await committee.eligible(session, roles) if employee not in barred)


async def require(session: AsyncSession, payout_id: UUID) -> None:
    """Nobody lets it go while something is in the way of everybody."""
    payout = await session.get(Payout, payout_id)
    if payout is not None and (no := await in_the_way(session, payout)) is not None:
        raise no

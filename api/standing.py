"""Where an application stands, as owner and manager both read it: what happened, what now, who, by when, what next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from api import ahead
from api.caller import Caller
from api.phrases import by_name, phrase
from api.views import ApplicationView, Moment, PayoutView, Timeline, Waiting
from db import (
    clocks,
    collateral,
    conditions,
    handing_up,
    holds,
    on_the_spot,
    parties,
    payees,
    permissions,
    pieces_named,
    reading,
    releases,
    valuer_reports,
)
from db.payees import Destination
from db.reading import Around
from db.tables import Application, Payout, TimelineEvent
from infra.phrases import of_piece
from lending.ahead import Way
from lending.applications import RULES, Stage
from lending.collateral import CollateralState
from lending.consents import TERMS

CANCELLABLE = "scheduled"


class Waits(NamedTuple):
    """Why a payout has not left, until when, and who acts."""

    what: str
    until: datetime
    who: str


async def view(session: AsyncSession, application: Application) -> ApplicationView:
    """An application with the one thing to do."""
    around = await reading.around(session, application.id)
    stage = Stage(application.stage)
    rule = RULES[stage]
    return ApplicationView(
        id=application.id,
        number=application.number,
        stage=stage.value,
        step=rule.step.value if rule.step else None,
        public_stage=rule.public.value,
        actor=rule.actor.value,
        waiting_for=application.waiting_for,
        due_at=application.due_at,
        amount_minor=application.amount_minor,
        currency=application.currency,
        months=application.months,
        share=application.share,
        declared_revenue_minor=application.declared_revenue_minor,
        product_id=application.product_id,
        purpose=application.purpose,
        to_do=to_do(stage, application, around, lacking=await _lacking(session, application)),
        note=application.note,
        offer_id=application.offer_id,
        loan_id=application.loan_id if stage is Stage.FUNDED else None,
        version=application.version,
        created_at=application.created_at,
        changed_at=application.changed_at,
    )


async def _lacking(session: AsyncSession, application: Application) -> bool:
    """Whether a permission that stood in the way is missing still: it may have been given again."""
    if application.note.get("problem") != "consent_missing":
        return False
    needed = [purpose.value for purpose, terms in TERMS.items() if terms.needed_for_credit]
    return await permissions.lacking(session, application.person_id, needed, application.changed_at)


def to_do(stage: Stage, application: Application, around: Around, *, lacking: bool = False) -> str:
    """The one thing that the owner can do now, as a code. ``lacking``: a permission is missing."""
    match stage:
        case Stage.DRAFT | Stage.IDENTITY:
            return "wait" if application.note.get("awaiting") == "identity" else "identify"
        case Stage.CONSENT:
            return "consent"
        case Stage.EVIDENCE:
            return "consent" if lacking else _evidence(application, around)
        case Stage.DECIDING | Stage.REVIEW:
            return "wait"
        case Stage.OFFERED:
            return "choose_offer"
        case Stage.SIGNING:
            read = around.readable_from is not None and around.readable_from <= around.wall_now
            return "sign" if read else "read_key_facts"
        case Stage.PAYING:
            if around.payout_state != CANCELLABLE:
                return "wait"
            return "answer_hold" if around.held == "asked" else "wait_or_cancel"
        case Stage.FUNDED:
            return "see_loan"
        case Stage.OPENED:
            return "see_line"
        case Stage.DECLINED:
            return "improve_or_ask_review"
        case Stage.WITHDRAWN | Stage.LAPSED:
            return "nothing"
        case _:
            assert_never(stage)


def _evidence(application: Application, around: Around) -> str:
    problem = application.note.get("problem")
    if around.files_read == 0 or problem == "not_enough_history":
        return "wait" if around.files_reading and not around.files_read else "upload"
    return "submit"


async def timeline(session: AsyncSession, caller: Caller, application: Application) -> Timeline:
    """The whole story of an application."""
    stage = Stage(application.stage)
    events = await reading.story(session, application.id)
    paid = await reading.payout_of(session, application.id)
    now = await clocks.now(session, caller.tools.settings.clock_id)
    late = stage is Stage.REVIEW and _slipped(events)
    who = RULES[stage].actor.value
    lead = await handing_up.lead_of_case(session, application.id) if late else None
    waiting = Waiting(stage.value, who, application.due_at, application.note.get("awaiting"), late=late, lead=lead)
    if stage is Stage.SIGNING and application.offer_id is not None:
        facts = await reading.key_facts_of(session, application.offer_id)
        if facts is not None and (whom := await parties.waited_for(session, application, facts.terms_hash)):
            waiting = Waiting(stage.value, "party", whom[1], whom[0].value)
    waits = await waits_for(session, paid[0], now) if paid else None
    outside, later = await ahead.of_case(session, caller, application, NOW.get(waits.what) if waits else None)
    return Timeline(
        application=await view(session, application),
        happened=tuple([await _moment(session, caller, event) for event in events]),
        now=outside or waiting,
        next=later,
        payout=payout(paid[0], await payees.of_payout(session, paid[0]), now, waits) if paid else None,
        business_now=now,
    )


def _slipped(events: Sequence[TimelineEvent]) -> bool:
    """Whether a time that was told for this review has passed."""
    kinds = [one.kind for one in events if one.kind in ("review_opened", "review_escalated", "review_late")]
    return bool(kinds) and kinds[-1] != "review_opened"


async def _moment(session: AsyncSession, caller: Caller, event: TimelineEvent) -> Moment:
    """A line of the story in the reader's language, with the piece that it is about by name."""
    named: Mapping[str, Any] = event.params
    if "collateral_id" in named or "receivable_id" in named:
        types = caller.tools.policies.collateral.types
        named = await pieces_named.about(session, caller.tools.vault, types, named, caller.locale)
    return Moment(
        id=event.id,
        n=event.n,
        kind=event.kind,
        params=event.params,
        text=of_piece("api.notice_of.line", sentence(event, caller.locale), caller.locale, named),
        actor=event.actor,
        happened_at=event.happened_at,
    )


def sentence(event: TimelineEvent, locale: str) -> str:
    """What a line says, without the piece that it is about."""
    return phrase(f"api.timeline.{event.kind}{_variant(event)}", locale, event.params)


def _variant(event: TimelineEvent) -> str:
    """Which of the wordings of a line: what is nothing is not said."""
    params = event.params
    if event.kind == "statement_read" and params.get("months"):
        return ".with_duplicates" if params.get("duplicates") else ".with_months"
    if event.kind == "review_opened" and params.get("reasons") == ["asked_by_owner"]:
        return ".asked"
    if named := by_name(f"api.timeline.{event.kind}", params):
        return named
    return ".none" if event.kind == "not_enough_history" and params.get("months_seen") == 0 else ""


# What a payout waits for that is a step of its own.
NOW = {"registration": Way.REGISTRATION, "conditions": Way.CONDITIONS, "second_person": Way.RELEASE}


async def waits_for(session: AsyncSession, row: Payout, now: datetime) -> Waits | None:
    """What a payout that has not left waits for; None once it has. Its hour comes last: as long as somebody has to act,
    a countdown to it would promise what nobody can hold (X2)."""
    if row.state != CANCELLABLE:
        return None
    held = await holds.open_of(session, row.person_id)
    if held is not None and held.state == "asked":
        return Waits("owner", held.due_at, "owner")
    if held is not None:
        task = await reading.task(session, held.task_id) if held.task_id else None
        return Waits("call", task[0].due_at if task else held.due_at, "manager")
    pieces = collateral.contracted(await collateral.held(session, row.application_id))
    if waits := [one for one in pieces if one.state != CollateralState.REGISTERED.value]:
        return Waits("registration", max(one.register_by or now for one in waits), "register")
    if open_ := await conditions.in_the_way(session, row.application_id):
        return Waits("conditions", max(one.due_at for one in open_), ahead.whose([one.owner for one in open_]))
    if await on_the_spot.differences(session, row.application_id) or await valuer_reports.doubted(
        session, row.application_id
    ):  # somebody of ours looks at the thing once more
        until = max((one.register_by for one in pieces if one.register_by is not None), default=now)
        return Waits("second_person", max(until, now), "second_person")
    awaited = await releases.release_of(session, row.id)
    if awaited is not None and awaited.state != "released":
        return Waits("second_person", awaited.due_at, "second_person")
    return Waits("hour", row.pay_at, "system") if now < row.pay_at else None


def payout(row: Payout, to: Destination, now: datetime, waits: Waits | None = None) -> PayoutView:
    """The tracker of a payout."""
    return PayoutView(
        id=row.id,
        state=row.state,
        tier=row.tier,
        amount_minor=row.amount_minor,
        currency=row.currency,
        account_masked=to.masked,
        bank=to.bank,
        pay_at=row.pay_at,
        submitted_at=row.submitted_at,
        credited_at=row.credited_at,
        credited_on=row.credited_on,
        rail_reference=row.rail_reference,
        reason=row.reason,
        cancellable=row.state == CANCELLABLE and (now < row.pay_at or waits is not None),
        waits_for=waits.what if waits else None,
        waits_until=waits.until if waits else None,
        waits_on=waits.who if waits else "",
        seconds_left=max(0, int((row.pay_at - now).total_seconds())) if row.state == CANCELLABLE else 0,
        delay_seconds=int((row.pay_at - row.created_at).total_seconds()),
    )

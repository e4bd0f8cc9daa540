"""The decision: offers to choose from, reasons, the one way to a yes, a person to look again."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import checklist
from api.caller import Call, Caller
from api.hands import owners
from api.owner import applying, seeing, shopping, signing
from api.policy import OWNER_APPLIES
from api.problems import BadFields, Problem
from api.routes import Router
from api.views import ApplicationView, DecisionView, OfferView
from lending.applications import Stage
from lending.refusals import Refusal
from web.asking import again, asked_now, errors_of, figure, just_asked, minor, sent, shown
from web.brought import lacking
from web.owner import dress
from web.owner.applying import current
from web.owner.front import unreadable
from web.owner.places import events_of, place_of
from web.showing import go, shell_of, show
from web.views.owner import DecisionPage, Quote, Reason
from web.views.parts import Form
from web.wording import Say

router = Router(include_in_schema=False)

OUTCOMES = {
    Stage.DECIDING.value: "waiting",
    Stage.REVIEW.value: "review",
    Stage.OFFERED.value: "approve",
    Stage.SIGNING.value: "approve",
    Stage.DECLINED.value: "decline",
}
ADJUST, CHOOSE = "/apply/adjust", "/apply/choose"


@router.get("/apply/decision", policy=OWNER_APPLIES)
async def decision_page(request: Request, call: Call) -> Response:
    """How it was decided, or that it is being decided."""
    application = await current(call)
    if application.stage not in OUTCOMES and not (application.stage == Stage.EVIDENCE and just_asked(request, call)):
        return go(place_of(application))
    failed = application.offer_id is not None and await signing.printing_failed(call, application.id)
    again_form = shown(CHOOSE, errors={"": Say("web.key_facts.printing_failed")}) if failed else None
    return await _decision(request, call, application, choose=again_form)


async def _decision(
    request: Request,
    call: Caller,
    application: ApplicationView,
    *,
    adjust: Form | None = None,
    choose: Form | None = None,
) -> Response:
    outcome = OUTCOMES.get(application.stage, "waiting")
    brought = await checklist.seen(call, owners(call), application.id) if outcome == "review" else None
    verdict = await seeing.decision(call, application.id)
    offers = await seeing.offers(call, application.id) if outcome == "approve" else ()
    card = await shopping.product_card(call, application.product_id)
    asked = {
        "amount": str(application.amount_minor // 100),
        "months": str(application.months),
        "share": dress.percent_text(application.share),
    }
    preview, change = await _reckoned(call, application, offers, adjust or Form(ADJUST, values=asked))
    path = verdict.path_to_yes if verdict and outcome == "decline" else None
    effect = {"approve": "for", "decline": "against"}.get(outcome, "plain")
    page = DecisionPage(
        outcome=outcome,
        number=f"A-{application.number}",
        due_at=application.due_at,
        who=Say("web.story.actor.manager"),
        lacking=lacking(brought) if brought else (),
        line=shopping.product_of(call, application.product_id).line is not None,
        limit_minor=verdict.limit_minor if verdict else 0,
        before_minor=verdict.limit_before_minor if verdict else None,
        reasons=_reasons(verdict, effect) if verdict and outcome != "waiting" else (),
        ways=dress.ways(verdict.ways_to_yes, shown(ADJUST)) if verdict and outcome == "decline" else (),
        cheaper=dress.ways(verdict.ways_to_lower_price, shown(ADJUST)) if verdict and outcome == "approve" else (),
        tried=verdict is not None and _tried(verdict),
        health=dress.health(verdict.health, simulated=call.tools.simulated) if verdict else None,
        path_to_yes=path.text if path else None,
        path=dress.way_to_yes(path, shown(ADJUST)),
        review=shown("/apply/review") if outcome == "decline" and verdict and verdict.decided_by == "model" else None,
        # In review with a machine's no behind it: nobody but the owner can have asked for that.
        review_asked=outcome == "review" and verdict is not None and verdict.outcome == "decline",
        plans=dress.named(map(dress.plan, offers), share=application.share, months=application.months),
        choose=choose or shown(CHOOSE),
        # What a person approved is changed by asking that person, not by a machine that may say no to it.
        adjust=None if verdict and verdict.decided_by == "person" else change,
        renew=shown(ADJUST, dict(change.values)),
        preview=preview,
        reckoning=request.url.path == ADJUST,
        automatic_limit_minor=card.automatic_limit_minor,
        ranges=dress.ranges(card),
        secured=call.tools.policies.product(application.product_id).secured_by is not None,
        by_dates=shopping.product_of(call, application.product_id).repayment.by_dates,
        expires_at=min((offer.expires_at for offer in offers), default=None),
        revenue_minor=offers[0].simulation.monthly_revenue_minor if offers else 0,
        price=dress.price(verdict.price) if verdict and outcome == "approve" else None,
        by_person=verdict is not None and verdict.decided_by == "person",
        simulated_model=call.tools.simulated and verdict is not None and verdict.decided_by == "model",
    )
    waiting = outcome in ("waiting", "review")
    shell = await shell_of(
        request,
        call,
        "owner",
        live=events_of(application) if waiting else "",
        version=str(application.version),
        refresh=(2 if outcome == "waiting" else 30) if waiting else 0,
    )
    wrong = request.method == "POST" and ((adjust and adjust.errors) or (choose and choose.errors))
    return show(request, "owner/decision.html", page, shell, 422 if wrong else 200)


def _reasons(verdict: DecisionView, effect: str) -> tuple[Reason, ...]:
    """Why, and which source was not looked at."""
    return (*dress.reasons(verdict.reasons, effect), *dress.reasons(verdict.left_out, "plain"))


def _tried(verdict: DecisionView) -> bool:
    """Whether ways to a yes were looked for: a machine's no."""
    return verdict.decided_by == "model"


@router.post("/apply/choose", policy=OWNER_APPLIES)
async def choose(request: Request, call: Call) -> Response:
    """Take an offer."""
    form = await sent(request)
    application = await current(call)
    try:
        offer_id = UUID(form.get("offer_id", ""))
    except ValueError:
        return await _decision(request, call, application, choose=shown(CHOOSE, errors={"": Say("web.error.choose")}))
    try:
        await signing.choose_offer(call, application.id, offer_id, form.get("key", ""))
    except Refusal as no:
        again_form = shown(CHOOSE, errors=errors_of(no, call.locale))
        return await _decision(request, call, application, choose=again_form)
    return go(f"/apply/key-facts?{asked_now(call)}")


@router.get("/apply/adjust", policy=OWNER_APPLIES)
async def reckon(request: Request, call: Call) -> Response:
    """What other terms would cost at the price of the offers, while the sliders move; nothing is asked for yet."""
    application = await current(call)
    if OUTCOMES.get(application.stage) != "approve":
        return go(place_of(application))
    values = {name: request.query_params.get(name, "")[:20] for name in ("amount", "months", "share")}
    return await _decision(request, call, application, adjust=Form(ADJUST, values=values))


async def _reckoned(
    call: Caller, application: ApplicationView, offers: Sequence[OfferView], form: Form
) -> tuple[Quote | None, Form]:
    """The plan that the form names, reckoned with the price and the sales of the offers; or what is wrong with it."""
    if form.errors or not offers:
        return None, form
    try:
        terms = _terms(dict(form.values), application)
        seen = await shopping.simulate(
            call,
            shopping.Simulate(
                terms.amount_minor,
                terms.months,
                terms.share,
                offers[0].simulation.monthly_revenue_minor,
                application.product_id,
                offers[0].annual_rate,
            ),
        )
    except (Refusal, Problem) as no:
        return None, replace(form, errors=errors_of(no, call.locale))
    return dress.quote(seen), form


@router.post("/apply/adjust", policy=OWNER_APPLIES)
async def adjust(request: Request, call: Call) -> Response:
    """Ask for other terms: decided anew at once."""
    form = await sent(request)
    application = await current(call)
    try:
        terms = _terms(form, application)
        await applying.submit(call, application.id, terms, form.get("key", ""))
    except (Refusal, Problem) as no:
        if application.stage not in OUTCOMES:
            raise
        return await _decision(request, call, application, adjust=again(ADJUST, form, no, call))
    return go("/apply/decision")


def _terms(form: dict[str, str], application: ApplicationView) -> applying.NewTerms:
    """What is asked for now; what the form does not name stays. ``amount_minor`` comes from a button of ours."""
    exact = form.get("amount_minor", "")
    amount = int(exact) if exact.isascii() and exact.isdigit() and len(exact) < 15 else minor(form.get("amount", ""))
    months = figure(form["months"]) if "months" in form else Decimal(application.months)
    share = figure(form["share"]) if "share" in form else application.share * 100
    named = (("amount", amount), ("months", months), ("share", share))
    wrong = [name for name, value in named if value is None or (name == "months" and value != int(value))]
    if wrong or amount is None or months is None or share is None:
        raise BadFields(fields=tuple(unreadable(name) for name in wrong))
    return applying.NewTerms(amount, int(months), share / 100)


@router.post("/apply/review", policy=OWNER_APPLIES)
async def review(request: Request, call: Call) -> Response:
    """Ask a person to look again."""
    form = await sent(request)
    await applying.ask_review(call, (await current(call)).id, form.get("key", ""))
    return go("/apply/decision")

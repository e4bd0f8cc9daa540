"""The inbox and a case: evidence first, then one's own view, then the score, then the decision."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import views
from api.caller import Call, Caller
from api.manager import own_views, tasks
from api.manager import papers as bringing
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.staff import desk
from infra import i18n
from lending.refusals import Refusal
from web.asking import again, minor, sent, shown
from web.brought import papers
from web.manager import figures
from web.owner import dress
from web.showing import go, shell_of, show
from web.views import manager
from web.views.diligence import owed
from web.views.parts import Form
from web.wording import Say

router = Router(include_in_schema=False)

# From here on a card is marked: a quarter of a working day, so that nobody is surprised.
SOON = timedelta(hours=2)


def card_of(card: views.TaskCard, now: datetime) -> manager.TaskCard:
    """A card as the inbox shows it."""
    left = card.due_at - now
    urgency = "late" if left < timedelta(0) else "soon" if left < SOON else "calm"
    return manager.TaskCard(
        task_id=str(card.id),
        kind=card.kind,
        customer=" · ".join(part for part in (card.customer, card.firm) if part) or f"A-{card.number}",
        number=f"A-{card.number}",
        amount_minor=card.amount_minor,
        why=tuple(reason.text for reason in card.why),
        due_at=card.due_at,
        urgency=urgency,
        evidence=tuple(Say(f"web.inbox.needs.{name}") for name in ("flows", "bureau", "identity")),
        escalated=card.escalated,
        pieces=card.pieces,
    )


@router.get("/manager/tasks/{task_id:uuid}", policy=MANAGER)
async def task(request: Request, call: Call, task_id: UUID) -> Response:
    """One case."""
    return await _task(request, call, await tasks.task(call, task_id))


async def _task(
    request: Request,
    call: Caller,
    seen: views.TaskView,
    *,
    view: Form | None = None,
    decide: Form | None = None,
    up: Form | None = None,
    correct: Form | None = None,
) -> Response:
    here = f"/manager/tasks/{seen.card.id}"
    page = await task_page(call, seen, here, view=view, decide=decide, correct=correct)
    if seen.state == "open" and seen.own_view is not None and call.may("task.decide"):
        page = replace(page, up=up or shown(f"{here}/up"))
    wrong = any(form is not None and form.errors for form in (view, decide, up, correct))
    shell = await shell_of(request, call, "manager", tab="inbox")
    return show(request, "manager/task.html", page, shell, 422 if wrong else 200)


async def task_page(
    call: Caller,
    seen: views.TaskView,
    here: str,
    *,
    view: Form | None = None,
    decide: Form | None = None,
    correct: Form | None = None,
    now: datetime | None = None,
) -> manager.TaskPage:
    """A case as pages show it, for its manager and for the desk; ``here``: the page that its forms belong to; ``now``:
    business time, if somebody asked already."""
    now = now or (await desk.clock(call)).now
    brought = await bringing.seen(call, seen.application.id)
    open_still = seen.state == "open"
    # A paper that a condition waits for comes when the case is decided.
    judged = open_still or any(item.id == "condition" for item in brought.items)
    may = call.may("task.decide")
    application, own_page = seen.application, f"/manager/tasks/{seen.card.id}"
    return manager.TaskPage(
        card=card_of(seen.card, now),
        asked_minor=application.amount_minor,
        months=application.months,
        share=application.share,
        purpose=_purpose(application.purpose),
        why=tuple(reason.text for reason in seen.card.why),
        checks=dress.checks(seen.identity),
        revenue=dress.months(seen.evidence.months),
        lines=seen.evidence.lines,
        files=dress.bills(seen.evidence),
        sales_minor=sum(month.sales_minor for month in seen.evidence.months),
        refunds_minor=sum(month.refunds_minor for month in seen.evidence.months),
        customers=_parties(seen, "customer"),
        suppliers=_parties(seen, "supplier"),
        findings=tuple(
            manager.Finding(one.text, one.score, tuple((row.on, row.amount_minor, row.direction) for row in one.rows))
            for one in seen.findings
        ),
        registers=figures.registers(seen),
        exposure=figures.exposure(seen, call) if seen.score else (),
        facts=_facts(seen.identity),
        ratios=figures.ratios(seen, call) if seen.score else (),
        customer_href=f"/manager/customers/{application.id}",
        view_form=(view or shown(f"{here}/view")) if open_still and may and seen.own_view is None else None,
        own_view=_own(seen.own_view),
        open_form=shown(f"{here}/open") if open_still and may and seen.own_view and not seen.opened else None,
        correct_form=(correct or shown(f"{here}/correct", _typed(seen.own_view)))
        if open_still and may and seen.own_view
        else None,
        score=figures.score(seen.score, simulated=call.tools.simulated),
        decide=(decide or shown(f"{here}/decide")) if open_still and may and seen.opened else None,
        outcome=_outcome(seen),
        leaning=seen.leaning,
        causes=seen.causes,
        here=here,
        outside=shown(f"{here}/offline") if open_still and may else None,
        went=seen.outside,
        owed=owed(seen.duties, own_page, desk=here != own_page) if seen.duties and open_still else None,
        report=f"/manager/customers/{application.id}/report",
        kinds=tuple(kind.id for kind in call.tools.policies.offline.kinds),
        papers=papers(brought, "/manager/papers", judge_at="/manager/papers" if judged and may else ""),
    )


def _purpose(code: str | None) -> Say | None:
    return Say(f"papers.purpose.{code}") if code and i18n.known(f"papers.purpose.{code}") else None


def _facts(who: views.IdentityView) -> tuple[manager.Fact, ...]:
    named = (
        ("web.case.kind", Say(f"lending.party.{who.kind}") if who.kind else None),
        ("web.identity.firm_name", who.firm_name),
        ("web.identity.id_number", who.id_number_masked),
        ("web.identity.licence", who.licence_masked),
        ("web.identity.account", who.account_masked),
    )
    return tuple(manager.Fact(Say(name), value) for name, value in named if value)


def _parties(seen: views.TaskView, side: str) -> tuple[manager.Party, ...]:
    return tuple(
        manager.Party(one.rank, one.lines, one.amount_minor, Decimal(one.amount_minor) / one.total_minor)
        for one in seen.counterparties
        if one.side == side
    )


def _own(view: views.OwnView | None) -> manager.OwnView | None:
    return manager.OwnView(view.verdict, view.reason, view.amount_minor, view.corrected) if view else None


def _typed(view: views.OwnView) -> dict[str, str]:
    """A view as its form has it, so that only the slip is typed anew."""
    amount = f"{view.amount_minor / 100:.2f}" if view.amount_minor else ""
    return {"verdict": view.verdict, "amount": amount, "reason": view.reason}


def _outcome(seen: views.TaskView) -> Say | None:
    if seen.state == "open" or seen.outcome is None:
        return None
    return Say(f"web.case.recorded.{seen.outcome.get('verdict', 'decline')}")


@router.post("/manager/tasks/{task_id:uuid}/view", policy=MANAGER_DECIDES)
async def own_view(request: Request, call: Call, task_id: UUID) -> Response:
    """Put one's own view on record; the score opens after it."""
    form = await sent(request)
    here = f"/manager/tasks/{task_id}"
    try:
        said = views.OwnView(form.get("verdict", ""), amount_of(form), form.get("reason", ""))
        await own_views.give_own_view(call, task_id, said, form.get("key", ""), opens=False)
    except (Refusal, Problem) as no:
        seen = await tasks.task(call, task_id)
        return await _task(request, call, seen, view=again(f"{here}/view", form, no, call))
    return go(here)


@router.post("/manager/tasks/{task_id:uuid}/correct", policy=MANAGER_DECIDES)
async def correct(request: Request, call: Call, task_id: UUID) -> Response:
    """A slip in one's own view, or after the look a remark."""
    form = await sent(request)
    here = f"/manager/tasks/{task_id}"
    try:
        said = views.OwnView(form.get("verdict", ""), amount_of(form), form.get("reason", ""))
        await own_views.correct_own_view(call, task_id, said, form.get("why", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        seen = await tasks.task(call, task_id)
        return await _task(request, call, seen, correct=again(f"{here}/correct", form, no, call))
    return go(here)


@router.post("/manager/tasks/{task_id:uuid}/open", policy=MANAGER_DECIDES)
async def open_score(request: Request, call: Call, task_id: UUID) -> Response:
    """One's own view is right: the score opens."""
    form = await sent(request)
    await own_views.open_score(call, task_id, form.get("key", ""))
    return go(f"/manager/tasks/{task_id}")


@router.post("/manager/tasks/{task_id:uuid}/up", policy=MANAGER_DECIDES)
async def send_up(request: Request, call: Call, task_id: UUID) -> Response:
    """Hand the case up to whoever may say yes to it."""
    form = await sent(request)
    here = f"/manager/tasks/{task_id}"
    try:
        await tasks.send_up(call, task_id, form.get("words", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _task(request, call, await tasks.task(call, task_id), up=again(f"{here}/up", form, no, call))
    return go(here)


@router.post("/manager/tasks/{task_id:uuid}/decide", policy=MANAGER_DECIDES)
async def decide(request: Request, call: Call, task_id: UUID) -> Response:
    """Decide the case."""
    form = await sent(request)
    here = f"/manager/tasks/{task_id}"
    try:
        asked = form.get("guarantor") == "yes"
        words, cause = form.get("reason", ""), form.get("cause", "")
        verdict = tasks.Finish(form.get("verdict", ""), amount_of(form), words, cause, asked)
        await tasks.finish(call, task_id, verdict, form.get("key", ""))
    except (Refusal, Problem) as no:
        seen = await tasks.task(call, task_id)
        return await _task(request, call, seen, decide=again(f"{here}/decide", form, no, call))
    return go(here)


def amount_of(form: dict[str, str]) -> int | None:
    """The amount that was typed, None if none was; :class:`BadFields` for what is no amount."""
    text = form.get("amount", "").strip()
    if not text:
        return None
    value = minor(text)
    if value is None:
        raise BadFields(fields=(FieldError("amount", "not_an_amount"),))
    return value

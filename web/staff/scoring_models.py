"""The desk's pages about the models: the registry with what rang, one model's card, and how everybody was treated."""

from decimal import Decimal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.auth import proof
from api.caller import Call, Caller
from api.policy import CARE, CARE_ANSWERS, MODEL_APPROVES, MODEL_PROPOSES
from api.problems import Problem
from api.routes import Router
from api.staff import care, registry
from api.views import AlarmView, WatchLine
from infra import i18n
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.staff.proving import proved_again
from web.views.care import AlarmCard, ModelPage, ModelsPage, TreatmentPage
from web.views.parts import Form
from web.wording import Say

router = Router(include_in_schema=False)
POLL = 20
SHARES = tuple(f"{share.normalize():f}" for share in registry.SHARES)


@router.get("/desk/models", policy=CARE)
async def models(request: Request, call: Call) -> Response:
    """Who decides, what rang, what the last night saw."""
    return await _models(request, call)


async def _models(request: Request, call: Caller, alarm: UUID | None = None, form: Form | None = None) -> Response:
    cards = tuple(_alarm(one, call, form if one.id == alarm else None) for one in await registry.alarms(call))
    page = ModelsPage(
        models=await registry.models(call),
        alarms=tuple(card for card in cards if card.seen.closed_at is None),
        closed=tuple(card for card in cards if card.seen.closed_at is not None)[:5],
        watched=_told(await care.watched(call)),
        beside=await care.beside_champion(call),
    )
    shell = await shell_of(request, call, "staff", tab="models")
    return show(request, "staff/models.html", page, shell, 422 if form and form.errors else 200)


def _told(lines: tuple[WatchLine, ...]) -> tuple[WatchLine, ...]:
    """What there is to say: calibration and the score always, a feature where it moved."""
    return tuple(
        line
        for line in lines
        if line.measure == "calibration" or line.subject == "score" or line.state in ("watch", "alarm")
    )


def _alarm(seen: AlarmView, call: Caller, form: Form | None) -> AlarmCard:
    why = f"web.alarm.{seen.kind}.{seen.detail.get('why', 'text')}"
    text = Say(why if i18n.known(why) else f"web.alarm.{seen.kind}.text", _figures(seen))
    may = call.may("care.answer") and seen.closed_at is None
    here = f"/desk/alarms/{seen.id}"
    return AlarmCard(seen, Say(f"web.alarm.{seen.kind}"), text, (form or shown(here)) if may else None)


def _figures(seen: AlarmView) -> dict[str, object]:
    told: dict[str, object] = {"model": seen.object_id}
    for name in ("expected", "observed"):
        if name in seen.detail:
            told[f"{name}_rate"] = Decimal(str(seen.detail[name]))
    for name in ("loans", "firms", "psi", "bound"):
        if name in seen.detail:
            told[name] = str(seen.detail[name])
    return told


@router.post("/desk/alarms/{alarm_id:uuid}", policy=CARE_ANSWERS)
async def close_alarm(request: Request, call: Call, alarm_id: UUID) -> Response:
    """Say what came of an alarm."""
    form = await sent(request)
    try:
        await registry.close_alarm(call, alarm_id, form.get("outcome", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _models(request, call, alarm_id, again(f"/desk/alarms/{alarm_id}", form, no, call))
    return go("/desk/models")


@router.get("/desk/models/{model_id}", policy=CARE)
async def model(request: Request, call: Call, model_id: str) -> Response:
    """One model with its card."""
    return await _model(request, call, model_id)


async def _model(
    request: Request, call: Caller, model_id: str, *, propose: Form | None = None, answer: Form | None = None
) -> Response:
    seen = await registry.model(call, model_id)
    here = f"/desk/models/{model_id}"
    waiting = seen.line.waiting
    may_propose = call.may("model.propose") and waiting is None and bool(seen.may_become)
    may_answer = call.may("model.approve") and waiting is not None
    page = ModelPage(
        seen=seen,
        watched=tuple(line for line in await care.watched(call) if line.model_id == model_id),
        propose=(propose or shown(f"{here}/moves")) if may_propose else None,
        answer=(answer or shown(f"{here}/answer")) if may_answer else None,
        shares=SHARES,
    )
    wrong = (propose and propose.errors) or (answer and answer.errors)
    shell = await shell_of(request, call, "staff", tab="models")
    return show(request, "staff/model.html", page, shell, 422 if wrong else 200)


@router.post("/desk/models/{model_id}/moves", policy=MODEL_PROPOSES)
async def propose(request: Request, call: Call, model_id: str) -> Response:
    """Propose another role."""
    form = await sent(request)
    here = f"/desk/models/{model_id}"
    try:
        proven = await proof.proven(call, form.get("totp", ""))
        share = form.get("share", "")
        wish = registry.ProposeMove(
            form.get("role", ""), form.get("reason", ""), Decimal(share) if share in SHARES else None
        )
        await registry.propose(proven, model_id, wish, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _model(request, call, model_id, propose=proved_again(f"{here}/moves", form, no, call))
    return go(here)


@router.post("/desk/models/{model_id}/answer", policy=MODEL_APPROVES)
async def answer(request: Request, call: Call, model_id: str) -> Response:
    """Approve, turn down or take back what was proposed."""
    form = await sent(request)
    here = f"/desk/models/{model_id}"
    try:
        proven = await proof.proven(call, form.get("totp", ""))
        move = form.get("move", "")
        said = registry.AnswerMove(form.get("say") == "approve", form.get("reason", ""))
        await registry.answer(proven, UUID(move), said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _model(request, call, model_id, answer=proved_again(f"{here}/answer", form, no, call))
    return go(here)


@router.get("/desk/treatment", policy=CARE)
async def treatment(request: Request, call: Call) -> Response:
    """Decisions against the score, and how kinds of firms fared at the same terms."""
    page = TreatmentPage(await care.override_report(call), await care.fairness_report(call))
    return show(request, "staff/treatment.html", page, await shell_of(request, call, "staff", tab="treatment"))

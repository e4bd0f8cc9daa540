"""The desk's JSON about the models and what is watched around them."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Path
from fastapi.responses import Response
from pydantic import StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.policy import CARE, CARE_ANSWERS, GLASS_ANSWERS, GLASS_ASKS, MODEL_APPROVES, MODEL_PROPOSES
from api.replies import listed, many, one, shown
from api.routes import Router
from api.staff import care, glass, registry
from api.staff.glass import GlassView, WhoseView
from api.views import AlarmView, FairnessReport, ModelFile, ModelLine, OverrideReport, WatchLine
from api.wire import Input, Share

router = Router(prefix="/v1/desk", tags=["care"])

ModelId = Annotated[str, Path(max_length=100, pattern=r"^[\w.-]+$")]
Words = Annotated[str, StringConstraints(max_length=2_000)]


class MoveInput(Input):
    """Another role for a model; ``share`` of the decisions for a challenger."""

    role: Annotated[str, StringConstraints(max_length=20)]
    reason: Words
    share: Share | None = None


class AnswerInput(Input):
    """The other person's answer, with words."""

    approve: bool
    reason: Words


class GlassInput(Input):
    """Whose row of the training store, and what for."""

    store_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    purpose: Annotated[str, StringConstraints(max_length=40)]
    words: Words


class AllowInput(Input):
    """The other person's answer."""

    allow: bool


class OutcomeInput(Input):
    """What came of it."""

    outcome: Words


@router.get("/models", policy=CARE, **many(ModelLine))
async def all_models(call: Call) -> Response:
    """Every model, those at work first."""
    return listed(await registry.models(call))


@router.get("/models/{model_id}", policy=CARE, **one(ModelFile))
async def model(call: Call, model_id: ModelId) -> Response:
    """One model with its card and its story."""
    return shown(await registry.model(call, model_id))


@router.post("/models/{model_id}/moves", policy=MODEL_PROPOSES, **one(ModelFile))
async def propose(call: Call, model_id: ModelId, body: MoveInput, key: Key) -> Response:
    """Propose another role. Needs a second factor from a moment ago."""
    share = None if body.share is None else Decimal(body.share)
    return shown(await registry.propose(call, model_id, registry.ProposeMove(body.role, body.reason, share), key))


@router.post("/model-moves/{move_id}/answer", policy=MODEL_APPROVES, **one(ModelFile))
async def answer(call: Call, move_id: UUID, body: AnswerInput, key: Key) -> Response:
    """Approve or turn down what another person proposed. Needs a second factor from a moment ago."""
    return shown(await registry.answer(call, move_id, registry.AnswerMove(body.approve, body.reason), key))


@router.get("/alarms", policy=CARE, **many(AlarmView))
async def alarms(call: Call) -> Response:
    """What the desk must look at, and what was closed last."""
    return listed(await registry.alarms(call))


@router.post("/alarms/{alarm_id}/close", policy=CARE_ANSWERS, **many(AlarmView))
async def close_alarm(call: Call, alarm_id: UUID, body: OutcomeInput, key: Key) -> Response:
    """Say what came of an alarm."""
    return listed(await registry.close_alarm(call, alarm_id, body.outcome, key))


@router.get("/model-watch", policy=CARE, **many(WatchLine))
async def watched(call: Call) -> Response:
    """Drift and calibration of the models at work, as of the last night."""
    return listed(await care.watched(call))


@router.get("/overrides", policy=CARE, **one(OverrideReport))
async def overrides(call: Call) -> Response:
    """How often people decide against the score, why, and what became of it."""
    return shown(await care.override_report(call))


@router.get("/fairness", policy=CARE, **one(FairnessReport))
async def fairness(call: Call) -> Response:
    """How kinds of firms fare at the same terms, as of the last night."""
    return shown(await care.fairness_report(call))


@router.get("/glass", policy=GLASS_ANSWERS, **many(GlassView))
async def glass_wishes(call: Call) -> Response:
    """Who asked whose row it is, what for, and what was answered."""
    return listed(await glass.wishes(call))


@router.post("/glass", policy=GLASS_ASKS, **many(GlassView))
async def ask_glass(call: Call, body: GlassInput, key: Key) -> Response:
    """Ask whose row of the training store it is. Needs a second factor from a moment ago."""
    return listed(await glass.ask(call, glass.AskGlass(body.store_key, body.purpose, body.words), key))


@router.post("/glass/{glass_id}/answer", policy=GLASS_ANSWERS, **many(GlassView))
async def answer_glass(call: Call, glass_id: UUID, body: AllowInput, key: Key) -> Response:
    """Allow it for an hour, or not; never one's own wish. Needs a second factor from a moment ago."""
    return listed(await glass.answer(call, glass_id, body.allow, key))


@router.post("/glass/{glass_id}/look", policy=GLASS_ASKS, **one(WhoseView))
async def look_through(call: Call, glass_id: UUID) -> Response:
    """Look, while it is open; every look is recorded and its owner reads it."""
    return shown(await glass.look(call, glass_id))

"""The models at the desk: their cards, who gets which role by whose word, and the alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import proof
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.problems import NotFound
from api.views import AlarmView, Measures, ModelFile, ModelLine, MoveView, Weight
from db import alarms as bells
from db import clocks, doors, scoring_models
from db.tables import Alarm, ModelMove, ScoringModel
from lending.refusals import MoveImpossible

WORDS_LONGEST = 500
# A trial on more than a tenth of all decisions is no trial; a share can be proposed anew.
SHARES = (Decimal("0.01"), Decimal("0.02"), Decimal("0.05"), Decimal("0.10"))
# From where to where a model may go. A champion leaves its place only to another one, or is put back in it.
WAYS: Mapping[str, tuple[str, ...]] = {
    "candidate": ("shadow", "challenger", "champion", "fallback", "retired"),
    "shadow": ("challenger", "champion", "fallback", "retired"),
    "challenger": ("champion", "shadow", "fallback", "retired"),
    "fallback": ("champion",),
    "champion": (),
    "retired": ("shadow", "challenger", "champion", "fallback"),
}


@dataclass(frozen=True, slots=True)
class ProposeMove:
    """Another role for a model, and why. ``share`` for a challenger."""

    to_role: str
    reason: str
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AnswerMove:
    """The other person's answer."""

    approve: bool
    words: str


async def models(caller: Caller) -> tuple[ModelLine, ...]:
    """Every model, those at work first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await scoring_models.all_models(session)
        waiting = {move.model_id: move for move in await scoring_models.moves(session) if move.state == "open"}
        names = await doors.staff_names(session)
    lines = [_line(row, rows, _move(waiting.get(row.id), names, caller)) for row in rows]
    order = (*scoring_models.AT_WORK, "candidate", "retired")
    return tuple(sorted(lines, key=lambda line: order.index(line.role)))


async def model(caller: Caller, model_id: str) -> ModelFile:
    """One model with its card."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await session.get(ScoringModel, model_id)
        if row is None:
            raise NotFound
        rows = await scoring_models.all_models(session)
        names = await doors.staff_names(session)
        moves = tuple(
            view for move in await scoring_models.moves(session, model_id) if (view := _move(move, names, caller))
        )
    card = row.card
    waiting = next((move for move in moves if move.state == "open"), None)
    return ModelFile(
        line=_line(row, rows, waiting),
        kind=str(card.get("kind", "")),
        trained_on=str(card.get("trained_on", "")),
        how=_how(card),
        sha256=row.sha256,
        card_sha256=scoring_models.card_hash(card),
        data_sha256=str(card.get("data_sha256", "")),
        features=len(card.get("features", {}).get("names", ())),
        whole=_measures("", card.get("metrics", {})),
        slices=tuple(_measures(name, part) for name, part in card.get("slices", {}).items()),
        weights=_weights(card.get("importance", {})),
        may_become=_may_become(row),
        moves=moves,
        fresh=proof.is_fresh(caller),
    )


def _how(card: Mapping[str, Any]) -> str:
    """How it was tested; where its reasons could not be tried, why."""
    told = str(card.get("metrics", {}).get("how", ""))
    why = card.get("faithfulness", {}).get("why")
    return f"{told}; reasons not proved: {why}" if why else told


async def propose(caller: Caller, model_id: str, wish: ProposeMove, key: str) -> ModelFile:
    """One person's proposal; nothing changes before another one has approved it."""
    proof.need(caller)
    form = fields.Form()
    words = form.take("reason", _words, wish.reason, "")
    if wish.to_role not in {role for ways in WAYS.values() for role in ways}:
        form.refuse("role", "not_one_of_these")
    share = wish.share if wish.to_role == "challenger" else None
    if wish.to_role == "challenger" and share not in SHARES:
        form.refuse("share", "not_one_of_these")
    form.done()

    async def act(session: AsyncSession) -> Json:
        row = await session.get(ScoringModel, model_id, with_for_update=True)
        if row is None:
            raise NotFound
        if wish.to_role not in _may_become(row):
            raise MoveImpossible(why=f"{row.role} → {wish.to_role}")
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await scoring_models.propose(
            session,
            move_id=uuid4(),
            model=row,
            to_role=wish.to_role,
            share=share,
            reason=words,
            by=caller.principal.actor,
            at=now,
        )
        return {}

    body = {"model_id": model_id, **plain(wish)}
    await perform(caller, "staff.propose_move", key, body, act, scope="staff", object_id=model_id)
    return await model(caller, model_id)


async def answer(caller: Caller, move_id: UUID, said: AnswerMove, key: str) -> ModelFile:
    """The other person approves or turns it down; the proposer may take it back."""
    proof.need(caller)
    form = fields.Form()
    words = form.take("reason", _words, said.words, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        move = await scoring_models.answer(
            session, move_id, approve=said.approve, by=caller.principal.actor, words=words, at=now
        )
        if move is None:
            raise NotFound
        return {"model_id": move.model_id}

    body = {"move_id": move_id, **plain(said)}
    done = await perform(caller, "staff.answer_move", key, body, act, scope="staff", object_id=str(move_id))
    return await model(caller, str(done["model_id"]))


async def alarms(caller: Caller) -> tuple[AlarmView, ...]:
    """What is open, the oldest first, then what was closed last."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = [*await bells.open_alarms(session), *await bells.closed_alarms(session)]
        names = await doors.staff_names(session)
    return tuple(_alarm(row, names) for row in rows)


async def close_alarm(caller: Caller, alarm_id: UUID, outcome: str, key: str) -> tuple[AlarmView, ...]:
    """Somebody looked, and says what came of it."""
    form = fields.Form()
    words = form.take("outcome", _words, outcome, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if not await bells.close(session, alarm_id, by=caller.principal.actor, outcome=words, at=now):
            raise NotFound
        return {}

    body = {"alarm_id": alarm_id, "outcome": words}
    await perform(caller, "staff.close_alarm", key, body, act, scope="staff", object_id=str(alarm_id))
    return await alarms(caller)


# --- parts ------------------------------------------------------------------------------------------------------------


def _words(text: str) -> str:
    return fields.line(text, longest=WORDS_LONGEST, least=4)


def _may_become(row: ScoringModel) -> tuple[str, ...]:
    if row.role == "champion":
        return ("champion",) if row.stood_down_at else ()
    return WAYS[row.role]


def _decides(row: ScoringModel, rows: Sequence[ScoringModel]) -> bool:
    down = any(one.stood_down_at for one in rows)
    return row.role == "fallback" if down else row.role in ("champion", "challenger")


def _line(row: ScoringModel, rows: Sequence[ScoringModel], waiting: MoveView | None) -> ModelLine:
    whole = _measures("", row.card.get("metrics", {}))
    return ModelLine(
        id=row.id,
        role=row.role,
        method=str(row.card.get("method", "trees")),
        label=str(row.card.get("origin", {}).get("label", "")),
        share=row.share,
        decides=_decides(row, rows),
        stood_down_at=row.stood_down_at,
        stood_down_why=row.stood_down_why,
        auc=whole.auc,
        auc_low=whole.auc_low,
        auc_high=whole.auc_high,
        created_at=row.created_at,
        waiting=waiting,
    )


def _move(move: ModelMove | None, names: Mapping[str, str], caller: Caller) -> MoveView | None:
    if move is None:
        return None
    return MoveView(
        id=move.id,
        model_id=move.model_id,
        from_role=move.from_role,
        to_role=move.to_role,
        share=move.share,
        reason=move.reason,
        state=move.state,
        proposed_by=names.get(move.proposed_by, move.proposed_by),
        proposed_at=move.proposed_at,
        decided_by=names.get(move.decided_by, move.decided_by) if move.decided_by else None,
        decided_at=move.decided_at,
        answer=move.answer,
        mine=move.proposed_by == caller.principal.actor,
    )


def _measures(name: str, said: Mapping[str, Any]) -> Measures:
    low, high = said.get("auc_ci") or (None, None)
    return Measures(
        name=name,
        firms=int(said.get("n") or 0),
        bad=int(said.get("bad") or 0),
        auc=_figure(said.get("auc")),
        auc_low=_figure(low),
        auc_high=_figure(high),
        ks=_figure(said.get("ks")),
        brier=_figure(said.get("brier")),
        ece=_figure(said.get("ece")),
    )


def _figure(value: Any) -> Decimal | None:
    """A card's figure with four places; cards are files of the scoring room, which keeps floats."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.0001"))


def _weights(importance: Mapping[str, Any]) -> tuple[Weight, ...]:
    found = [Weight(name, _figure(share) or Decimal(0)) for name, share in importance.items()]
    return tuple(sorted(found, key=lambda weight: -weight.share)[:12])


def _alarm(row: Alarm, names: Mapping[str, str]) -> AlarmView:
    return AlarmView(
        id=row.id,
        kind=row.kind,
        object_kind=row.object_kind,
        object_id=row.object_id,
        detail=row.detail,
        raised_at=row.raised_at,
        last_at=row.last_at,
        times=row.times,
        due_at=row.due_at,
        closed_at=row.closed_at,
        closed_by=names.get(row.closed_by, row.closed_by) if row.closed_by else None,
        outcome=row.outcome,
    )

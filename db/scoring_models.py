"""The registry of scoring models: files in S3, one champion that decides, and the roles that two people give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

import rfc8785
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import audits
from db.tables import ModelMove, ScoringModel, ShadowScore
from lending.refusals import ContentDiffers, MoveClosed, MoveOpen, NeedsTwoPeople

T = TypeVar("T")
Json = dict[str, Any]

# Roles in which a model says something of the decisions of today.
AT_WORK = ("champion", "challenger", "shadow", "fallback")
# Roles that one model holds: who comes in sends the one before into retirement.
ALONE = ("champion", "challenger", "fallback")


@dataclass(frozen=True, slots=True)
class Post:
    """A model at work: its role, a challenger's share, whether a champion stands down.

    ``data``: hex SHA-256 of what it was trained on; models of one training have the same.
    """

    model_id: str
    role: str
    share: Decimal | None
    stood_down: bool
    data: str | None = None


def card_hash(card: Json) -> str:
    """Hex SHA-256 of a card in its canonical form (RFC 8785): what a proposal and its approval are bound to."""
    return sha256(rfc8785.dumps(card)).hexdigest()


async def champion(session: AsyncSession) -> ScoringModel | None:
    """The model that decides."""
    return (await session.scalars(select(ScoringModel).where(ScoringModel.role == "champion"))).first()


async def posts_beside(session: AsyncSession, column: ColumnElement[T]) -> tuple[tuple[Post, ...], T]:
    """Every model at work, the newest first, and one value more in the same round trip."""
    post = func.jsonb_build_array(
        ScoringModel.id,
        ScoringModel.role,
        ScoringModel.share,
        ScoringModel.stood_down_at.is_not(None),
        ScoringModel.card["data_sha256"],
    )
    posts = (
        select(func.jsonb_agg(aggregate_order_by(post, ScoringModel.created_at.desc(), ScoringModel.id)))
        .where(ScoringModel.role.in_(AT_WORK))
        .scalar_subquery()
    )
    found, value = (await session.execute(select(posts, column))).one()
    return tuple(
        Post(model_id, role, None if share is None else Decimal(str(share)), down, data)
        for model_id, role, share, down, data in found or ()
    ), value


async def all_models(session: AsyncSession) -> Sequence[ScoringModel]:
    """Every model, newest first."""
    return (await session.scalars(select(ScoringModel).order_by(ScoringModel.created_at.desc()))).all()


async def moves(session: AsyncSession, model_id: str | None = None) -> Sequence[ModelMove]:
    """Proposals and what became of them, newest first; of one model or of all."""
    asked = select(ModelMove).order_by(ModelMove.proposed_at.desc()).limit(200)
    return (await session.scalars(asked if model_id is None else asked.where(ModelMove.model_id == model_id))).all()


async def register(
    session: AsyncSession,
    *,
    model_id: str,
    object_key: str,
    sha256: str,
    card: Json,
    at: datetime,
    role: str = "candidate",
    actor: str = "system:registry",
) -> None:
    """Enter a model. The same model again changes nothing.

    A role other than ``candidate`` is for a system that has none in it yet, or none that this version can read; a model
    that is at work is replaced by a proposal and another person's approval.
    """
    known = await session.get(ScoringModel, model_id)
    if known is not None:
        return
    if role in ALONE:
        await _vacate(session, role)
    await session.execute(
        insert(ScoringModel).values(
            id=model_id,
            role=role,
            object_key=object_key,
            sha256=sha256,
            card=card,
            card_sha256=card_hash(card),
            created_at=at,
        )
    )
    await _audit(session, actor, "model.register", model_id, {"role": role, "sha256": sha256})


async def propose(
    session: AsyncSession,
    *,
    move_id: UUID,
    model: ScoringModel,
    to_role: str,
    share: Decimal | None,
    reason: str,
    by: str,
    at: datetime,
) -> None:
    """One person's proposal. Raises :class:`MoveOpen` while another one waits for its answer."""
    entered = await session.execute(
        insert(ModelMove)
        .values(
            id=move_id,
            model_id=model.id,
            sha256=model.sha256,
            card_sha256=card_hash(model.card),
            from_role=model.role,
            to_role=to_role,
            share=share,
            reason=reason,
            state="open",
            proposed_by=by,
            proposed_at=at,
        )
        .on_conflict_do_nothing()
        .returning(ModelMove.id)
    )
    if entered.first() is None:
        raise MoveOpen
    detail = {"move": str(move_id), "to": to_role, "share": str(share or ""), "sha256": model.sha256}
    await _audit(session, by, "model.propose", model.id, detail)


async def answer(
    session: AsyncSession, move_id: UUID, *, approve: bool, by: str, words: str, at: datetime
) -> ModelMove | None:
    """Another person's answer; an approval gives the role at once. None: there is no such proposal.

    Raises :class:`NeedsTwoPeople` when the proposer approves, :class:`MoveClosed` when it was answered before or the
    model plays another part by now, :class:`ContentDiffers` when file or card are not those that were proposed.
    """
    move = await session.get(ModelMove, move_id, with_for_update=True)
    if move is None:
        return None
    if move.state != "open":
        raise MoveClosed
    model = await session.get_one(ScoringModel, move.model_id, with_for_update=True)
    if approve:
        if move.proposed_by == by:
            raise NeedsTwoPeople
        if model.role != move.from_role:
            raise MoveClosed
        if (model.sha256, card_hash(model.card)) != (move.sha256, move.card_sha256):
            raise ContentDiffers
        await _give(session, model, move)
        move.state = "approved"
    else:
        move.state = "withdrawn" if move.proposed_by == by else "rejected"
    move.decided_by, move.decided_at, move.answer = by, at, words
    detail = {"move": str(move_id), "from": move.from_role, "to": move.to_role, "sha256": move.sha256}
    await _audit(session, by, f"model.{'approve' if approve else move.state}", model.id, detail)
    return move


async def _give(session: AsyncSession, model: ScoringModel, move: ModelMove) -> None:
    if move.to_role in ALONE and model.role != move.to_role:
        await _vacate(session, move.to_role)
    model.role, model.share = move.to_role, move.share
    model.stood_down_at = model.stood_down_why = None
    await session.flush()


async def _vacate(session: AsyncSession, role: str) -> None:
    await session.execute(
        update(ScoringModel)
        .where(ScoringModel.role == role)
        .values(role="retired", share=None, stood_down_at=None, stood_down_why=None)
    )


async def stand_down(session: AsyncSession, model_id: str, *, why: str, by: str, at: datetime, detail: Json) -> bool:
    """The champion hands over to the fallback until two people put it back; False: it was so already, or no fallback.

    Without a fallback nobody decides, so the champion stays and the alarm alone speaks.
    """
    fallback = select(ScoringModel.id).where(ScoringModel.role == "fallback").exists()
    done = await session.execute(
        update(ScoringModel)
        .where(
            ScoringModel.id == model_id,
            ScoringModel.role == "champion",
            ScoringModel.stood_down_at.is_(None),
            fallback,
        )
        .values(stood_down_at=at, stood_down_why=why)
        .returning(ScoringModel.id)
    )
    if done.first() is None:
        return False
    await _audit(session, by, "model.stand_down", model_id, {"why": why, **detail})
    return True


async def is_stood_down(session: AsyncSession) -> bool:
    """Whether the fallback decides in a champion's place."""
    down = select(ScoringModel.id).where(ScoringModel.role == "champion", ScoringModel.stood_down_at.is_not(None))
    return (await session.execute(down)).first() is not None


async def keep_shadow(
    session: AsyncSession, *, decision_id: UUID, model_id: str, role: str, pd: Decimal, at: datetime
) -> None:
    """What a model says beside a decision."""
    await session.execute(
        insert(ShadowScore)
        .values(decision_id=decision_id, model_id=model_id, role=role, pd=pd, scored_at=at)
        .on_conflict_do_nothing()
    )


async def _audit(session: AsyncSession, actor: str, action: str, model_id: str, detail: Json) -> None:
    await audits.append(
        session,
        actor=actor,
        action=action,
        object_kind="model",
        object_id=model_id,
        detail=detail,
        request_id=None,
    )


async def sha256_of(session: AsyncSession, model_id: str) -> str | None:
    """The hash of a model's file, as the registry names it."""
    return await session.scalar(select(ScoringModel.sha256).where(ScoringModel.id == model_id))

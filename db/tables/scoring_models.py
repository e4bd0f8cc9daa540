"""The scoring models with their roles, and what rings about them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of

MODEL_ROLES = ("candidate", "champion", "challenger", "shadow", "fallback", "retired")


class ScoringModel(Table):
    """A model file in S3 with its card, by what it is used for.

    One champion decides, one fallback stands in for it, one challenger takes ``share`` of the decisions, shadows score
    beside them. ``stood_down_at``: the champion does not decide for the time being, for ``stood_down_why``.
    """

    __tablename__ = "scoring_model"
    __table_args__ = (
        one_of("role", *MODEL_ROLES),
        CheckConstraint("(role = 'challenger') = (share is not null)", name="share_of_a_challenger"),
        CheckConstraint("share > 0 and share <= 0.5", name="share_is_a_part"),
        CheckConstraint("stood_down_at is null or role = 'champion'", name="champions_stand_down"),
        Index("uq_scoring_model_champion", "role", unique=True, postgresql_where=text("role = 'champion'")),
        Index("uq_scoring_model_fallback", "role", unique=True, postgresql_where=text("role = 'fallback'")),
        Index("uq_scoring_model_challenger", "role", unique=True, postgresql_where=text("role = 'challenger'")),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    object_key: Mapped[str]
    sha256: Mapped[str]
    card: Mapped[Json]
    card_sha256: Mapped[str | None]
    share: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    stood_down_at: Mapped[datetime | None]
    stood_down_why: Mapped[str | None]
    created_at: Mapped[datetime]


class ModelMove(Table):
    """A model's way into another role: proposed by one person, answered by another, bound to file and card.

    ``proposed_by`` and ``decided_by`` are actors (``staff:…``); the database refuses that they are one.
    """

    __tablename__ = "model_move"
    __table_args__ = (
        one_of("to_role", *MODEL_ROLES),
        one_of("state", "open", "approved", "rejected", "withdrawn"),
        CheckConstraint("(state = 'open') = (decided_by is null)", name="decided_by_somebody"),
        CheckConstraint("state <> 'approved' or decided_by <> proposed_by", name="two_people"),
        Index("uq_model_move_open", "model_id", unique=True, postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("scoring_model.id"), index=True)
    sha256: Mapped[str]
    card_sha256: Mapped[str]
    from_role: Mapped[str]
    to_role: Mapped[str]
    share: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    reason: Mapped[str]
    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None]


class ShadowScore(Table):
    """What another model says of a decision that it did not make: stored, never used."""

    __tablename__ = "shadow_score"
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("scoring_model.id"), primary_key=True)
    role: Mapped[str]
    pd: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    scored_at: Mapped[datetime]


class Alarm(Table):
    """Something that the credit desk must look at: one row while it lasts, closed by a person with what came of it."""

    __tablename__ = "alarm"
    __table_args__ = (
        CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed_by_somebody"),
        Index("uq_alarm_open", "kind", "object_id", unique=True, postgresql_where=text("closed_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    detail: Mapped[Json]
    raised_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer, server_default="1")
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]

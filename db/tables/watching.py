"""What is looked at after a decision: loans, models, limits, the training store."""

from datetime import date, datetime
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


class Night(Table):
    """A nightly job that was done for a business day; written in the transaction of what it did."""

    __tablename__ = "night"
    job: Mapped[str] = mapped_column(primary_key=True)
    jurisdiction: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
    detail: Mapped[Json]


class ModelWatch(Table):
    """One figure about a model on one day: drift of a feature or of the score, calibration in the large."""

    __tablename__ = "model_watch"
    __table_args__ = (
        one_of("measure", "drift", "calibration"),
        one_of("state", "calm", "watch", "alarm", "too_few"),
    )
    on_date: Mapped[date] = mapped_column(primary_key=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("scoring_model.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    expected: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    low: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    high: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    count: Mapped[int] = mapped_column(Integer)
    state: Mapped[str]


class LoanBad(Table):
    """The day on which a loan first was so long past due that it counts as a default; it stays one."""

    __tablename__ = "loan_bad"
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    bad_on: Mapped[date]


class EarlyWarning(Table):
    """A sign of difficulty of a live borrower and what came of it; one open row a loan and cause."""

    __tablename__ = "early_warning"
    __table_args__ = (
        CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed_by_somebody"),
        Index("uq_early_warning_open", "loan_id", "cause", unique=True, postgresql_where=text("closed_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID]
    cause: Mapped[str]
    figures: Mapped[Json]
    raised_on: Mapped[date]
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]
    words: Mapped[str | None]


class Prescore(Table):
    """A firm of a list: scored under its owner's consent until ``valid_until``, or refused by name."""

    __tablename__ = "prescore"
    __table_args__ = (
        one_of("state", "scored", "refused"),
        CheckConstraint("(state = 'scored') = (pd is not null)", name="scored_has_pd"),
    )
    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"), primary_key=True, index=True)
    person_id: Mapped[UUID]
    state: Mapped[str]
    reason: Mapped[str | None]
    model_id: Mapped[str | None]
    pd: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    grade: Mapped[str | None]
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    limit_minor: Mapped[int | None]
    scored_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class OrderLimit(Table):
    """How much may be lent to a firm against its orders without asking again; the newest night's row counts.

    ``basis``: the grade, the flows and the orders that it was made from.
    """

    __tablename__ = "order_limit"
    __table_args__ = (CheckConstraint("limit_minor >= 0", name="limit_not_negative"),)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"), primary_key=True)
    person_id: Mapped[UUID]
    limit_minor: Mapped[int]
    currency: Mapped[str]
    model_id: Mapped[str]
    basis: Mapped[Json]
    made_on: Mapped[date]
    valid_until: Mapped[datetime]


class StoreRow(Table):
    """A decided application for training: no names, no ids; ``key`` is a keyed hash that leads back to nothing here.

    ``features`` as at the decision, ``facts`` amounts and codes, ``outcome`` once the loan has ripened.
    """

    __tablename__ = "store_row"
    __table_args__ = (one_of("outcome", "unknown", "good", "bad"),)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    month: Mapped[str]
    features: Mapped[Json]
    facts: Mapped[Json]
    outcome: Mapped[str]
    changed_at: Mapped[datetime]


class GlassBreak(Table):
    """Whose row of the training store this is: asked by one person, allowed by another, for a purpose, for a while."""

    __tablename__ = "glass_break"
    __table_args__ = (
        one_of("state", "asked", "allowed", "refused"),
        CheckConstraint("(state = 'asked') = (answered_by is null)", name="answered_by_somebody"),
        CheckConstraint("answered_by <> asked_by", name="two_people"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    store_key: Mapped[bytes]
    purpose: Mapped[str]
    words: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    open_until: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(Integer, server_default="0")

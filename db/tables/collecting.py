"""Loans that are past due: who is late and why, what was done about it, what was promised and what is disputed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of
from lending.collecting import CaseEnd, DisputeReason, Does, Segment, Stage


class CollectionCase(Table):
    """One stretch of lateness of one loan, from the day after grace to its cure; one a loan is open at most.

    ``since``: the due date that was missed. ``segment``, ``stage``, ``reason`` and ``figures``: as assigned last, and
    ``treatment``: under which version. ``unaided``: it ended without a talk.
    """

    __tablename__ = "collection_case"
    __table_args__ = (
        one_of("segment", *(one.value for one in Segment)),
        one_of("stage", *(one.value for one in Stage)),
        one_of("ended", *(one.value for one in CaseEnd)),
        CheckConstraint("(ended is null) = (ended_on is null)", name="ended_on_a_day"),
        Index("ix_collection_case_loan_id_since", "loan_id", "since"),
        Index("uq_collection_case_open", "loan_id", unique=True, postgresql_where=text("ended is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[date]
    opened_on: Mapped[date]
    opened_at: Mapped[datetime]
    segment: Mapped[str | None]
    stage: Mapped[str | None]
    reason: Mapped[str | None]
    figures: Mapped[Json]
    treatment: Mapped[str | None]
    next_at: Mapped[datetime | None]
    ended: Mapped[str | None]
    ended_on: Mapped[date | None]
    unaided: Mapped[bool | None]


class CaseSegment(Table):
    """Each time a case was assigned anew, and why: what a borrower or an examiner may ask about later."""

    __tablename__ = "case_segment"
    __table_args__ = (UniqueConstraint("case_id", "n"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("collection_case.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    n: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    segment: Mapped[str]
    stage: Mapped[str]
    reason: Mapped[str]
    figures: Mapped[Json]
    days_past_due: Mapped[int] = mapped_column(Integer)


class CollectionStep(Table):
    """What a treatment did, once a case and name. A call or visit waits for a person until ``done_at``."""

    __tablename__ = "collection_step"
    __table_args__ = (
        one_of("does", *(one.value for one in Does)),
        one_of("outcome", "talked", "no_answer", "promised", "disputed", "not_needed", "sent"),
        CheckConstraint("(outcome is null) = (done_at is null)", name="done_with_an_outcome"),
        UniqueConstraint("case_id", "name"),
        Index("ix_collection_step_open", "due_at", postgresql_where=text("done_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("collection_case.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    does: Mapped[str]
    purpose: Mapped[str]
    segment: Mapped[str]
    treatment: Mapped[str]
    offers_relief: Mapped[bool]
    days_past_due: Mapped[int] = mapped_column(Integer)
    taken_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    outcome: Mapped[str | None]


class PaymentPromise(Table):
    """The borrower's word to pay so much by a day: silence until it is over, kept or broken by what came."""

    __tablename__ = "payment_promise"
    __table_args__ = (
        one_of("state", "open", "kept", "broken"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("uq_payment_promise_open", "loan_id", unique=True, postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("collection_case.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    amount_minor: Mapped[int]
    promised_on: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    paid_before_minor: Mapped[int]
    state: Mapped[str]
    settled_at: Mapped[datetime | None]


class ItemDispute(Table):
    """The borrower says that it is not owed: no demand, no report and no charge until a person has answered."""

    __tablename__ = "item_dispute"
    __table_args__ = (
        one_of("reason", *(one.value for one in DisputeReason)),
        one_of("verdict", "upheld", "not_upheld"),
        CheckConstraint("(verdict is null) = (answered_at is null)", name="answered_with_a_verdict"),
        Index("uq_item_dispute_open", "loan_id", unique=True, postgresql_where=text("verdict is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("collection_case.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str]
    words_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    verdict: Mapped[str | None]
    answer_sealed: Mapped[bytes | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]

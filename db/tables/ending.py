"""The end of a loan before it comes: who was asked what, what they want, what they were told by when."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of


class LoanEnd(Table):
    """One row a loan, made sixty days before its end (P27). ``answer_due_at``: by when its owner is told whether it is
    renewed; ``escalated_at``: that was missed, a lead has it, and ``promised_at`` is the new time that the owner was
    told. ``months``: of an extension that was offered; ``agreed_at``: its owner took it, by ``shown_hash``.
    """

    __tablename__ = "loan_end"
    __table_args__ = (
        one_of("wish", "renew", "extend", "pay_off"),
        one_of("verdict", "renew", "extend", "none"),
        CheckConstraint("(verdict is null) = (answered_at is null)", name="answered_with_a_verdict"),
        CheckConstraint("(verdict = 'extend') = (months is not null)", name="months_of_an_extension"),
        CheckConstraint("(agreed_at is null) = (shown_hash is null)", name="agreed_to_what_was_shown"),
        CheckConstraint("agreed_at is null or verdict = 'extend'", name="agreed_to_an_extension"),
        Index("ix_loan_end_waiting", "answer_due_at", postgresql_where=text("wish is not null and verdict is null")),
    )
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    opened_at: Mapped[datetime]
    matures_on: Mapped[date]
    answer_due_at: Mapped[datetime]
    wish: Mapped[str | None]
    wished_at: Mapped[datetime | None]
    asked_again_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    reason: Mapped[str | None]
    months: Mapped[int | None] = mapped_column(Integer)
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    shown_hash: Mapped[str | None]
    agreed_at: Mapped[datetime | None]
    # Months that were added to the loan's term, and its end before.
    extended_from: Mapped[date | None]

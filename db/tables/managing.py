"""Whose customer somebody is, by which code or territory they came, what was quoted, and which loans were checked."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of

SOURCES = ("qr", "territory", "handed_over")


class CustomerManager(Table):
    """Whose customer a person is, and since when; at most one at a time. ``code``: the code or the territory."""

    __tablename__ = "customer_manager"
    __table_args__ = (
        one_of("source", *SOURCES),
        Index("uq_customer_manager_now", "person_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_customer_manager_staff_id", "staff_id", postgresql_where=text("ended_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    source: Mapped[str]
    code: Mapped[str]
    given_by: Mapped[str]
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ManagerCode(Table):
    """What a manager's QR code carries. One at a time; an old one leads nowhere."""

    __tablename__ = "manager_code"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z2-7]{10}$'", name="code_known"),
        Index("uq_manager_code_now", "staff_id", unique=True, postgresql_where=text("ended_at is null")),
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Territory(Table):
    """Whose the customers of an area are: the first digits of its code (GB/T 2260), the longest that fits counts."""

    __tablename__ = "territory"
    __table_args__ = (CheckConstraint("area ~ '^[1-9][0-9]{1,5}$'", name="area_known"),)
    area: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    said_by: Mapped[str]
    said_at: Mapped[datetime]


class LoanCheck(Table):
    """One look at a loan after it was paid, and what was seen (P28). ``due_on``: which of its checks this was."""

    __tablename__ = "loan_check"
    __table_args__ = (one_of("result", "in_order", "watch", "trouble"), UniqueConstraint("loan_id", "due_on"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    due_on: Mapped[date]
    result: Mapped[str]
    words_sealed: Mapped[bytes]
    by: Mapped[str]
    done_at: Mapped[datetime]


class Quote(Table):
    """What a manager told somebody it costs, or wanted to: only the catalogue's facts are given (journey 2, B7).

    ``asked``: product, amount, months, share and rate as they were asked; ``facts_sha256``: of what was shown;
    ``application_id``: whose customer it was told to, who reads it in their story.
    """

    __tablename__ = "quote"
    __table_args__ = (
        one_of("state", "given", "refused"),
        CheckConstraint("(state = 'given') = (facts_sha256 is not null)", name="given_with_its_facts"),
        Index("ix_quote_refused", "made_at", postgresql_where=text("state = 'refused'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    product_id: Mapped[str]
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    asked: Mapped[Json]
    annual_rate: Mapped[Decimal]
    state: Mapped[str]
    policy_version: Mapped[str]
    facts_sha256: Mapped[str | None]
    made_at: Mapped[datetime]


class WordAttempt(Table):
    """Words that somebody wanted to send a customer and that did not leave: a rate that is none of theirs, or a promise
    of a yes (journey 2, B7).

    ``place``: the use that they were written in; ``said``: the part that says it, and nothing else of the text.
    """

    __tablename__ = "word_attempt"
    __table_args__ = (
        one_of("kind", "rate", "promise", "private", "credential"),
        Index("ix_word_attempt_newest", "made_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    place: Mapped[str]
    kind: Mapped[str]
    said: Mapped[str]
    made_at: Mapped[datetime]

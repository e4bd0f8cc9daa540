"""The classes of the book: each loan's own once it is or was none of the best, how it changed, what people proposed,
and what was set aside each night. Internal: no owner reads them (P29)."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of
from lending.classification import Because
from lending.maturity import Class

CLASSES = tuple(one.value for one in Class)
PROPOSALS = ("class", "write_off")


class LoanClass(Table):
    """A loan without a row is normal. ``since``: of its class; ``late_on``: the last day on which it was late.

    ``suspended_minor``: its interest that is no income. ``off_on``: it was written off, ``off_minor`` of its principal
    stand against it still, ``off_interest_minor`` interest was paid and ``off_waived_minor`` principal let go since.
    """

    __tablename__ = "loan_class"
    __table_args__ = (
        one_of("klass", *CLASSES),
        one_of("because", *(one.value for one in Because)),
        one_of("said", *CLASSES),
        CheckConstraint("suspended_minor >= 0", name="suspended_not_negative"),
        Index("ix_loan_class_klass", "klass", postgresql_where=text("ended_on is null")),
    )
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    klass: Mapped[str]
    because: Mapped[str]
    stage: Mapped[int] = mapped_column(Integer)
    since: Mapped[date]
    as_of: Mapped[date]
    accrues: Mapped[bool]
    suspended_minor: Mapped[int] = mapped_column(server_default="0")
    late_on: Mapped[date | None]
    said: Mapped[str | None]
    said_since: Mapped[date | None]
    ended_on: Mapped[date | None]
    off_on: Mapped[date | None]
    off_at: Mapped[datetime | None]
    off_minor: Mapped[int] = mapped_column(server_default="0")
    off_interest_minor: Mapped[int] = mapped_column(server_default="0")
    off_waived_minor: Mapped[int] = mapped_column(server_default="0")
    recovered_minor: Mapped[int] = mapped_column(server_default="0")


class ClassChange(Table):
    """Each time a loan's class or its reason changed, with the figures that it rests on. Never changed."""

    __tablename__ = "class_change"
    __table_args__ = (UniqueConstraint("loan_id", "n"), one_of("klass", *CLASSES))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    n: Mapped[int] = mapped_column(Integer)
    on_date: Mapped[date]
    at: Mapped[datetime]
    klass: Mapped[str]
    because: Mapped[str]
    was: Mapped[str]
    accrues: Mapped[bool]
    figures: Mapped[Json]
    policy: Mapped[str]


class ClassProposal(Table):
    """What one person proposes of a loan and another answers: another class, or that it is written off (核销).

    ``evidence``: the paper that shows it; ``since``: the lateness that a technical cause is said of.
    """

    __tablename__ = "class_proposal"
    __table_args__ = (
        one_of("kind", *PROPOSALS),
        one_of("klass", *CLASSES),
        one_of("verdict", "agreed", "refused"),
        CheckConstraint("(kind = 'class') = (klass is not null)", name="class_of_a_class"),
        CheckConstraint("(verdict is null) = (answered_at is null)", name="answered_with_a_verdict"),
        CheckConstraint("answered_by <> made_by", name="by_two"),
        Index("uq_class_proposal_open", "loan_id", unique=True, postgresql_where=text("verdict is null")),
        Index("ix_class_proposal_loan_id", "loan_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    kind: Mapped[str]
    klass: Mapped[str | None]
    since: Mapped[date | None]
    amount_minor: Mapped[int]
    words: Mapped[str]
    evidence: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    verdict: Mapped[str | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]


class ProvisionLine(Table):
    """What a night set aside for one class: ``rate`` of ``principal_minor``, rounded once."""

    __tablename__ = "provision_line"
    __table_args__ = (one_of("klass", *CLASSES),)
    jurisdiction: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    klass: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[int] = mapped_column(Integer)
    loans: Mapped[int]
    principal_minor: Mapped[int]
    rate: Mapped[Decimal]
    amount_minor: Mapped[int]

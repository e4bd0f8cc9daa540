"""Credit lines: a limit to draw on, and everything that was ever done to it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of

LINE_STATES = ("open", "frozen", "reduced", "closed")
OPEN_PROPOSAL = "state = 'waiting'"


class CreditLine(Table):
    """A line as it stands. What is drawn and reserved is in its loans, so that it stands in one place alone.

    ``terms``: as signed, whose amount is the signed limit. ``clauses``: the ids that its contract has (P16).
    ``fresh_until``: the last day on which bills and registers are new enough to pay on. ``clause`` and ``reason``: of
    the last change that binds. ``secured_by``: nothing is drawn above what that counts for. ``version`` counts changes.
    """

    __tablename__ = "credit_line"
    __table_args__ = (
        one_of("state", *LINE_STATES),
        one_of("secured_by", "receivables"),
        CheckConstraint("limit_minor > 0 and limit_minor <= signed_limit_minor", name="limit_within_signed"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_account.id"))
    product_id: Mapped[str]
    policy_version: Mapped[str]
    currency: Mapped[str]
    signed_limit_minor: Mapped[int]
    limit_minor: Mapped[int]
    revolving: Mapped[bool]
    secured_by: Mapped[str | None]
    annual_rate: Mapped[Decimal]
    terms: Mapped[Json]
    terms_hash: Mapped[str]
    clauses: Mapped[list[str]]
    grade: Mapped[str | None]
    state: Mapped[str]
    clause: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    opened_on: Mapped[date]
    expires_on: Mapped[date]
    review_on: Mapped[date]
    fresh_until: Mapped[date]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_at: Mapped[datetime]


class LineChange(Table):
    """One thing that was done to a line: only ever added. ``by``: the login; ``checked_by`` where it took two."""

    __tablename__ = "line_change"
    __table_args__ = (Index("ix_line_change_story", "line_id", "n"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Identity(always=True))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("credit_line.id"))
    person_id: Mapped[UUID]
    act: Mapped[str]
    state_before: Mapped[str]
    state_after: Mapped[str]
    limit_before_minor: Mapped[int]
    limit_after_minor: Mapped[int]
    clause: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    checked_by: Mapped[str | None]
    at: Mapped[datetime]


class LineProposal(Table):
    """A change that a second person must allow: maker and checker are employees, not logins."""

    __tablename__ = "line_proposal"
    __table_args__ = (
        one_of("state", "waiting", "applied", "refused", "lapsed"),
        CheckConstraint("checker <> maker", name="two_people"),
        CheckConstraint("(state in ('applied', 'refused')) = (checker is not null)", name="answered_by_somebody"),
        Index("uq_line_proposal_waiting", "line_id", unique=True, postgresql_where=text(OPEN_PROPOSAL)),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("credit_line.id"))
    person_id: Mapped[UUID]
    act: Mapped[str]
    limit_minor: Mapped[int | None]
    clause: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    maker: Mapped[str]
    maker_by: Mapped[str]
    made_at: Mapped[datetime]
    checker: Mapped[str | None]
    checker_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]

"""Trust: lateness as the closes saw it, the level of each person, every change, the coupons it brings, and letters."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of

LEVELS = "level between 1 and 5"
REASONS = ("first_loan", "clean_months", "repaid", "late", "very_late", "rules_changed")


class LateStretch(Table):
    """A loan past due beyond its grace: the first and the last day on which a close said so. The balance forgets."""

    __tablename__ = "late_stretch"
    __table_args__ = (CheckConstraint("first_on <= last_on and days > 0", name="in_order"),)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    days: Mapped[int] = mapped_column(Integer)


class TrustStanding(Table):
    """Where a person stands: a projection of loans and stretches by :func:`lending.trust.trusted`."""

    __tablename__ = "trust_standing"
    __table_args__ = (
        CheckConstraint(LEVELS, name="level_known"),
        Index("ix_trust_standing_rises", "rises_on"),
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    level: Mapped[int] = mapped_column(Integer)
    since: Mapped[date]
    counts_from: Mapped[date | None]
    rises_on: Mapped[date | None]
    late: Mapped[bool]
    looked_on: Mapped[date]


class TrustChange(Table):
    """A level from a day on, and why; only ever added."""

    __tablename__ = "trust_change"
    __table_args__ = (CheckConstraint(LEVELS, name="level_known"), one_of("reason", *REASONS))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    level: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    on_date: Mapped[date]
    noticed_at: Mapped[datetime]


class Coupon(Table):
    """Interest that we pay for somebody: kept for one open application, used by one loan. ``cap_minor``: at most."""

    __tablename__ = "coupon"
    __table_args__ = (CheckConstraint("cap_minor > 0 and least_minor >= 0", name="amounts"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    cap_minor: Mapped[int]
    least_minor: Mapped[int]
    currency: Mapped[str]
    valid_until: Mapped[date]
    given_at: Mapped[datetime]
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"))
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loan.id"), unique=True)


class Nudge(Table):
    """An ask to write to somebody about credit, theirs or what they answer for, and what became of it. ``answered_at``
    of a sent one is its time."""

    __tablename__ = "nudge"
    __table_args__ = (
        one_of("kind", "level_rose", "may_borrow_again", "guaranteed_overdue"),
        one_of("state", "asked", "sent", "not_wanted", "too_soon", "applying", "late", "stale"),
        CheckConstraint("(state = 'asked') = (answered_at is null)", name="answered_when_over"),
        Index("ix_nudge_open", "asked_at", postgresql_where=text("state = 'asked'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    params: Mapped[Json]
    asked_at: Mapped[datetime]
    state: Mapped[str]
    answered_at: Mapped[datetime | None]

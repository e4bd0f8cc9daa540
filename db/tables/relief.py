"""Relief that owners in trouble asked for."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of
from lending.relief import ReliefState, Why


class Relief(Table):
    """One asking for relief: what happened, who decided, which way was agreed, and how it went.

    ``due_at``: by when the desk answers, None where the rule did. ``helps_instead`` of what was declined.
    ``consented``: that everybody whose burden grows has agreed, as the desk was shown (民法典 695). ``figures``: what
    was known of the sales.
    """

    __tablename__ = "relief"
    __table_args__ = (
        one_of("why", *(one.value for one in Why)),
        one_of("state", *(one.value for one in ReliefState)),
        one_of("helps_instead", "talk", "pay_part", "advice"),
        CheckConstraint("(agreed_at is null) = (way is null)", name="agreed_to_a_way"),
        UniqueConstraint("loan_id", "n"),
        Index("uq_relief_open", "loan_id", unique=True, postgresql_where=text("state in ('asked', 'offered')")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    n: Mapped[int] = mapped_column(Integer)
    why: Mapped[str]
    state: Mapped[str]
    owed_minor: Mapped[int]
    figures: Mapped[Json]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    helps_instead: Mapped[str | None]
    consented: Mapped[bool | None]
    way: Mapped[str | None]
    effective_on: Mapped[date | None]
    agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

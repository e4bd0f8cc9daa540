"""Questions that help did not answer, and the calls that came of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of

CALL_OUTCOMES = ("answered", "not_reached", "handed_over")


class HelpMiss(Table):
    """A question whose answer did not help. ``topics``: what was shown, empty where nothing was."""

    __tablename__ = "help_miss"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    asked_sealed: Mapped[bytes]
    topics: Mapped[list[str]]
    at: Mapped[datetime]


class HelpCall(Table):
    """Somebody waits for a call; at most one is open for a person. Business time."""

    __tablename__ = "help_call"
    __table_args__ = (
        one_of("outcome", *CALL_OUTCOMES),
        CheckConstraint("(closed_at is null) = (outcome is null)", name="outcome_when_closed"),
        Index("uq_help_call_open", "person_id", unique=True, postgresql_where=text("closed_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    asked_sealed: Mapped[bytes]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str | None]
    words: Mapped[str | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]

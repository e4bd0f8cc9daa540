"""What owner and lender say to each other, and complaints with their clock."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of


class ThreadMessage(Table):
    """One message of an application's only thread, stored once. ``read_at``: when the other side first opened it."""

    __tablename__ = "thread_message"
    __table_args__ = (
        one_of("author", "owner", "lender"),
        Index("ix_thread_message_application", "application_id", "sent_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    author: Mapped[str]
    said_by: Mapped[str]
    text_sealed: Mapped[bytes]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Complaint(Table):
    """A complaint: its number, the time by which it is answered, and what came of it. The words are sealed."""

    __tablename__ = "complaint"
    __table_args__ = (
        one_of("outcome", "upheld", "partly", "not_upheld"),
        CheckConstraint("(outcome is null) = (answered_at is null)", name="answered_with_an_outcome"),
        Index("ix_complaint_open", "due_at", postgresql_where=text("answered_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Identity(always=True, start=1001), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    words_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str | None]
    answer_sealed: Mapped[bytes | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]

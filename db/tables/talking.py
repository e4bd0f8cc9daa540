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


class HeldWords(Table):
    """Words to a customer that a second person reads first (journey 2, B7): sealed, with the hash of what was written.

    ``staff_id``: who wrote them; ``place``: the use that they stand in; ``topics``: what they touch; ``lead_id``: whose
    line it is until ``due_at``; ``ended_by``: who released them or gave them back, never the writer.
    """

    __tablename__ = "held_words"
    __table_args__ = (
        one_of("state", "waiting", "released", "returned"),
        CheckConstraint(
            "(state = 'waiting') = (ended_at is null) and (ended_at is null) = (ended_by is null)",
            name="ended_by_somebody",
        ),
        CheckConstraint("ended_by <> staff_id", name="another_reads"),
        CheckConstraint("(state = 'returned') = (reason_sealed is not null)", name="returned_with_a_reason"),
        Index(
            "uq_held_words_waiting",
            *("staff_id", "person_id", "place", "sha256"),
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    place: Mapped[str]
    sha256: Mapped[str]
    state: Mapped[str]
    topics: Mapped[list[str]]
    text_sealed: Mapped[bytes]
    reason_sealed: Mapped[bytes | None]
    held_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


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

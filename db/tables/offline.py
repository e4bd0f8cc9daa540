"""What a person brings home from a task outside, and who stands in for whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of


class TaskEvidence(Table):
    """One thing brought home: its id was made by the phone that captured it, so that sending twice is one row.

    ``place_sealed``: JSON of latitude, longitude and metres of doubt, ``place_source``: the picture itself or the page;
    ``taken_at``: by the phone's clock; ``sha256``: of the bytes as they were sent, None for words.
    ``reference``: of a recording that its provider keeps, from ``taken_at`` to ``ended_at``, agreed to before.
    ``picture_sha256``: of a photo as it was drawn anew, so of what it shows. ``looks``: what it is known by however it
    is saved, ``points``: and turned or cut; ``like_id``: the photo of another task that was like it when it came,
    ``again_id``: the first of its own task. ``matches``: whether a number that was copied is that of the piece
    ``collateral_id``, None where nothing says which it should be; a number that is not was explained by somebody,
    sealed with the customer's key. A photo that does not count by itself was ``vouched`` for by another person than who
    brought it, with why.
    """

    __tablename__ = "task_evidence"
    __table_args__ = (
        one_of("kind", "photo", "serial", "note", "recording", "reference"),
        one_of("place_source", "picture", "page"),
        CheckConstraint("(object_key is null) = (sha256 is null) or reference is not null", name="file_with_its_hash"),
        CheckConstraint(
            "reference is null or (sha256 is not null and agreed_at is not null and agreed_at <= taken_at)",
            name="recorded_with_consent",
        ),
        CheckConstraint("(place_source is null) = (place_sealed is null)", name="place_with_its_source"),
        CheckConstraint(
            "(explained_sealed is null) = (explained_by is null) and (explained_by is null) = (explained_at is null)",
            name="explained_by_somebody",
        ),
        CheckConstraint(
            "(vouched_sealed is null) = (vouched_by is null) and (vouched_by is null) = (vouched_at is null)",
            name="vouched_by_somebody",
        ),
        CheckConstraint("vouched_by <> by", name="vouched_by_another"),
        CheckConstraint("matches is null or collateral_id is not null", name="compared_with_a_piece"),
        Index("ix_task_evidence_task_id", "task_id", "received_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    words_sealed: Mapped[bytes | None]
    place_sealed: Mapped[bytes | None]
    place_source: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(index=True)
    object_key: Mapped[str | None]
    media_type: Mapped[str | None]
    size: Mapped[int | None]
    reference: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    by: Mapped[str]
    received_at: Mapped[datetime]
    picture_sha256: Mapped[str | None] = mapped_column(index=True)
    collateral_id: Mapped[UUID | None] = mapped_column(index=True)
    matches: Mapped[bool | None]
    looks: Mapped[str | None] = mapped_column(BIT(1408))
    points: Mapped[bytes | None]
    like_id: Mapped[UUID | None]
    again_id: Mapped[UUID | None]
    explained_sealed: Mapped[bytes | None]
    explained_by: Mapped[str | None]
    explained_at: Mapped[datetime | None]
    vouched_sealed: Mapped[bytes | None]
    vouched_by: Mapped[str | None]
    vouched_at: Mapped[datetime | None]


class StaffLeave(Table):
    """Somebody of the lender is away, and who has their open tasks meanwhile. ``handed_at``: when these went over;
    ``said_by``: who said it where they could not (a fall, a fever), with the login's id."""

    __tablename__ = "staff_leave"
    __table_args__ = (
        CheckConstraint("staff_id <> deputy_id", name="somebody_else"),
        CheckConstraint("ends_at > begins_at", name="ends_after_it_begins"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    said_at: Mapped[datetime]
    said_by: Mapped[str | None]
    handed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

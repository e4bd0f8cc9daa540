"""What two people release into the running system: published reference rates and files of the policy."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class PolicyRelease(Table):
    """A text of the policy: proposed with what it changes and touches, released by another person, never changed.

    ``diff``: the rows that differ, and how many live contracts, offers and applications they touch, as it was shown;
    ``shown_hash`` is of text and rows, and binds the answer to them. ``number`` grows with each proposal.
    """

    __tablename__ = "policy_release"
    __table_args__ = (
        one_of("state", "open", "released", "rejected", "withdrawn"),
        CheckConstraint("(state = 'open') = (decided_by is null)", name="decided_by_somebody"),
        CheckConstraint("state <> 'released' or decided_by <> proposed_by", name="two_people"),
        Index("uq_policy_release_open", "room", "subject", unique=True, postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Identity(), unique=True)
    room: Mapped[str]
    subject: Mapped[str]
    effective_on: Mapped[date]
    content: Mapped[str]
    base_version: Mapped[str]
    diff: Mapped[Json]
    shown_hash: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None]

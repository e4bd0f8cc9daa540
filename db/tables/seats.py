"""Seats of a firm: who may read for its owner, in which role, until when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of

LIVES = "state in ('invited', 'taken')"


class FirmSeat(Table):
    """One seat at one firm. ``person_id`` gave it, ``holder_id`` has it; all instants are wall time, as a session's."""

    __tablename__ = "firm_seat"
    __table_args__ = (
        one_of("role", "accountant", "representative"),
        one_of("state", "invited", "taken", "declined", "revoked", "lapsed", "given_up"),
        CheckConstraint("person_id <> holder_id", name="somebody_else"),
        CheckConstraint("(state in ('invited', 'taken')) = (ended_at is null)", name="ended_when_over"),
        Index("uq_firm_seat_live", "firm_id", "holder_id", unique=True, postgresql_where=text(LIVES)),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    state: Mapped[str]
    phone_masked: Mapped[str]
    given_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    ends_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

"""The door: sessions, codes, staff, limits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of


class Staff(Table):
    """A login of an employee, password and second factor always. ``employee``: who is behind it, also of two logins."""

    __tablename__ = "staff"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    employee: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    totp_sealed: Mapped[bytes]
    totp_last_step: Mapped[int] = mapped_column(server_default="0")
    roles: Mapped[list[str]]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Session(Table):
    """A signed-in browser. Only the SHA-256 of its token is kept; ``proven_at``: its last second factor; ``seat_id``:
    the seat of another's firm that its person reads from just now."""

    __tablename__ = "session"
    __table_args__ = (
        one_of("kind", "owner", "staff"),
        CheckConstraint("(person_id is null) <> (staff_id is null)", name="one_principal"),
        Index("ix_session_seat_id", "seat_id", postgresql_where=text("seat_id is not null")),
    )
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str]
    factor: Mapped[str]
    device: Mapped[str]
    network: Mapped[str | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    proven_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seat_id: Mapped[UUID | None] = mapped_column(ForeignKey("firm_seat.id"))


class OneTimeCode(Table):
    """A code sent to a phone: to sign in, to sign or to confirm, these two bound to the hash of what is meant."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        one_of("purpose", "sign_in", "sign", "confirm", "data"),
        Index("ix_one_time_code_live", "phone_index", "purpose", "sent_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    phone_index: Mapped[bytes]
    purpose: Mapped[str]
    bound_hash: Mapped[str | None]
    code_hash: Mapped[bytes]
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RateLimit(Table):
    """Theoretical arrival times of the generic cell rate algorithm; unlogged, a crash forgives."""

    __tablename__ = "rate_limit"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)
    key: Mapped[str] = mapped_column(primary_key=True)
    tat: Mapped[datetime]

"""What was asked, once, and the trail of who did what."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Identity,
    Index,
    Integer,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class Command(Table):
    """What somebody asked for, on its way to a workflow. Its id is the update id: delivered once however often sent.

    ``argument`` crosses the wire; ``detail`` is what an activity needs and must not cross (a reason in words).
    """

    __tablename__ = "command"
    __table_args__ = (
        one_of("state", "waiting", "done", "refused", "dead"),
        Index("ix_command_waiting", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    workflow_type: Mapped[str]
    workflow_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    argument: Mapped[Json]
    detail: Mapped[Json | None]
    start: Mapped[Json | None]
    principal: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    refusal: Mapped[str | None]
    refusal_params: Mapped[Json | None]
    result: Mapped[Json | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class IdempotencyKey(Table):
    """One unsafe request of one client: its body's hash for ever, its answer for thirty days."""

    __tablename__ = "idempotency_key"
    client: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    object_id: Mapped[str | None]
    command_id: Mapped[UUID | None]
    status: Mapped[int | None] = mapped_column(Integer)
    response: Mapped[Json | None]
    created_at: Mapped[datetime]


class Audit(Table):
    """Append-only: who did what to what, why, and by which rule. Written in the transaction of the act."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_assisted", "object_id", postgresql_where=text("action = 'draft.assist'")),
        Index("ix_audit_opened", "object_id", postgresql_where=text("action = 'offline.open'")),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(server_default=text("(pg_current_xact_id()::text)::bigint"))
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    actor: Mapped[str]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    detail: Mapped[Json]
    request_id: Mapped[str | None]
    written_by: Mapped[str | None] = mapped_column(server_default=text("session_user"))


class AuditSeal(Table):
    """The chain over the audit rows, written by one sealer behind the writers.

    ``border``: rows of transactions below it were all in the chain when this one was put there.
    """

    __tablename__ = "audit_seal"
    audit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(unique=True)
    hash: Mapped[bytes]
    border: Mapped[int | None]
    sealed_at: Mapped[datetime | None] = mapped_column(server_default=text("clock_timestamp()"))


class AuditRoot(Table):
    """The heads of both chains at an instant, signed; the same words lie in the store, which keeps them as they are."""

    __tablename__ = "audit_root"
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    statement: Mapped[str]
    signature: Mapped[bytes]
    object_key: Mapped[str]
    signed_at: Mapped[datetime]


class InboundEvent(Table):
    """An event from outside, kept before it is answered with 2xx; the same event twice is one row."""

    __tablename__ = "inbound_event"
    __table_args__ = (Index("ix_inbound_event_waiting", "received_at", postgresql_where=text("applied_at is null")),)
    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[Json]
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    problem: Mapped[str | None]

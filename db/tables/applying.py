"""An application from its draft to its contract."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class Application(Table):
    """Projection of an application's workflow: where it stands, who acts, by when. Pages read only this row."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("version >= 0", name="version_counts"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Identity(start=1001), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    firm_id: Mapped[UUID | None] = mapped_column(ForeignKey("firm.id"))
    bank_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_account.id"))
    product_id: Mapped[str]
    policy_version: Mapped[str]
    channel: Mapped[str]
    stage: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    months: Mapped[int] = mapped_column(Integer)
    share: Mapped[Decimal]
    declared_revenue_minor: Mapped[int | None]
    purpose: Mapped[str | None]
    waiting_for: Mapped[str]
    due_at: Mapped[datetime | None]
    note: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    offer_id: Mapped[UUID | None]
    loan_id: Mapped[UUID | None]
    renews_loan_id: Mapped[UUID | None]
    # Of a draw (借据): the line that answered it before it was asked for.
    line_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_line.id", use_alter=True), index=True)
    # The code of the manager's QR by which its owner came; None: by themselves.
    manager_code: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class TimelineEvent(Table):
    """One line of the story that owner and manager both see. Texts are made from ``kind`` and ``params`` when shown."""

    __tablename__ = "timeline_event"
    __table_args__ = (Index("ix_timeline_event_story", "application_id", "n"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Identity(always=True))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID]
    kind: Mapped[str]
    params: Mapped[Json]
    actor: Mapped[str]
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Draft(Table):
    """What somebody typed for an application and did not send yet; one a person, gone once it is sent.

    ``fields_sealed``: JSON, name to value, version and channel of its last change (:class:`lending.drafts.Kept`).
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("version > 0", name="version_counts"),
        one_of("channel", "owner", "manager", "partner"),
        Index("ix_draft_changed_at", "changed_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    fields_sealed: Mapped[bytes]
    version: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str]
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    reminders_wanted: Mapped[bool] = mapped_column(server_default="true")
    reminded: Mapped[int] = mapped_column(Integer, server_default="0")
    reminded_at: Mapped[datetime | None]


class PolicyContent(Table):
    """A lending policy as it was when it decided, under the hash of its own words: kept for ever, never changed."""

    __tablename__ = "policy_content"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    version: Mapped[str]
    content: Mapped[Json]
    kept_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Decision(Table):
    """One verdict with all that it rested on; a later verdict is a new row.

    ``basis``: what the machine saw and found, from which it can be found again (:mod:`lending.replaying`); None for
    verdicts of before it was kept. ``route``: who decided, and by ``route_reason`` why.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("application_id", "n"),
        one_of("outcome", "approve", "review", "decline"),
        one_of("route", "automatic", "hybrid", "manual"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID]
    n: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str]
    reasons: Mapped[list[Any]] = mapped_column(JSONB)
    path_to_yes: Mapped[Json | None]
    ways_to_yes: Mapped[list[Any] | None] = mapped_column(JSONB)
    health: Mapped[Json | None]
    limit_minor: Mapped[int]
    pd: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    grade: Mapped[str | None]
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    features: Mapped[Json]
    ratios: Mapped[Json]
    model_id: Mapped[str | None]
    model_role: Mapped[str | None]
    findings: Mapped[list[Any] | None] = mapped_column(JSONB)  # what looked wrong, as lending.suspicions has it
    policy_version: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    annual_rate: Mapped[Decimal | None]
    longest_months: Mapped[int | None] = mapped_column(Integer)
    route: Mapped[str | None]
    route_reason: Mapped[str | None]
    policy_sha256: Mapped[str | None] = mapped_column(ForeignKey("policy_content.sha256"))
    basis: Mapped[Json | None]


class Offer(Table):
    """One plan on the table until it expires. ``terms`` is the canonical form that ``terms_hash`` is made of."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("decision_id", "n"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID]
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"))
    n: Mapped[int] = mapped_column(Integer)
    terms: Mapped[Json]
    terms_hash: Mapped[str]
    projection: Mapped[Json]
    expires_at: Mapped[datetime]
    chosen_at: Mapped[datetime | None]


class KeyFacts(Table):
    """The key-facts sheet (贷款明白纸) of a chosen offer: shown, read for the legal time, then confirmed by signing."""

    __tablename__ = "key_facts"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID]
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), unique=True)
    terms_hash: Mapped[str]
    sheet: Mapped[Json]
    opened_at: Mapped[datetime | None]
    readable_from: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]


class Contract(Table):
    """One signed contract an application at the most, with the evidence of the act of signing."""

    __tablename__ = "contract"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    person_id: Mapped[UUID]
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    key_facts_id: Mapped[UUID] = mapped_column(ForeignKey("key_facts.id"))
    number: Mapped[str] = mapped_column(unique=True)
    terms_hash: Mapped[str]
    evidence: Mapped[Json]
    signed_at: Mapped[datetime]


class Document(Table):
    """A paper of an application or loan: in S3, with its hash in the row."""

    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID]
    kind: Mapped[str]
    object_key: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[datetime]


class Task(Table):
    """Something only a person can do, with an owner and a time by which it is due.

    ``slot_at``, ``way``, ``place_sealed``: when, how and where somebody comes; ``pack``: what they take
    along, as codes and figures. ``point_sealed``: JSON of latitude and longitude of the place, ``point_precision``: how
    exactly an address was found; ``room_sealed``: JSON of the room of a live video; ``agreed_at``, ``agreed_words``:
    when its customer agreed to be recorded, and the hash of the words.
    """

    __tablename__ = "task"
    __table_args__ = (
        one_of("state", "open", "done", "cancelled"),
        one_of("way", "on_site", "video"),
        one_of("point_precision", "house", "street", "town", "unknown"),
        Index("ix_task_inbox", "due_at", postgresql_where=text("state = 'open'")),
        Index("ix_task_owner_id", "owner_id", postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID]
    role: Mapped[str]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str]
    params: Mapped[Json]
    own_view: Mapped[Json | None]
    outcome: Mapped[Json | None]
    slot_at: Mapped[datetime | None]
    way: Mapped[str | None]
    place_sealed: Mapped[bytes | None]
    point_sealed: Mapped[bytes | None]
    point_precision: Mapped[str | None]
    room_sealed: Mapped[bytes | None]
    agreed_at: Mapped[datetime | None]
    agreed_words: Mapped[str | None]
    pack: Mapped[Json | None]
    pack_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Notice(Table):
    """A message to a person: one per cause. The text is made when it is sent, in the person's language.

    ``not_before`` and ``because``: what the rules of contact said last; ``stopped`` is what they ended for good.
    """

    __tablename__ = "notice"
    __table_args__ = (one_of("state", "waiting", "sent", "failed", "stopped"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID | None]
    kind: Mapped[str]
    params: Mapped[Json]
    state: Mapped[str]
    reference: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    because: Mapped[str | None]

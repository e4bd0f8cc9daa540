"""Every table of the service. A table has no methods; a query is a function beside its subject.

Conventions: amounts are ``*_minor`` (integers of the currency's minor unit), instants are aware and UTC, ``*_on`` is a
business date, ``*_sealed`` is personal data encrypted with the person's own key, ``*_index`` a keyed hash for look-ups.
Tables that an owner may read carry ``person_id``: row-level security compares it with the session's principal.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        date: Date(),
        UUID: Uuid(),
        str: Text(),
        int: BigInteger(),
        bytes: LargeBinary(),
        Json: JSONB(),
        Decimal: Numeric(),
        list[str]: ARRAY(Text()),
    }


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


# --- people and firms -------------------------------------------------------------------------------------------------


class Person(Table):
    """A natural person. What identifies them is sealed with their own key, which erasure destroys."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    phone_index: Mapped[bytes] = mapped_column(unique=True)
    phone_sealed: Mapped[bytes]
    name_sealed: Mapped[bytes | None]
    id_number_sealed: Mapped[bytes | None]
    id_number_index: Mapped[bytes | None] = mapped_column(index=True)
    locale: Mapped[str] = mapped_column(server_default="zh_CN")
    large_type: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]


class PersonKey(Table):
    """The data key of one person, wrapped by the key-encryption key. Destroying the row is the erasure."""

    __tablename__ = "person_key"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    wrapped: Mapped[bytes | None]
    key_id: Mapped[str]
    destroyed_at: Mapped[datetime | None]


class Firm(Table):
    """A business: a company, a sole trader (个体工商户) or a self-employed person without a licence."""

    __tablename__ = "firm"
    __table_args__ = (_one_of("kind", "company", "sole_trader", "self_employed"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    name_sealed: Mapped[bytes]
    licence_sealed: Mapped[bytes | None]
    licence_index: Mapped[bytes | None] = mapped_column(index=True)
    trade: Mapped[str | None]
    region: Mapped[str | None]
    created_at: Mapped[datetime]


class BankAccount(Table):
    """An account of a person, proven to be theirs by bank-card authentication or not yet."""

    __tablename__ = "bank_account"
    __table_args__ = (UniqueConstraint("person_id", "number_index"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    number_sealed: Mapped[bytes]
    number_index: Mapped[bytes] = mapped_column(index=True)
    masked: Mapped[str]
    bank: Mapped[str | None]
    proven_at: Mapped[datetime | None]
    first_paid_on: Mapped[date | None]
    created_at: Mapped[datetime]


class IdentityCheck(Table):
    """One asked-for check of a provider and its answer; reused in every channel while valid."""

    __tablename__ = "identity_check"
    __table_args__ = (_one_of("outcome", "asked", "match", "mismatch"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    kind: Mapped[str]
    outcome: Mapped[str]
    reference: Mapped[str | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]


class Consent(Table):
    """What a person allowed: purpose, source, the very text, for how long, in which channel, with which proof."""

    __tablename__ = "consent"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    purpose: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")
    scope: Mapped[str]
    text_hash: Mapped[str]
    locale: Mapped[str]
    channel: Mapped[str]
    proof: Mapped[Json]
    given_at: Mapped[datetime]
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]


class AccessRecord(Table):
    """Who read which personal data, when and why; shown to the person."""

    __tablename__ = "access_record"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    what: Mapped[str]
    purpose: Mapped[str]


# --- the door: sessions, codes, staff, limits -------------------------------------------------------------------------


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
    """A signed-in browser. Only the SHA-256 of its token is kept; ``proven_at``: its last second factor."""

    __tablename__ = "session"
    __table_args__ = (
        _one_of("kind", "owner", "staff"),
        CheckConstraint("(person_id is null) <> (staff_id is null)", name="one_principal"),
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


class OneTimeCode(Table):
    """A code sent to a phone: to sign in, to sign or to confirm, these two bound to the hash of what is meant."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        _one_of("purpose", "sign_in", "sign", "confirm", "data"),
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


# --- commands, idempotency, audit -------------------------------------------------------------------------------------


class Command(Table):
    """What somebody asked for, on its way to a workflow. Its id is the update id: delivered once however often sent.

    ``argument`` crosses the wire; ``detail`` is what an activity needs and must not cross (a reason in words).
    """

    __tablename__ = "command"
    __table_args__ = (
        _one_of("state", "waiting", "done", "refused", "dead"),
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


# --- applying ---------------------------------------------------------------------------------------------------------


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
        _one_of("channel", "owner", "manager", "partner"),
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


class IdentityPaper(Table):
    """A photo of an identity card or a business licence, sealed in the store, and what was read of it.

    ``fields_sealed``: JSON of :class:`imports.identity_papers.Paper`; ``kind`` is known once it was read.
    """

    __tablename__ = "identity_paper"
    __table_args__ = (
        UniqueConstraint("person_id", "sha256"),
        _one_of("state", "received", "read", "refused"),
        _one_of("kind", "id_card", "licence"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str | None]
    state: Mapped[str]
    problem: Mapped[str | None]
    fields_sealed: Mapped[bytes | None]
    size: Mapped[int]
    sha256: Mapped[str]
    object_key: Mapped[str]
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class StatementFile(Table):
    """An uploaded bill or list of invoices: the object in S3 by its hash, and what was understood of it.

    ``hints`` is what the owner said of a list: ``side`` (sale, purchase) and ``mapping`` (role=heading texts).
    """

    __tablename__ = "statement_file"
    __table_args__ = (
        UniqueConstraint("application_id", "sha256"),
        Index("ix_statement_file_sha256", "sha256"),
        _one_of("state", "received", "read", "refused"),
        _one_of("holds", "statement", "invoices"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID]
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"), index=True)
    holds: Mapped[str] = mapped_column(server_default=text("'statement'"))
    hints: Mapped[Json | None]
    name_sealed: Mapped[bytes]
    size: Mapped[int]
    sha256: Mapped[str]
    object_key: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str | None]
    problem_params: Mapped[Json | None]
    summary: Mapped[Json | None]
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class StatementLine(Table):
    """One movement of a firm's money as its wallet or bank told it. Filled by COPY; names are kept as keyed hashes.

    ``direction`` is 1 in, -1 out, 0 neutral; ``kind`` and ``flags`` are codes of ``imports.lines``; ``balance_minor``
    is what the source stated after the line, null where it stated none.
    """

    __tablename__ = "statement_line"
    firm_id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    file_id: Mapped[UUID]
    n: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    on_date: Mapped[date]
    direction: Mapped[int] = mapped_column(SmallInteger)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    kind: Mapped[int] = mapped_column(SmallInteger)
    counterparty_key: Mapped[bytes | None]
    flags: Mapped[int] = mapped_column(SmallInteger)
    balance_minor: Mapped[int | None]


class Invoice(Table):
    """One invoice of a firm, from a list or a ledger. Filled by COPY; names and numbers are kept as keyed hashes.

    ``side`` is 1 issued, -1 received; ``status`` and ``flags`` are codes of ``imports.invoice_list``; red-ink amounts
    are negative. ``fingerprint`` is the same for every firm that brings this invoice; ``serial`` is the number's last
    fifteen digits, where it is one.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        Index("ix_invoice_fingerprint", "fingerprint"),
        CheckConstraint("side in (1, -1)", name="side_known"),
    )
    firm_id: Mapped[UUID] = mapped_column(primary_key=True)
    side: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    file_id: Mapped[UUID]
    n: Mapped[int] = mapped_column(Integer)
    issued_on: Mapped[date]
    due_on: Mapped[date | None]
    settled_on: Mapped[date | None]
    net_minor: Mapped[int]
    tax_minor: Mapped[int]
    currency: Mapped[str]
    counterparty_key: Mapped[bytes | None]
    number_key: Mapped[bytes | None]
    cancels_key: Mapped[bytes | None]
    serial: Mapped[int | None]
    status: Mapped[int] = mapped_column(SmallInteger)
    flags: Mapped[int] = mapped_column(SmallInteger)


class CounterpartyName(Table):
    """The name behind a key, sealed for the firm's owner: only those whose lines weigh much are kept."""

    __tablename__ = "counterparty_name"
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"), primary_key=True)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    name_sealed: Mapped[bytes]


class FlowCorrection(Table):
    """What an owner said that money was: of one line, of all with a counterparty, or of all that were read alike.

    Append-only. The newest of a target counts; one without ``to_use`` takes the earlier ones back. ``kind`` and
    ``guessed`` name what is ``alike``; for a line and a counterparty they are 0 and false.
    """

    __tablename__ = "flow_correction"
    __table_args__ = (
        _one_of("target", "line", "counterparty", "alike"),
        _one_of("to_use", "business", "private", "own_account"),
        Index("ix_flow_correction_firm_id", "firm_id", "n"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    person_id: Mapped[UUID]
    application_id: Mapped[UUID]
    target: Mapped[str]
    fingerprint: Mapped[bytes | None]
    counterparty_key: Mapped[bytes | None]
    direction: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[int] = mapped_column(SmallInteger)
    guessed: Mapped[bool]
    to_use: Mapped[str | None]
    actor: Mapped[str]
    made_at: Mapped[datetime]


class BureauReport(Table):
    """What the credit bureau answered to one inquiry, under one consent."""

    __tablename__ = "bureau_report"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(index=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))
    reference: Mapped[str]
    report_sealed: Mapped[bytes]
    received_at: Mapped[datetime]


REGISTER_SOURCES = ("company_report", "courts", "registry")


class RegisterAnswer(Table):
    """What another register answered to one inquiry: the bureau about the firm, the courts, the company register."""

    __tablename__ = "register_answer"
    __table_args__ = (_one_of("source", *REGISTER_SOURCES),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(index=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))
    source: Mapped[str]
    reference: Mapped[str]
    answer_sealed: Mapped[bytes]
    received_at: Mapped[datetime]


class PartyRole(Table):
    """Who stands behind a loan besides its borrower, by a keyed hash: guarantor, supplier that is paid, main buyer.

    ``amount_minor``: what the role answers for; None is all of the loan.
    """

    __tablename__ = "party_role"
    __table_args__ = (
        UniqueConstraint("application_id", "role", "party_index"),
        _one_of("role", "guarantor", "supplier", "buyer"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    role: Mapped[str]
    party_index: Mapped[bytes] = mapped_column(index=True)
    amount_minor: Mapped[int | None]
    noted_at: Mapped[datetime]


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
        _one_of("outcome", "approve", "review", "decline"),
        _one_of("route", "automatic", "hybrid", "manual"),
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
    """Something only a person can do, with an owner and a time by which it is due."""

    __tablename__ = "task"
    __table_args__ = (
        _one_of("state", "open", "done", "cancelled"),
        Index("ix_task_inbox", "due_at", postgresql_where=text("state = 'open'")),
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
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Notice(Table):
    """A message to a person: one per cause. The text is made when it is sent, in the person's language."""

    __tablename__ = "notice"
    __table_args__ = (_one_of("state", "waiting", "sent", "failed"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID | None]
    kind: Mapped[str]
    params: Mapped[Json]
    state: Mapped[str]
    reference: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


# --- money ------------------------------------------------------------------------------------------------------------


class Loan(Table):
    """What was lent and on which terms. Terms never change in place; balances are in ``loan_balance``."""

    __tablename__ = "loan"
    __table_args__ = (
        _one_of("state", "pending", "live", "closed", "cancelled"),
        CheckConstraint("principal_minor > 0", name="principal_positive"),
        Index("ix_loan_live_shard", "shard", "id", postgresql_where=text("state = 'live'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    product_id: Mapped[str]
    policy_version: Mapped[str]
    jurisdiction: Mapped[str]
    currency: Mapped[str]
    principal_minor: Mapped[int]
    annual_rate: Mapped[Decimal]
    day_count: Mapped[str]
    share: Mapped[Decimal]
    months: Mapped[int] = mapped_column(Integer)
    terms: Mapped[Json]
    terms_hash: Mapped[str]
    rate_units: Mapped[int]
    units_per_minor: Mapped[int]
    share_ppm: Mapped[int]
    window_months: Mapped[int] = mapped_column(Integer)
    windows: Mapped[int] = mapped_column(Integer)
    grace_days: Mapped[int] = mapped_column(Integer)
    shard: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_account.id"))
    account_index: Mapped[bytes] = mapped_column(index=True)
    state: Mapped[str]
    created_at: Mapped[datetime]
    live_on: Mapped[date | None]
    matures_on: Mapped[date | None]
    closed_on: Mapped[date | None]


class LoanBalance(Table):
    """Projection of a loan's entries as ``lending.close.LoanDay`` carries it; checked against the fold of the entries.

    ``as_of`` is the last closed day; ``accrued_units`` all interest earned so far, an exact integer
    (``loan.units_per_minor`` of them make one minor unit).
    """

    __tablename__ = "loan_balance"
    __table_args__ = (
        CheckConstraint("principal_minor >= 0", name="principal_not_negative"),
        CheckConstraint("in_flight_minor >= 0", name="in_flight_not_negative"),
        CheckConstraint("carry_minor <= 0", name="carry_not_positive"),
    )
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    as_of: Mapped[date]
    principal_minor: Mapped[int]
    accrued_units: Mapped[Decimal] = mapped_column(Numeric(30, 0))
    interest_paid_minor: Mapped[int]
    paid_minor: Mapped[int]
    carry_minor: Mapped[int]
    uncollected_minor: Mapped[int]
    in_flight_minor: Mapped[int]
    windows_passed: Mapped[int] = mapped_column(Integer)
    past_due_since: Mapped[date | None]
    past_due_minor: Mapped[int]
    days_past_due: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]


class Entry(Table):
    """A fact about money, never changed. The id is derived from its cause: the same cause cannot be booked twice.

    No foreign keys here and on ``posting``: they cost more than all else in the daily close. Whoever posts proves the
    references in the same transaction, and the nightly proof repeats it.
    """

    __tablename__ = "entry"
    __table_args__ = (
        Index("ix_entry_loan", "loan_id", "effective_on"),
        Index("ix_entry_sealing", "transaction_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID | None]
    kind: Mapped[str]
    currency: Mapped[str]
    booked_at: Mapped[datetime]
    effective_on: Mapped[date]
    source: Mapped[str]
    transaction_id: Mapped[int] = mapped_column(server_default=text("(pg_current_xact_id()::text)::bigint"))
    written_by: Mapped[str | None] = mapped_column(server_default=text("session_user"))


class Posting(Table):
    """Moves an amount from one account (credit) to another (debit): zero-sum by construction."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("debit <> credit", name="moves"),
    )
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    debit: Mapped[str]
    credit: Mapped[str]
    amount_minor: Mapped[int]


class JournalSeal(Table):
    """A stretch of the chain over the journal: up to some thousand entries in the order of their transactions.

    ``ids``: 16 bytes an entry; ``sizes``: one byte each, how many postings it has; ``hashes``: the chain after each
    entry, 32 bytes. One row an entry would cost the close more than the entries themselves.
    """

    __tablename__ = "journal_seal"
    __table_args__ = (
        CheckConstraint("length(ids) = 16 * length(sizes) and length(hashes) = 32 * length(sizes)", name="one_of_each"),
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_position: Mapped[int]
    last_transaction: Mapped[int]
    last_entry: Mapped[UUID]
    ids: Mapped[bytes]
    sizes: Mapped[bytes]
    hashes: Mapped[bytes]
    sealed_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


PAYOUT_STATES = ("scheduled", "submitting", "submitted", "unknown", "credited", "returned", "cancelled")


class Payout(Table):
    """Money on its way to a borrower. While one is under way no second can start for the same loan."""

    __tablename__ = "payout"
    __table_args__ = (
        _one_of("state", *PAYOUT_STATES),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(
            "uq_payout_under_way",
            "loan_id",
            unique=True,
            postgresql_where=text("state in ('scheduled', 'submitting', 'submitted', 'unknown', 'credited')"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    end_to_end_id: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_account.id"))
    payee_id: Mapped[UUID | None]  # a ``named_payee`` that is paid instead of that account
    approval_hash: Mapped[str]
    tier: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    rail_reference: Mapped[str | None]
    pay_at: Mapped[datetime]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    credited_at: Mapped[datetime | None]
    credited_on: Mapped[date | None]


class PayoutAttempt(Table):
    """Committed before the rail is called, so that no call is ever forgotten."""

    __tablename__ = "payout_attempt"
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payout.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    begun_at: Mapped[datetime]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class RevenueDay(Table):
    """Sales, refunds and chargebacks of one firm's account on one day, as one batch told them."""

    __tablename__ = "revenue_day"
    __table_args__ = (Index("ix_revenue_day_open", "loan_id", "on_date", postgresql_where=text("swept_on is null")),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    person_id: Mapped[UUID]
    on_date: Mapped[date]
    sales_minor: Mapped[int]
    refunds_minor: Mapped[int]
    chargebacks_minor: Mapped[int]
    batch: Mapped[str]
    received_at: Mapped[datetime]
    swept_on: Mapped[date | None]


class Collection(Table):
    """An instruction to take the share of a day's revenue, and the rail's receipt for it."""

    __tablename__ = "collection"
    __table_args__ = (
        _one_of("state", "instructed", "received", "partial", "failed"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_collection_close", "close_on", "shard"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), index=True)
    person_id: Mapped[UUID]
    close_on: Mapped[date]
    shard: Mapped[int] = mapped_column(Integer)
    net_revenue_minor: Mapped[int]
    amount_minor: Mapped[int]
    received_minor: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str]
    rail_reference: Mapped[str | None]
    received_at: Mapped[datetime | None]


class Close(Table):
    """The close of one business day in one jurisdiction.

    ``difference_minor``: interest receivable in the general ledger less the sum over loans; other than 0 is a break.
    """

    __tablename__ = "close"
    __table_args__ = (_one_of("state", "running", "closed"),)
    jurisdiction: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    difference_minor: Mapped[int] = mapped_column(server_default="0")


class CloseShard(Table):
    """What one shard's transaction of a close did, with an ordered hash over its loans."""

    __tablename__ = "close_shard"
    jurisdiction: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    loans: Mapped[int] = mapped_column(Integer)
    accrued_minor: Mapped[int]
    instructed_minor: Mapped[int]
    sha256: Mapped[str]
    closed_at: Mapped[datetime]
    collected_at: Mapped[datetime | None]


class BankStatement(Table):
    """A statement of our account at the rail, by its own number, and what it was matched to; the file is the bank's.

    ``breaks``: each with its reason, the order, both amounts and days, and what is known of it on our side.
    """

    __tablename__ = "bank_statement"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="days_in_order"),)
    account: Mapped[str] = mapped_column(primary_key=True)
    statement_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    currency: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date]
    opening_minor: Mapped[int]
    closing_minor: Mapped[int]
    rows: Mapped[int] = mapped_column(Integer)
    matched: Mapped[int] = mapped_column(Integer)
    breaks: Mapped[list[Any]] = mapped_column(JSONB)
    reconciled_at: Mapped[datetime]


# --- time, models -----------------------------------------------------------------------------------------------------


class ClockSegment(Table):
    """From ``real_at`` on, business time runs from ``business_at`` at ``speed``. Append-only.

    ``wish_speed`` and ``wish_until``: what was asked of a simulated clock beyond this segment (:mod:`db.pacing`).
    """

    __tablename__ = "clock_segment"
    __table_args__ = (
        CheckConstraint("speed >= 0", name="speed_forward"),
        CheckConstraint("wish_speed is not null or wish_until is null", name="wish_has_a_speed"),
    )
    clock_id: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    real_at: Mapped[datetime]
    business_at: Mapped[datetime]
    speed: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    wish_speed: Mapped[int | None] = mapped_column(Integer)
    wish_until: Mapped[datetime | None]


class ClockWaiter(Table):
    """A workflow that waits for a business instant: whoever moves the clock wakes it."""

    __tablename__ = "clock_waiter"
    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    clock_id: Mapped[str] = mapped_column(index=True)
    until: Mapped[datetime]


MODEL_ROLES = ("candidate", "champion", "challenger", "shadow", "fallback", "retired")


class ScoringModel(Table):
    """A model file in S3 with its card, by what it is used for.

    One champion decides, one fallback stands in for it, one challenger takes ``share`` of the decisions, shadows score
    beside them. ``stood_down_at``: the champion does not decide for the time being, for ``stood_down_why``.
    """

    __tablename__ = "scoring_model"
    __table_args__ = (
        _one_of("role", *MODEL_ROLES),
        CheckConstraint("(role = 'challenger') = (share is not null)", name="share_of_a_challenger"),
        CheckConstraint("share > 0 and share <= 0.5", name="share_is_a_part"),
        CheckConstraint("stood_down_at is null or role = 'champion'", name="champions_stand_down"),
        Index("uq_scoring_model_champion", "role", unique=True, postgresql_where=text("role = 'champion'")),
        Index("uq_scoring_model_fallback", "role", unique=True, postgresql_where=text("role = 'fallback'")),
        Index("uq_scoring_model_challenger", "role", unique=True, postgresql_where=text("role = 'challenger'")),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    object_key: Mapped[str]
    sha256: Mapped[str]
    card: Mapped[Json]
    card_sha256: Mapped[str | None]
    share: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    stood_down_at: Mapped[datetime | None]
    stood_down_why: Mapped[str | None]
    created_at: Mapped[datetime]


class ModelMove(Table):
    """A model's way into another role: proposed by one person, answered by another, bound to file and card.

    ``proposed_by`` and ``decided_by`` are actors (``staff:…``); the database refuses that they are one.
    """

    __tablename__ = "model_move"
    __table_args__ = (
        _one_of("to_role", *MODEL_ROLES),
        _one_of("state", "open", "approved", "rejected", "withdrawn"),
        CheckConstraint("(state = 'open') = (decided_by is null)", name="decided_by_somebody"),
        CheckConstraint("state <> 'approved' or decided_by <> proposed_by", name="two_people"),
        Index("uq_model_move_open", "model_id", unique=True, postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("scoring_model.id"), index=True)
    sha256: Mapped[str]
    card_sha256: Mapped[str]
    from_role: Mapped[str]
    to_role: Mapped[str]
    share: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    reason: Mapped[str]
    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None]


class ShadowScore(Table):
    """What another model says of a decision that it did not make: stored, never used."""

    __tablename__ = "shadow_score"
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("scoring_model.id"), primary_key=True)
    role: Mapped[str]
    pd: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    scored_at: Mapped[datetime]


class Alarm(Table):
    """Something that the credit desk must look at: one row while it lasts, closed by a person with what came of it."""

    __tablename__ = "alarm"
    __table_args__ = (
        CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed_by_somebody"),
        Index("uq_alarm_open", "kind", "object_id", unique=True, postgresql_where=text("closed_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    detail: Mapped[Json]
    raised_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer, server_default="1")
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]


# --- after the decision -----------------------------------------------------------------------------------------------


class Night(Table):
    """A nightly job that was done for a business day; written in the transaction of what it did."""

    __tablename__ = "night"
    job: Mapped[str] = mapped_column(primary_key=True)
    jurisdiction: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
    detail: Mapped[Json]


class ModelWatch(Table):
    """One figure about a model on one day: drift of a feature or of the score, calibration in the large."""

    __tablename__ = "model_watch"
    __table_args__ = (
        _one_of("measure", "drift", "calibration"),
        _one_of("state", "calm", "watch", "alarm", "too_few"),
    )
    on_date: Mapped[date] = mapped_column(primary_key=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("scoring_model.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    expected: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    low: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    high: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    count: Mapped[int] = mapped_column(Integer)
    state: Mapped[str]


class LoanBad(Table):
    """The day on which a loan first was so long past due that it counts as a default; it stays one."""

    __tablename__ = "loan_bad"
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    bad_on: Mapped[date]


class EarlyWarning(Table):
    """A sign of difficulty of a live borrower and what came of it; one open row a loan and cause."""

    __tablename__ = "early_warning"
    __table_args__ = (
        CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed_by_somebody"),
        Index("uq_early_warning_open", "loan_id", "cause", unique=True, postgresql_where=text("closed_at is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID]
    cause: Mapped[str]
    figures: Mapped[Json]
    raised_on: Mapped[date]
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]
    words: Mapped[str | None]


class Prescore(Table):
    """A firm of a list: scored under its owner's consent until ``valid_until``, or refused by name."""

    __tablename__ = "prescore"
    __table_args__ = (
        _one_of("state", "scored", "refused"),
        CheckConstraint("(state = 'scored') = (pd is not null)", name="scored_has_pd"),
    )
    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"), primary_key=True, index=True)
    person_id: Mapped[UUID]
    state: Mapped[str]
    reason: Mapped[str | None]
    model_id: Mapped[str | None]
    pd: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    grade: Mapped[str | None]
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    limit_minor: Mapped[int | None]
    scored_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class OrderLimit(Table):
    """How much may be lent to a firm against its orders without asking again; the newest night's row counts.

    ``basis``: the grade, the flows and the orders that it was made from.
    """

    __tablename__ = "order_limit"
    __table_args__ = (CheckConstraint("limit_minor >= 0", name="limit_not_negative"),)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"), primary_key=True)
    person_id: Mapped[UUID]
    limit_minor: Mapped[int]
    currency: Mapped[str]
    model_id: Mapped[str]
    basis: Mapped[Json]
    made_on: Mapped[date]
    valid_until: Mapped[datetime]


class StoreRow(Table):
    """A decided application for training: no names, no ids; ``key`` is a keyed hash that leads back to nothing here.

    ``features`` as at the decision, ``facts`` amounts and codes, ``outcome`` once the loan has ripened.
    """

    __tablename__ = "store_row"
    __table_args__ = (_one_of("outcome", "unknown", "good", "bad"),)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    month: Mapped[str]
    features: Mapped[Json]
    facts: Mapped[Json]
    outcome: Mapped[str]
    changed_at: Mapped[datetime]


class GlassBreak(Table):
    """Whose row of the training store this is: asked by one person, allowed by another, for a purpose, for a while."""

    __tablename__ = "glass_break"
    __table_args__ = (
        _one_of("state", "asked", "allowed", "refused"),
        CheckConstraint("(state = 'asked') = (answered_by is null)", name="answered_by_somebody"),
        CheckConstraint("answered_by <> asked_by", name="two_people"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    store_key: Mapped[bytes]
    purpose: Mapped[str]
    words: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    open_until: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(Integer, server_default="0")

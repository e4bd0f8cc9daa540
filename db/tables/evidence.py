"""What an applicant brings and what registers answer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class IdentityPaper(Table):
    """A photo of an identity card or a business licence, sealed in the store, and what was read of it.

    ``fields_sealed``: JSON of :class:`imports.identity_papers.Paper`; ``kind`` is known once it was read.
    """

    __tablename__ = "identity_paper"
    __table_args__ = (
        UniqueConstraint("person_id", "sha256"),
        one_of("state", "received", "read", "refused"),
        one_of("kind", "id_card", "licence"),
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


class InvoicePaper(Table):
    """An e-invoice that an owner brought for a line, sealed in the store, and what it says.

    ``name_sealed``: the file's name; ``found_sealed``: JSON, one :class:`db.invoice_papers.Found` an invoice, once it
    was read.
    """

    __tablename__ = "invoice_paper"
    __table_args__ = (
        UniqueConstraint("line_id", "sha256"),
        one_of("state", "received", "read", "refused"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("credit_line.id"))
    state: Mapped[str]
    problem: Mapped[str | None]
    problem_params: Mapped[Json | None]
    name_sealed: Mapped[bytes]
    found_sealed: Mapped[bytes | None]
    size: Mapped[int]
    sha256: Mapped[str]
    object_key: Mapped[str]
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class EvidenceDocument(Table):
    """A paper that a person looks at: redrawn when it came in (``infra.cleaning``), sealed in the store.

    ``item``: a line of ``policies/checklists.yaml``; ``channel``: through which door it came; ``sha256``: of the bytes
    as they were brought, ``pages`` and ``media_type`` of what is kept; ``refusal``: one of the item's codes.
    """

    __tablename__ = "evidence_document"
    __table_args__ = (
        UniqueConstraint("application_id", "sha256"),
        Index("ix_evidence_document_sha256", "sha256"),
        one_of("state", "received", "accepted", "refused"),
        one_of("channel", "owner", "manager", "partner"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    item: Mapped[str]
    channel: Mapped[str]
    brought_by: Mapped[str]
    name_sealed: Mapped[bytes]
    sha256: Mapped[str]
    object_key: Mapped[str]
    media_type: Mapped[str]
    pages: Mapped[int]
    size: Mapped[int]
    state: Mapped[str]
    refusal: Mapped[str | None]
    words: Mapped[str | None]
    received_at: Mapped[datetime]
    judged_by: Mapped[str | None]
    judged_at: Mapped[datetime | None]


class StatementFile(Table):
    """An uploaded bill or list of invoices: the object in S3 by its hash, and what was understood of it.

    ``hints`` is what the owner said of a list: ``side`` (sale, purchase) and ``mapping`` (role=heading texts).
    """

    __tablename__ = "statement_file"
    __table_args__ = (
        UniqueConstraint("application_id", "sha256"),
        Index("ix_statement_file_sha256", "sha256"),
        one_of("state", "locked", "received", "read", "refused"),
        one_of("holds", "statement", "invoices"),
        one_of("channel", "owner", "manager", "partner", "mailbox"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID]
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"), index=True)
    holds: Mapped[str] = mapped_column(server_default=text("'statement'"))
    channel: Mapped[str] = mapped_column(server_default=text("'owner'"))
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
        one_of("target", "line", "counterparty", "alike"),
        one_of("to_use", "business", "private", "own_account"),
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
    __table_args__ = (one_of("source", *REGISTER_SOURCES),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(index=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))
    source: Mapped[str]
    reference: Mapped[str]
    answer_sealed: Mapped[bytes]
    received_at: Mapped[datetime]


class PartyRole(Table):
    """Who stands behind a loan besides its borrower, by a keyed hash: guarantor, co-borrower, supplier that is
    paid, main buyer.

    ``amount_minor``: what the role answers for; None is all of the loan.
    """

    __tablename__ = "party_role"
    __table_args__ = (
        UniqueConstraint("application_id", "role", "party_index"),
        one_of("role", "guarantor", "supplier", "buyer", "co_borrower"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    role: Mapped[str]
    party_index: Mapped[bytes] = mapped_column(index=True)
    amount_minor: Mapped[int | None]
    noted_at: Mapped[datetime]

"""Loans, the journal, payouts, collections, closes and statements."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class Loan(Table):
    """What was lent and on which terms. Terms never change in place; balances are in ``loan_balance``."""

    __tablename__ = "loan"
    __table_args__ = (
        one_of("state", "pending", "live", "closed", "cancelled"),
        CheckConstraint("principal_minor > 0", name="principal_positive"),
        CheckConstraint("renewed_minor >= 0 and renewed_minor < principal_minor", name="renewed_leaves_some"),
        one_of("renewal_label", "renewal", "refinancing"),
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
    renews_loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loan.id"))
    renewed_minor: Mapped[int] = mapped_column(server_default="0")
    # How the loan that it renews ended in the books: 无还本续贷 or 借新还旧; null where it renews none.
    renewal_label: Mapped[str | None]
    path_debit: Mapped[bool] = mapped_column(server_default=text("false"))
    # The fold of its ``plan_change`` rows for the close; null is what was signed.
    plan: Mapped[Json | None]
    # The due days of a plan by dates, as signed (``lending.paths``); null of a share of sales.
    path: Mapped[Json | None]
    # The last days of its windows, moved off holidays by the signed day rule (``lending.minimum_path.ends_text``); null
    # of a plan by dates, and of what was signed without a day rule.
    window_ends: Mapped[str | None]


class LoanBalance(Table):
    """Projection of a loan's entries as ``lending.close.LoanDay`` carries it; checked against the fold of the entries.

    ``as_of`` is the last closed day; ``accrued_units`` all interest earned so far, an exact integer
    (``loan.units_per_minor`` of them make one minor unit).
    """

    __tablename__ = "loan_balance"
    __table_args__ = (
        CheckConstraint("principal_minor >= 0", name="principal_not_negative"),
        CheckConstraint("in_flight_minor >= 0", name="in_flight_not_negative"),
        CheckConstraint("coupon_left_minor >= 0", name="coupon_left_not_negative"),
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
    coupon_left_minor: Mapped[int] = mapped_column(server_default="0")


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
        one_of("state", *PAYOUT_STATES),
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


class RevenueBatch(Table):
    """Days of many accounts that a source told at once: its fingerprint, what became of its rows, what was left out.

    ``errors`` are [row, code, field] of the first thousand; ``refused`` counts all of them.
    """

    __tablename__ = "revenue_batch"
    __table_args__ = (Index("ix_revenue_batch_newest", "received_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    rows: Mapped[int] = mapped_column(Integer)
    new: Mapped[int] = mapped_column(Integer)
    corrected: Mapped[int] = mapped_column(Integer)
    repeated: Mapped[int] = mapped_column(Integer)
    without_loan: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    errors: Mapped[list[list[Any]]] = mapped_column(JSONB)
    received_at: Mapped[datetime]


class RevenueDay(Table):
    """What a batch added to one account's sales, refunds and chargebacks of a day, as one ``source`` told them: the
    first word on a day is the day, each later one the difference to it (which may be negative).

    No foreign key: the rows are made by joining the loan in the same statement, and no loan is ever deleted.
    """

    __tablename__ = "revenue_day"
    __table_args__ = (
        Index("ix_revenue_day_open", "loan_id", "on_date", postgresql_where=text("swept_on is null")),
        Index("ix_revenue_day_told", "loan_id", "on_date", "source"),
        Index("ix_revenue_day_brought", "loan_id", "on_date", postgresql_where=text("source = 'statement'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID]
    person_id: Mapped[UUID]
    on_date: Mapped[date]
    sales_minor: Mapped[int]
    refunds_minor: Mapped[int]
    chargebacks_minor: Mapped[int]
    batch: Mapped[str]
    source: Mapped[str]
    received_at: Mapped[datetime]
    swept_on: Mapped[date | None]


class PlanChange(Table):
    """What an owner changed of a loan's plan, as they were shown it and agreed; never changed, never taken away."""

    __tablename__ = "plan_change"
    __table_args__ = (
        one_of(
            "kind",
            *("breathing", "rhythm", "next_window", "lower_share", "weights", "due_day", "rest", "reminder_hour"),
            *("shorter_term", "lower_instalments", "relief"),
        ),
        UniqueConstraint("loan_id", "n"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    n: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    said: Mapped[Json]
    effective_on: Mapped[date]
    shown: Mapped[Json]  # the key facts before and after, as they stood on the page
    shown_hash: Mapped[str]
    policy_version: Mapped[str]
    agreed_at: Mapped[datetime]


class PathNotice(Table):
    """That a loan's progress is slower than its path, found by a close; ``most_minor`` is what a debit may take on
    ``due_on`` if the owner was told in time."""

    __tablename__ = "path_notice"
    __table_args__ = (
        one_of("kind", "half", "three_quarters", "debit"),
        Index("ix_path_notice_untold", "found_on", postgresql_where=text("told_at is null")),
        Index("ix_path_notice_due", "due_on", "loan_id", postgresql_where=text("kind = 'debit'")),
    )
    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    short_minor: Mapped[int]
    most_minor: Mapped[int]
    found_on: Mapped[date]
    told_at: Mapped[datetime | None]


class Collection(Table):
    """An instruction to take the share of a day's revenue, and the rail's receipt for it."""

    __tablename__ = "collection"
    __table_args__ = (
        one_of("state", "instructed", "received", "partial", "failed"),
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
    path_minor: Mapped[int] = mapped_column(server_default="0")  # what of it is for the minimum path


class Close(Table):
    """The close of one business day in one jurisdiction.

    ``difference_minor``: interest receivable in the general ledger less the sum over loans; other than 0 is a break.
    """

    __tablename__ = "close"
    __table_args__ = (one_of("state", "running", "closed"),)
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

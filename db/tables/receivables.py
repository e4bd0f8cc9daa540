"""Receivables that secure a line: what each is known by, what it rests on, where it stands."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of

# As lending.receivables.HOLDS: so long nobody else can bring the same invoice.
HOLDS = "state in ('offered', 'review', 'asked', 'supported', 'pledged')"


class Receivable(Table):
    """One invoice that a firm offers for its line; amounts with tax, in minor units.

    ``fingerprint``: of seller, buyer, number, amount and day, the same from every door; the ``_key`` columns are keyed
    hashes of its parts, so that near ones are found. ``paper_sealed``: JSON with the parties' names, the buyer's credit
    code and the number, with the owner's key. ``near_id``: the one that it is like; ``dilution``:
    of what this buyer was billed in a year, taken back; ``searched_at``: of the newest
    search in the register that found nobody before us. ``delivered_on``: when the goods were, if it was said:
    the law's days run from it. ``buyer_standing``: as the company register says. ``diverted_minor``: its buyer
    paid that to the borrower, and we have not got it. ``told_minor``: of what was paid, what somebody only told
    us; money that comes takes its place. ``e_number_key``: as ``number_key``, of an e-invoice alone, whose number the
    country gives once: two customers who offer it at the same instant are put in one order by its index.
    ``given_back_at``: it counts no more, its registration goes.
    """

    __tablename__ = "receivable"
    __table_args__ = (
        one_of("state", "offered", "review", "asked", "supported", "pledged", "released", "refused", "lapsed"),
        one_of("support", "confirmed", "proven"),
        CheckConstraint(
            "amount_minor > 0 and credited_minor >= 0 and paid_minor >= 0 and diverted_minor >= 0",
            name="amounts_count",
        ),
        CheckConstraint("told_minor between 0 and paid_minor", name="told_of_paid"),
        CheckConstraint("(state = 'pledged') <= (registration_no is not null)", name="pledged_when_registered"),
        CheckConstraint("(support = 'confirmed') = (confirmed_minor is not null)", name="confirmed_for_so_much"),
        Index("uq_receivable_fingerprint", "fingerprint", unique=True, postgresql_where=text(HOLDS)),
        Index("uq_receivable_e_number", "e_number_key", unique=True, postgresql_where=text(HOLDS)),
        Index("ix_receivable_like", "amount_minor", "issued_on"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("credit_line.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    firm_id: Mapped[UUID] = mapped_column(ForeignKey("firm.id"))
    fingerprint: Mapped[bytes]
    seller_key: Mapped[bytes]
    buyer_key: Mapped[bytes]
    number_key: Mapped[bytes] = mapped_column(index=True)
    e_number_key: Mapped[bytes | None]
    serial: Mapped[int | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    delivered_on: Mapped[date | None]
    buyer_standing: Mapped[str] = mapped_column(server_default="")
    paper_sealed: Mapped[bytes]
    state: Mapped[str]
    problem: Mapped[str] = mapped_column(server_default="")
    near_id: Mapped[UUID | None]
    support: Mapped[str | None]
    confirmed_minor: Mapped[int | None]
    defences_waived: Mapped[bool] = mapped_column(server_default=text("false"))
    proofs: Mapped[Json] = mapped_column(server_default=text("'{}'::jsonb"))
    credited_minor: Mapped[int] = mapped_column(server_default="0")
    paid_minor: Mapped[int] = mapped_column(server_default="0")
    told_minor: Mapped[int] = mapped_column(server_default="0")
    diverted_minor: Mapped[int] = mapped_column(server_default="0")
    disputed: Mapped[bool] = mapped_column(server_default=text("false"))
    buyer_barred: Mapped[bool] = mapped_column(server_default=text("false"))
    own_buyer: Mapped[bool] = mapped_column(server_default=text("false"))
    dilution: Mapped[Decimal] = mapped_column(server_default=text("0"))
    verified_at: Mapped[datetime | None]
    registration_no: Mapped[str | None]
    registered_until: Mapped[date | None]
    searched_at: Mapped[datetime | None]
    noticed_at: Mapped[datetime | None]
    given_back_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    code_id: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ReceivableWord(Table):
    """What one person at the desk said of a receivable, and what stands behind it: a paper by its hash, or a second
    person's word.

    ``state``: ``stands`` with either; ``waits`` for a second person. Meanwhile a fact that cuts is in force (then
    ``id`` is its command's), and one that raises what may be drawn is not: ``command_id`` is there once it is.
    ``employee``: who is behind ``said_by``, whatever login; ``takes_back``: the fact that was a mistake.
    """

    __tablename__ = "receivable_word"
    __table_args__ = (
        one_of("state", "stands", "waits", "turned_down"),
        CheckConstraint("second_employee <> employee", name="two_people"),
        CheckConstraint("(document_id is null) = (sha256 is null)", name="paper_by_its_hash"),
        Index(
            "uq_receivable_word_waits",
            "receivable_id",
            "fact",
            unique=True,
            postgresql_where=text(
                "state = 'waits' and fact in ('undisputed', 'unbarred', 'uncredited', 'unpaid', 'cleared')"
            ),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    fact: Mapped[str]
    amount_minor: Mapped[int]
    takes_back: Mapped[UUID | None]
    document_id: Mapped[UUID | None]
    command_id: Mapped[UUID | None]
    sha256: Mapped[str | None]
    words: Mapped[str]
    said_by: Mapped[str]
    employee: Mapped[str]
    state: Mapped[str]
    said_at: Mapped[datetime]
    second_by: Mapped[str | None]
    second_employee: Mapped[str | None]
    second_words: Mapped[str | None]
    second_at: Mapped[datetime | None]

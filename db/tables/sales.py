"""Bills that owners bring for running loans, and their lines that are sales."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class SalesFile(Table):
    """A bill for a running loan: read, shown to its owner, and counted once they said yes.

    ``aside``: {reason: [lines, minor units]} of what is no sale; ``doubt``: why all of it waits for a person;
    ``counted``: the days as they entered the book; ``waits``: how many of them a person has to look at.
    """

    __tablename__ = "sales_file"
    __table_args__ = (
        UniqueConstraint("loan_id", "sha256"),
        one_of("state", "received", "read", "refused", "counted"),
        one_of("decided", "count", "fill", "leave"),
        Index("ix_sales_file_waits", "confirmed_at", postgresql_where=text("waits > 0 and decided is null")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    state: Mapped[str]
    problem: Mapped[str | None]
    problem_params: Mapped[Json | None]
    name_sealed: Mapped[bytes]
    size: Mapped[int]
    sha256: Mapped[str]
    object_key: Mapped[str]
    layout: Mapped[str | None]
    aside: Mapped[Json | None]
    doubt: Mapped[str | None]
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    counted: Mapped[Json | None]
    waits: Mapped[int]
    decided: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    words: Mapped[str | None]


class SalesLine(Table):
    """A sale, refund or chargeback in a bill. A line that ``counts`` does so once for its person, whatever file told
    it."""

    __tablename__ = "sales_line"
    __table_args__ = (
        one_of("sort", "sale", "refund", "chargeback"),
        Index("uq_sales_line_counts", "person_id", "fingerprint", unique=True, postgresql_where=text("counts")),
    )
    file_id: Mapped[UUID] = mapped_column(ForeignKey("sales_file.id"), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    on_date: Mapped[date]
    sort: Mapped[str]
    amount_minor: Mapped[int]
    counts: Mapped[bool]

"""What an owner asks of us besides money: copies, erasure, papers any day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class DataRequest(Table):
    """A person wants a copy of their data, or its erasure; instants are wall time.

    ``kept``: after an erasure, what the law keeps, why and until when. ``object_key``: the sealed copy.
    """

    __tablename__ = "data_request"
    __table_args__ = (
        one_of("kind", "export", "erasure"),
        one_of("state", "asked", "ready", "erased", "refused"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str | None]
    locale: Mapped[str]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    object_key: Mapped[str | None]
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    kept: Mapped[Json | None]


class PaperOrder(Table):
    """A paper about a loan that its owner asked for: a receipt, a list of interest, an invoice, a statement of balance.

    ``subject`` is the entry of a receipt; ``from_on`` and ``to_on`` bound a list. The same order is the same paper.
    """

    __tablename__ = "paper_order"
    __table_args__ = (
        one_of("kind", "receipt", "interest_list", "interest_invoice", "balance_statement"),
        one_of("state", "asked", "ready", "refused"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    kind: Mapped[str]
    subject: Mapped[UUID | None]
    from_on: Mapped[date | None]
    to_on: Mapped[date]
    locale: Mapped[str]
    state: Mapped[str]
    document_id: Mapped[UUID | None]
    asked_at: Mapped[datetime]

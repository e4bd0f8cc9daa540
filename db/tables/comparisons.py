"""What people said who compared two invoices that are alike."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table


class InvoiceComparison(Table):
    """One person's word on a receivable that is like ``like_id`` (None: like none, and looked at for another reason).
    ``clears``: they are two invoices; ``employee``: who said so, by whichever login (``by``). Never changed."""

    __tablename__ = "invoice_comparison"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    like_id: Mapped[UUID | None]
    clears: Mapped[bool]
    words_sealed: Mapped[bytes]
    employee: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]

"""What a paper contract's code said when somebody held it beside the screen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table


class PaperCheck(Table):
    """One scan. ``printed_hash``: of the terms on paper; ``terms_hash``: of those on the screen at that moment."""

    __tablename__ = "paper_check"
    __table_args__ = (Index("ix_paper_check_newest", "application_id", "at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[str]
    printed_hash: Mapped[str]
    terms_hash: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]

"""Two people who look into a firm, and the report that both sign."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of


class Investigation(Table):
    """双人调查: who looks into an application (主办), and who with them (协办); by employee, not by login."""

    __tablename__ = "investigation"
    __table_args__ = (CheckConstraint("lead_id <> second_id", name="two_people"),)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    second_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    named_at: Mapped[datetime]


class CaseReport(Table):
    """One version of the report on an application: lines of the file with their sources, and a person's own words,
    sealed as they were hashed. A later version is a new row; what was signed stays with its hash."""

    __tablename__ = "case_report"
    __table_args__ = (UniqueConstraint("application_id", "n"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    n: Mapped[int] = mapped_column(Integer)
    content_sealed: Mapped[bytes]
    sha256: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]


class ReportSignature(Table):
    """Somebody signed a report by its hash, as lead or as second."""

    __tablename__ = "report_signature"
    __table_args__ = (one_of("part", "lead", "second"),)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("case_report.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    employee: Mapped[str]
    sha256: Mapped[str]
    signed_at: Mapped[datetime]

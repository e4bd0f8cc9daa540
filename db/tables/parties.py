"""Who takes part in a loan besides its borrower, each with their own part."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of

LIVES = "state in ('invited', 'proven', 'signed')"


class LoanParty(Table):
    """One person's part in one application. The person and whoever invited them see it; both by row-level security.

    ``amount_minor``: what a guarantor answers for, None for all of it. ``signed_for``: hash of the terms that were
    signed; a plan that is chosen anew has another. ``facts_…`` and ``signed_wall_at`` are wall time, the rest is
    business time.
    """

    __tablename__ = "loan_party"
    __table_args__ = (
        one_of("role", "co_borrower", "guarantor", "mortgagor", "agent", "representative"),
        one_of("liability", "joint", "general"),
        one_of("state", "invited", "proven", "signed", "bound", "declined", "lapsed", "removed", "released"),
        CheckConstraint("(role = 'guarantor') = (liability is not null)", name="liability_said"),
        CheckConstraint(
            "amount_minor is null or (role = 'guarantor' and amount_minor > 0)", name="amount_of_guarantor"
        ),
        CheckConstraint("(state in ('signed', 'bound')) <= (signed_for is not null)", name="signed_for_something"),
        CheckConstraint("person_id <> invited_by", name="somebody_else"),
        Index("uq_loan_party_live", "application_id", "person_id", "role", unique=True, postgresql_where=text(LIVES)),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    liability: Mapped[str | None]
    amount_minor: Mapped[int | None]
    required: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str]
    phone_masked: Mapped[str]
    invited_at: Mapped[datetime]
    due_at: Mapped[datetime]
    facts_for: Mapped[str | None]
    facts_opened_at: Mapped[datetime | None]
    facts_readable_from: Mapped[datetime | None]
    signed_for: Mapped[str | None]
    code_id: Mapped[UUID | None]
    signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]

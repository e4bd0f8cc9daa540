"""Subsidies: what a signed sheet promises of a scheme, and what was claimed of its body, a file a period."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of


class LoanSubsidy(Table):
    """The scheme of a loan, copied from its key facts when they were signed; ``points``: a fraction of the rate."""

    __tablename__ = "loan_subsidy"
    __table_args__ = (CheckConstraint("points > 0 and cap_minor > 0 and months > 0", name="pays_something"),)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    person_id: Mapped[UUID]
    scheme: Mapped[str]
    points: Mapped[Decimal]
    cap_minor: Mapped[int]
    months: Mapped[int] = mapped_column(Integer)
    noted_at: Mapped[datetime]


class SubsidyClaim(Table):
    """One scheme's claim for one month (``period``: 2027-03). ``paid_on`` and ``reference``: when the body paid it."""

    __tablename__ = "subsidy_claim"
    __table_args__ = (
        one_of("state", "made", "paid"),
        UniqueConstraint("scheme", "period", "currency"),
        CheckConstraint("(state = 'paid') = (paid_on is not null and reference is not null)", name="paid_says_how"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    scheme: Mapped[str]
    period: Mapped[str]
    currency: Mapped[str]
    loans: Mapped[int] = mapped_column(Integer)
    total_minor: Mapped[int]
    state: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    paid_on: Mapped[date | None]
    reference: Mapped[str | None]


class SubsidyClaimLine(Table):
    """What one loan adds to a claim: interest that its owner paid in the period, and the body's part of it."""

    __tablename__ = "subsidy_claim_line"
    __table_args__ = (CheckConstraint("claimed_minor > 0 and claimed_before_minor >= 0", name="claims_something"),)
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("subsidy_claim.id"), primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True, index=True)
    interest_minor: Mapped[int]
    claimed_before_minor: Mapped[int]
    claimed_minor: Mapped[int]

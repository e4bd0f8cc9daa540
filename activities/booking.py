"""What every way of repaying a loan writes: its projection, and its end."""

from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from db import applications, collateral, receivables
from db.closes import OpenLoan
from db.tables import Loan
from lending.close import LoanClose, LoanDay
from lending.identifiers import derived_id


async def close_loan(session: AsyncSession, loan: OpenLoan, on: date, now: datetime) -> None:
    """Nothing is owed any more: the loan ends, its story says so, and what secured it is released."""
    await session.execute(
        update(Loan).where(Loan.id == loan.loan_id, Loan.state == "live").values(state="closed", closed_on=on)
    )
    application = await applications.locked(session, loan.application_id)
    await applications.tell(
        session,
        application,
        event_id=derived_id("timeline", f"{loan.loan_id}/loan_paid"),
        kind="loan_paid",
        actor="system",
        at=now,
        params={"on": on.isoformat()},
    )
    application.version += 1
    if application.line_id is not None:  # a draw: what is pledged for its line may be free now
        await receivables.tell_waiting(session, application.line_id, cause=loan.loan_id)
    registered = await collateral.held(session, application.id)
    await collateral.tell(session, registered, "release", cause=loan.loan_id)


def balance_row(
    loan: OpenLoan, day: LoanDay, closed: LoanClose | None, as_of: date, *, paid_minor: int = 0
) -> tuple[object, ...]:
    """The projection after a close, or after a receipt (``closed`` None: what the close counted is kept)."""
    return (
        loan.loan_id,
        as_of,
        day.principal_minor,
        day.accrued_units,
        day.interest_paid_minor,
        loan.paid_minor + paid_minor,
        day.carry_minor,
        day.uncollected_minor,
        day.in_flight_minor,
        day.windows_passed,
        day.past_due_since,
        closed.past_due_minor if closed else loan.past_due_minor,
        closed.days_past_due if closed else loan.days_past_due,
        closed.status.value if closed else ("paid" if day.owed_minor == 0 else loan.status),
        day.coupon_minor,
    )

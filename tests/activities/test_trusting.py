"""A night reads the books that moved, writes each change once, and offers what a level brings."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

import policies
from activities.trusting import TrustWatch
from db import trust
from db.tables import Loan, LoanBalance, TrustChange
from lending.calendars import Jurisdiction, add_months

BEGAN = date(2027, 1, 30)


def watch() -> TrustWatch:
    book = policies.load()
    return TrustWatch(book.trust, book.coupons, Jurisdiction.CN)


async def night(lender: Any, on: date) -> dict[str, Any]:
    async with lender.sessions.begin() as session:
        return await watch().look(session, on, datetime.combine(on + timedelta(days=1), datetime.min.time(), UTC))


async def history(lender: Any, person: Any) -> list[tuple[date, int, str]]:
    async with lender.sessions.begin() as session:
        rows = await session.scalars(select(TrustChange).where(TrustChange.person_id == person).order_by(TrustChange.n))
        return [(row.on_date, row.level, row.reason) for row in rows]


async def test_i5_a_night_raises_who_paid_for_six_months_and_writes_why_and_when(lender: Any) -> None:
    one = await lender.borrower(decided=BEGAN)
    assert (await night(lender, BEGAN))["changes"] == 1
    assert (await night(lender, BEGAN + timedelta(days=1)))["people"] == 0, "a book that did not move is not read"
    rises = add_months(BEGAN, 6)
    assert (await night(lender, rises - timedelta(days=1)))["people"] == 0
    assert (await night(lender, rises + timedelta(days=3)))["changes"] == 1, "missed nights lose nothing"
    assert (await night(lender, rises + timedelta(days=4)))["changes"] == 0, "and nothing is written twice"
    assert await history(lender, one.person_id) == [(BEGAN, 1, "first_loan"), (rises, 2, "clean_months")]
    async with lender.sessions.begin() as session:
        standing = await trust.standing_of(session, one.person_id)
        assert standing is not None
        assert (standing.level, standing.since, standing.rises_on) == (2, rises, add_months(BEGAN, 12))


async def test_i5_lateness_that_a_close_told_lowers_the_level_and_is_remembered_when_it_is_over(lender: Any) -> None:
    one = await lender.borrower(decided=BEGAN)
    await night(lender, add_months(BEGAN, 12))
    late_on = add_months(BEGAN, 12) + timedelta(days=9)
    since = late_on - timedelta(days=4)
    for n in range(3):
        async with lender.sessions.begin() as session:
            row = (one.loan_id, one.person_id, since, 4 + n)
            await trust.note_lateness(session, [row], late_on + timedelta(days=n))
    await night(lender, late_on + timedelta(days=2))
    await night(lender, late_on + timedelta(days=3))
    assert [row[1:] for row in await history(lender, one.person_id)] == [
        (1, "first_loan"),
        (2, "clean_months"),
        (3, "clean_months"),
        (2, "late"),
    ]
    async with lender.sessions.begin() as session:
        standing = await trust.standing_of(session, one.person_id)
        assert standing is not None
        assert (standing.late, standing.counts_from) == (False, late_on + timedelta(days=3))


async def test_i5_a_loan_repaid_raises_the_level_on_its_day(lender: Any) -> None:
    one = await lender.borrower(decided=BEGAN)
    closed = BEGAN + timedelta(days=90)
    async with lender.sessions.begin() as session:
        await session.execute(update(Loan).where(Loan.id == one.loan_id).values(state="closed", closed_on=closed))
        await session.execute(update(LoanBalance).where(LoanBalance.loan_id == one.loan_id).values(principal_minor=0))
    await night(lender, closed)
    assert (await history(lender, one.person_id))[-1] == (closed, 2, "repaid")

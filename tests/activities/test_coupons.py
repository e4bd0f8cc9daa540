"""A coupon is given once, kept for one application, used by one loan, and its close posts what balances."""

from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import select, text, update

import policies
from activities.closing import Closing
from activities.ports.servicing import ShardToClose
from db import coupons, ledger, projections
from db.tables import Application, Coupon, Loan, LoanBalance
from lending.calendars import add_months
from lending.ledger import Account, EntryKind, trial_balance
from ops.rebuilding import rebuilt
from policies.book import load
from tests.activities.test_trusting import BEGAN, night

BOOK = policies.load()
KIND = BOOK.coupons["level_two"]
UNTIL = date(2027, 12, 31)


async def held(lender: Any, one: Any, cause: str = "test") -> UUID:
    async with lender.sessions.begin() as session:
        at = (await session.execute(text("select now()"))).scalar()
        given = await coupons.give(session, one.person_id, KIND, cause=cause, until=UNTIL, at=at)
        assert given is not None
        assert await coupons.give(session, one.person_id, KIND, cause=cause, until=UNTIL, at=at) is None
        return given


async def usable(lender: Any, one: Any, application: UUID | None = None, on: date = UNTIL) -> list[UUID]:
    async with lender.sessions.begin() as session:
        return [row.id for row in await coupons.usable(session, one.person_id, on=on, application=application)]


async def test_i3_a_level_that_was_reached_brings_its_coupon_once(lender: Any) -> None:
    one = await lender.borrower(decided=BEGAN)
    await night(lender, BEGAN)
    await night(lender, add_months(BEGAN, 6))
    await night(lender, add_months(BEGAN, 6) + timedelta(days=1))
    async with lender.sessions.begin() as session:
        rows = (await session.scalars(select(Coupon).where(Coupon.person_id == one.person_id))).all()
    assert [(row.kind, row.cap_minor) for row in rows] == [("level_two", KIND.cap_minor)]


async def test_i3_a_coupon_is_kept_for_one_open_application_and_used_by_one_loan(lender: Any) -> None:
    one, other = await lender.borrower(), await lender.borrower()
    given = await held(lender, one)
    assert await usable(lender, one) == [given]
    assert await usable(lender, other) == [], "another person's"
    assert await usable(lender, one, on=UNTIL + timedelta(days=1)) == [], "ended"
    async with lender.sessions.begin() as session:
        await session.execute(update(Application).where(Application.id == one.application_id).values(stage="offered"))
        await coupons.keep_for(session, [given], one.application_id)
    assert await usable(lender, one, uuid4()) == [], "kept for the application that is open"
    assert await usable(lender, one, one.application_id) == [given]
    async with lender.sessions.begin() as session:
        assert await coupons.use(session, given, one.loan_id)
        assert not await coupons.use(session, given, other.loan_id)
        assert await coupons.cap_of(session, one.loan_id) == KIND.cap_minor
    assert await usable(lender, one, one.application_id) == []
    async with lender.sessions.begin() as session:
        await session.execute(update(Loan).where(Loan.id == one.loan_id).values(state="cancelled"))
    assert await usable(lender, one, one.application_id) == [given], "a loan that never came gives it back"


async def test_i3_the_close_posts_what_the_coupon_pays_until_it_is_used_up_and_the_books_balance(lender: Any) -> None:
    one = await lender.borrower(decided=BEGAN)
    given = await held(lender, one)
    async with lender.sessions.begin() as session:
        assert await coupons.use(session, given, one.loan_id)
        # 7.3 % a year on ¥80,000: ¥16 of interest a day.
        lender.database.execute(f"update loan set rate_units = 73, units_per_minor = 365000 where id = '{one.loan_id}'")
        await session.execute(
            update(LoanBalance)
            .where(LoanBalance.loan_id == one.loan_id)
            .values(as_of=BEGAN - timedelta(days=1), principal_minor=8_000_000, coupon_left_minor=KIND.cap_minor)
        )
    nobody, calendars = cast("Any", (None, None, None)), load().calendars
    closing = Closing(lender.sessions, *nobody, task_queue="q", clock_id="main", calendars=calendars)
    for n in range(3):
        shard = ShardToClose("CN", BEGAN + timedelta(days=n), 0)
        await closing.close_shard(shard)
        await closing.close_shard(shard)  # a second run finds the first's row
    async with lender.sessions.begin() as session:
        entries = [one for one in await ledger.entries(session, one.loan_id) if one.kind is EntryKind.COUPON]
        balance = await ledger.balance(session, one.loan_id)
        source = (await projections.sources(session, UUID(int=0), 10))[0]
    assert balance is not None
    # ¥16 a day on ¥80,000: the coupon of ¥20 pays one day and a quarter, and then nothing.
    assert [entry.postings[0].amount_minor for entry in entries] == [1_600, 400]
    assert trial_balance(entries) == {Account.COST_COUPONS: 2_000, Account.INTEREST_RECEIVABLE: -2_000}
    assert (balance.interest_paid_minor, balance.coupon_left_minor) == (2_000, 0)
    again = rebuilt(source)
    assert (again["interest_paid_minor"], again["coupon_left_minor"]) == (2_000, 0)

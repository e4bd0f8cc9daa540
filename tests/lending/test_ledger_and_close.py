"""The daily rule, the journal and the simulator tell one story: the same fen on the same days."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.close import LoanClose, LoanDay, LoanStatus, Wake, carried, close_day, opened, received
from lending.ledger import (
    Account,
    Entry,
    EntryKind,
    LedgerError,
    Posting,
    Split,
    accrued,
    daily_accrual,
    disbursed,
    fold,
    overpayment_returned,
    payout_returned,
    payout_sent,
    repayment,
    split,
    trial_balance,
)
from lending.projection import daily, project, scaled, three_weathers
from lending.rates import DayCount
from lending.revenue_share import NO_REVENUE, RevenueDay
from lending.terms import Terms

LOAN = UUID(int=7)
START = date(2026, 11, 21)


def terms(amount: int = 8_000_000, share: str = "0.12", rate: str = "0.073", months: int = 12) -> Terms:
    return Terms(
        product_id="revenue_linked_working_capital",
        product_version="2026.1",
        amount_minor=amount,
        currency="CNY",
        months=months,
        share=Decimal(share),
        annual_rate=Decimal(rate),
        day_count=DayCount.ACT_365,
        window_months=3,
        windows=8,
        grace_days=3,
        late_factor=Decimal(1),
    )


def noon(on: date) -> datetime:
    return datetime.combine(on, time(4), tzinfo=UTC)


def paid_out(amount: int, on: date = START) -> list[Entry]:
    return [
        payout_sent(LOAN, amount, cause="p1", booked_at=noon(on), effective_on=on, source="rail:1"),
        disbursed(LOAN, amount, cause="p1", booked_at=noon(on), effective_on=on, source="rail:1"),
    ]


def paid(parts: Split, on: date, cause: str) -> Entry:
    return repayment(LOAN, parts, cause=cause, booked_at=noon(on), effective_on=on, source="rail:2")


def live(agreed: Terms, nets: list[tuple[date, int]]) -> tuple[list[Entry], date | None, int]:
    """Let a loan live by the daily close, booking every receipt: entries, the day it was paid, interest in the GL."""
    entries = paid_out(agreed.amount_minor)
    position, general_ledger, asked = opened(agreed, START), 0, 0
    for on, net in nets:
        if asked:
            position, parts = received(position, asked, asked_minor=asked)
            entries.append(paid(parts, on, on.isoformat()))
            assert parts.over_minor == 0
            if position.owed_minor == 0:
                return entries, on, general_ledger
        revenue = RevenueDay(max(net, 0), max(-net, 0))
        closed = close_day(position, revenue, on)
        accrual = daily_accrual("product", "CNY", on, closed.accrued_minor, booked_at=noon(on))
        if accrual:
            entries.append(accrual)
        general_ledger += closed.accrued_minor
        asked = closed.withhold_minor
        position = carried(position, closed)
        told = fold(entries, agreed, on + timedelta(days=1))
        assert (position.principal_minor, position.accrued_units) == (told.principal_minor, told.accrued_units)
        assert position.owed_minor == told.owed_minor == closed.owed_minor
    return entries, None, general_ledger


monthly = st.lists(st.integers(-2_000_000, 20_000_000), min_size=1, max_size=14)
agreed_terms = st.builds(
    terms,
    st.integers(500_000, 30_000_000),
    st.sampled_from(["0.05", "0.12", "0.2", "0.125", "0.000001"]),
    st.sampled_from(["0.073", "0.24", "0", "0.12345678"]),
)


@settings(max_examples=25, deadline=None)
@given(agreed_terms, monthly)
def test_the_simulator_gives_the_fen_that_the_ledger_gives(agreed: Terms, months: list[int]) -> None:
    series = [*daily(months, START)][:430]
    entries, paid_on, _ = live(agreed, series)
    shown = project(agreed, months, START)
    told = fold(entries, agreed, paid_on or series[-1][0])
    if paid_on is not None:
        assert shown.finish_on == paid_on
        assert shown.total_interest_minor == told.interest_paid_minor
        assert shown.total_minor == sum(row.payment_minor for row in shown.rows)
        assert sum(row.principal_minor for row in shown.rows) == agreed.amount_minor
        assert shown.rows[-1].closing_minor == 0
    else:
        assert shown.finish_on is None or shown.finish_on > series[-1][0]
        full = [row for row in shown.rows if row.starts_on + timedelta(days=31) < series[-1][0]]
        for row in full:
            later = fold(entries, agreed, shown.rows[row.month].starts_on - timedelta(days=1))
            assert row.closing_minor == later.principal_minor


@settings(max_examples=25, deadline=None)
@given(agreed_terms, monthly)
def test_books_balance_and_tie_to_the_loans(agreed: Terms, months: list[int]) -> None:
    series = [*daily(months, START)][:200]
    entries, _, general_ledger = live(agreed, series)
    balance = trial_balance(entries)
    told = fold(entries, agreed, series[-1][0] + timedelta(days=1))
    assert sum(balance.values()) == 0
    assert balance[Account.LOANS_PRINCIPAL] == told.principal_minor
    assert balance.get(Account.INTEREST_RECEIVABLE, 0) == told.interest_due_minor >= 0
    assert -balance.get(Account.INCOME_INTEREST, 0) == general_ledger
    assert general_ledger == told.interest_due_minor + told.interest_paid_minor
    cash = balance[Account.CASH_BANK] + balance.get(Account.CASH_WALLET, 0)
    assert cash == told.principal_paid_minor + told.interest_paid_minor - told.disbursed_minor


@given(agreed_terms, st.lists(st.tuples(st.integers(0, 500), st.integers(1, 9_000_000)), max_size=12))
def test_interest_is_the_sum_over_days_of_the_balance_at_their_end(
    agreed: Terms, payments: list[tuple[int, int]]
) -> None:
    entries = paid_out(agreed.amount_minor)
    balance = agreed.amount_minor
    by_day: dict[int, int] = {}
    for number, (index, amount) in enumerate(sorted(payments)):
        on = START + timedelta(days=index)
        parts = split(fold(entries, agreed, on), amount)
        assert parts.total_minor == amount
        entries.append(paid(parts, on, str(number)))
        balance -= parts.principal_minor
        by_day[index] = by_day.get(index, 0) + parts.principal_minor
    exact, left = Fraction(0), agreed.amount_minor
    for index in range(520):
        left -= by_day.get(index, 0)
        exact += Fraction(left) * Fraction(agreed.annual_rate) / 365
    told = fold(reversed(entries), agreed, START + timedelta(days=520))
    assert told.principal_minor == balance == left
    assert Fraction(told.accrued_units, told.units_per_minor) == exact
    assert abs(Fraction(told.interest_accrued) - (exact - told.interest_paid_minor)) < Fraction(1, 10**9)
    assert told.interest_due_minor >= 0
    assert accrued(entries, agreed, START) == 0


def test_the_first_day_counts_and_the_last_does_not() -> None:
    agreed = terms()
    entries = paid_out(8_000_000)
    assert fold(entries, agreed, START).interest_due_minor == 0
    assert fold(entries, agreed, START + timedelta(days=1)).interest_due_minor == 1_600
    assert fold(entries, agreed, START - timedelta(days=1)).disbursed_minor == 0


def test_money_in_flight_bears_no_interest_and_can_come_back() -> None:
    entries = [
        payout_sent(LOAN, 100, cause="p1", booked_at=noon(START), effective_on=START, source="rail:1"),
        payout_returned(LOAN, 100, cause="p1", booked_at=noon(START), effective_on=START, source="rail:1"),
    ]
    told = fold(entries, terms(), START + timedelta(days=9))
    assert (told.disbursed_minor, told.owed_minor, told.started_on) == (0, 0, None)
    assert set(trial_balance(entries).values()) == {0}


def test_an_overpayment_is_the_borrowers_and_goes_back() -> None:
    agreed = terms(amount=100_000)
    entries = paid_out(100_000)
    on = START + timedelta(days=10)
    parts = split(fold(entries, agreed, on), 150_000)
    assert parts == Split(200, 100_000, 49_800)
    entries.append(paid(parts, on, "last"))
    assert fold(entries, agreed, on).held_minor == 49_800
    entries.append(overpayment_returned(LOAN, 49_800, cause="o1", booked_at=noon(on), effective_on=on, source="rail:3"))
    told = fold(entries, agreed, on + timedelta(days=30))
    assert (told.held_minor, told.owed_minor) == (0, 0)


def test_the_same_cause_is_the_same_entry_and_kinds_do_not_collide() -> None:
    first, again = paid(Split(1, 2, 0), START, "r1"), paid(Split(1, 2, 0), START, "r1")
    assert first == again
    assert first.id != payout_sent(LOAN, 3, cause="r1", booked_at=noon(START), effective_on=START, source="x").id


@pytest.mark.parametrize(
    ("debit", "credit", "amount"),
    [
        (Account.CASH_BANK, Account.CASH_WALLET, 0),
        (Account.CASH_BANK, Account.CASH_WALLET, -1),
        (Account.CASH_BANK, Account.CASH_BANK, 5),
    ],
)
def test_a_posting_moves_something_somewhere(debit: Account, credit: Account, amount: int) -> None:
    with pytest.raises(LedgerError):
        Posting(debit, credit, amount)


def test_an_entry_without_postings_or_zone_is_refused() -> None:
    with pytest.raises(LedgerError):
        paid(Split(0, 0, 0), START, "nothing")
    with pytest.raises(LedgerError):
        Entry(LOAN, LOAN, EntryKind.REPAYMENT, datetime(2026, 1, 1), START, "x", (Posting(*list(Account)[:2], 5),))
    assert daily_accrual("p", "CNY", START, 0, booked_at=noon(START)) is None
    back = daily_accrual("p", "CNY", START, -5, booked_at=noon(START))
    assert back is not None
    assert back.postings == (Posting(Account.INCOME_INTEREST, Account.INTEREST_RECEIVABLE, 5),)


def test_entries_of_two_loans_do_not_fold_into_one() -> None:
    other = repayment(UUID(int=8), Split(0, 5, 0), cause="x", booked_at=noon(START), effective_on=START, source="x")
    with pytest.raises(LedgerError, match="one loan"):
        fold([*paid_out(100), other], terms(), START)


# --- the minimum path and the close ----------------------------------------------------------------------------------
def close_without_sales(agreed: Terms, days: int):
    position = opened(agreed, START)
    for index in range(days):
        closed = close_day(position, NO_REVENUE, START + timedelta(days=index))
        yield START + timedelta(days=index), closed
        position = carried(position, closed)


def test_p12_a_day_without_revenue_is_never_overdue_but_a_missed_window_is() -> None:
    agreed = terms()
    seen = dict(close_without_sales(agreed, 120))
    before = [closed for on, closed in seen.items() if on < date(2027, 2, 21)]
    assert {(closed.status, closed.withhold_minor, closed.days_past_due) for closed in before} == {
        (LoanStatus.AS_AGREED, 0, 0)
    }
    at = seen[date(2027, 2, 21)]
    assert (at.status, at.wake, at.past_due_minor, at.days_past_due) == (LoanStatus.GRACE, Wake.SHORTFALL, 1_000_000, 0)
    assert seen[date(2027, 2, 24)].status is LoanStatus.GRACE
    late = seen[date(2027, 2, 25)]
    assert (late.status, late.wake, late.days_past_due) == (LoanStatus.PAST_DUE, Wake.GRACE_OVER, 4)
    assert seen[date(2027, 2, 26)].wake is None


def test_paying_the_shortfall_cures_it() -> None:
    agreed = terms()
    position = opened(agreed, START)
    for index in range(97):
        position = carried(position, close_day(position, NO_REVENUE, START + timedelta(days=index)))
    assert position.past_due_since == date(2027, 2, 21)
    position, parts = received(position, position.interest_due_minor + 1_000_000)
    assert parts.principal_minor == 1_000_000
    closed = close_day(position, NO_REVENUE, START + timedelta(days=97))
    assert (closed.status, closed.wake, closed.past_due_since) == (LoanStatus.AS_AGREED, Wake.CURED, None)


def test_the_last_window_asks_for_everything_that_is_owed() -> None:
    agreed = terms(amount=500_000)
    closed = [*close_without_sales(agreed, 740)][-1][1]
    assert closed.past_due_minor == closed.owed_minor > 500_000
    assert closed.windows_passed == agreed.windows


def test_a_debit_in_flight_is_not_asked_for_twice() -> None:
    agreed = terms(amount=500_000)
    position = opened(agreed, START)._replace(in_flight_minor=499_000)
    assert close_day(position, RevenueDay(100_000_000), START).withhold_minor == 500_100 - 499_000


def test_a_part_that_was_not_collected_is_carried_to_the_next_sales() -> None:
    agreed = terms()
    position = carried(opened(agreed, START), close_day(opened(agreed, START), RevenueDay(1_000_000), START))
    assert position.in_flight_minor == 120_000
    position, _ = received(position, 100_000, asked_minor=120_000)
    assert (position.in_flight_minor, position.uncollected_minor) == (0, 20_000)
    closed = close_day(position, RevenueDay(100_000), START + timedelta(days=1))
    assert (closed.withhold_minor, closed.share_minor) == (32_000, 12_000)


def _bounced() -> LoanDay:
    position = carried(opened(terms(), START), close_day(opened(terms(), START), RevenueDay(1_000_000), START))
    return received(position, 0, asked_minor=120_000)[0]


def test_what_an_owner_paid_by_hand_after_a_debit_bounced_is_not_asked_for_again() -> None:
    position, _ = received(_bounced(), 90_000)
    closed = close_day(position, RevenueDay(100_000), START + timedelta(days=1))
    assert (closed.withhold_minor, closed.share_minor) == (30_000 + 12_000, 12_000)


def test_a_payment_beyond_what_bounced_is_no_credit_for_later_debits() -> None:
    position, _ = received(_bounced(), 500_000)
    tomorrow = START + timedelta(days=1)
    closed = close_day(position, RevenueDay(0), tomorrow)
    position = carried(position, closed)
    assert (closed.withhold_minor, position.uncollected_minor) == (0, 0)
    assert close_day(position, RevenueDay(100_000), tomorrow + timedelta(days=1)).withhold_minor == 12_000


@given(
    debits=st.lists(st.tuples(st.integers(1, 300_000), st.integers(0, 300_000)), max_size=3),
    payments=st.lists(st.integers(1, 300_000), max_size=3),
    seed=st.randoms(use_true_random=False),
)
def test_it_makes_no_difference_whether_a_debit_bounced_before_or_after_its_owner_paid(
    debits: list[tuple[int, int]], payments: list[int], seed: Random
) -> None:
    start = opened(terms(), START)._replace(in_flight_minor=sum(asked for asked, _ in debits))
    steps = [(min(came, asked), asked) for asked, came in debits] + [(paid, 0) for paid in payments]

    def after(order: list[tuple[int, int]]) -> LoanClose:
        position = start
        for paid, asked in order:
            position, _ = received(position, paid, asked_minor=asked)
        return close_day(position, RevenueDay(200_000), START + timedelta(days=1))

    shuffled = list(steps)
    seed.shuffle(shuffled)
    assert after(steps) == after(shuffled)
    missing = sum(asked - min(came, asked) for asked, came in debits)
    assert after(steps).withhold_minor == max(0, missing - sum(payments)) + 24_000


# --- the simulator ----------------------------------------------------------------------------------------------------
def test_usual_sales_repay_eighty_thousand_in_a_year() -> None:
    shown = project(terms(), 6_000_000, START)
    assert shown.finish_on == date(2027, 11, 6)
    assert (shown.total_minor, shown.months) == (8_282_933, 12)
    assert shown.annual_rate_simple == Decimal("0.073")
    # Interest is paid as it is earned, so the effective rate is that of 0.02 % a day.
    assert abs(shown.effective_rate - (Decimal("1.0002") ** 365 - 1)) < Decimal("0.00001")  # type: ignore[operator]


def test_no_sales_have_no_end() -> None:
    shown = project(terms(), 0, START)
    assert (shown.finish_on, shown.effective_rate, shown.months) == (None, None, 60)
    assert sum(row.payment_minor for row in shown.rows) == 0


def test_good_sales_end_it_sooner_and_cheaper_and_slow_ones_later() -> None:
    seen = three_weathers(terms(), [5_000_000, 6_000_000, 7_000_000], START)
    assert seen.good.finish_on < seen.normal.finish_on < seen.slow.finish_on  # type: ignore[operator]
    assert seen.good.total_minor < seen.normal.total_minor < seen.slow.total_minor
    assert scaled(1_001, Decimal("0.7")) == 700


def test_a_month_of_sales_is_spread_to_the_fen() -> None:
    days = [*daily([100_001, -7], START)]
    assert sum(net for on, net in days if on < date(2026, 12, 21)) == 100_001
    assert sum(net for on, net in days if date(2026, 12, 21) <= on < date(2027, 1, 21)) == -7
    assert sum(net for on, net in days if date(2027, 1, 21) <= on < date(2027, 2, 21)) == 100_001
    with pytest.raises(ValueError, match="month of revenue"):
        next(daily([], START))


def test_a_position_knows_its_first_day_and_a_payment_is_above_zero() -> None:
    lent = disbursed(LOAN, 100, cause="p", booked_at=noon(START), effective_on=START, source="test")
    more = disbursed(LOAN, 50, cause="q", booked_at=noon(START), effective_on=START + timedelta(days=3), source="test")
    position = fold([more, lent], terms(), START + timedelta(days=9))
    assert position.started_on == START
    with pytest.raises(LedgerError, match="positive"):
        split(position, 0)

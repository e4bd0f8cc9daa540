"""A flat fee is one price however long it takes, and never dearer than the cap however good the season (E4)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lending.accounts import Account
from lending.apr import irr_effective
from lending.bulk import TooLarge, flat_band
from lending.flat_books import flat_entries
from lending.flat_fee import Closing, FlatRun, FlatTerms, guard, run
from lending.ledger import Entry, EntryKind, LedgerError, trial_balance
from lending.projection import daily

START = date(2026, 11, 21)
CAP = Decimal("0.24")
# One minor unit in a payment moves the rate by less than this on the loans below.
CLOSE = Decimal("1e-12")


def days(revenue: list[int]) -> list[tuple[date, int]]:
    return [(START + timedelta(days=index), net) for index, net in enumerate(revenue)]


def test_h4_a_good_season_gets_part_of_the_fee_back() -> None:
    terms = FlatTerms(8_000_000, 480_000, 120_000, CAP)
    done = run(terms, START, days([2_000_000] * 120))
    assert done.closing is not None
    assert done.closing.rebate_minor > 0
    assert irr_effective(done.flows(terms, START)) <= CAP
    paid = sum(amount for _, amount in done.payments) + done.closing.last_payment_minor - done.closing.given_back_minor
    assert paid == terms.total_minor - done.closing.rebate_minor


def test_a_slow_loan_pays_the_fee_that_was_agreed() -> None:
    terms = FlatTerms(8_000_000, 480_000, 120_000, CAP)
    done = run(terms, START, days([200_000] * 500))
    assert done.closing is not None
    assert done.closing.rebate_minor == 0
    assert irr_effective(done.flows(terms, START)) < CAP


def test_without_an_end_there_is_no_closing() -> None:
    terms = FlatTerms(8_000_000, 480_000, 120_000, CAP)
    assert run(terms, START, days([1_000] * 10)).closing is None


def test_paid_back_the_next_day_the_fee_all_but_vanishes() -> None:
    terms = FlatTerms(8_000_000, 480_000, 120_000, CAP)
    closing = guard(terms, START, [], START + timedelta(days=1))
    assert 8_000_000 < closing.last_payment_minor < 8_005_000
    assert closing.rebate_minor == 8_480_000 - closing.last_payment_minor
    assert guard(terms, START, [], START).last_payment_minor == 8_000_000


def test_h4_what_was_paid_too_fast_is_given_back() -> None:
    terms = FlatTerms(8_000_000, 480_000, 120_000, CAP)
    closing = guard(terms, START, [(START + timedelta(days=1), 8_400_000)], START + timedelta(days=2))
    assert (closing.last_payment_minor, closing.rebate_minor) == (0, 80_000 + closing.given_back_minor)
    assert closing.given_back_minor > 0
    with pytest.raises(ValueError, match="more was paid"):
        guard(terms, START, [(START, 9_000_000)], START)


def test_terms_that_make_no_sense_are_refused() -> None:
    for wrong in ((0, 0, 1, CAP), (1, -1, 1, CAP), (1, 0, 1, Decimal(-1))):
        with pytest.raises(ValueError, match="not negative"):
            FlatTerms(*wrong)


def _check(terms: FlatTerms, done: FlatRun) -> None:
    paid = sum(amount for _, amount in done.payments)
    if done.closing is None:
        assert paid < terms.total_minor
        return
    closing = done.closing
    assert 0 <= closing.rebate_minor <= terms.fee_minor
    assert paid + closing.last_payment_minor - closing.given_back_minor == terms.total_minor - closing.rebate_minor
    assert closing.last_payment_minor == 0 or closing.given_back_minor == 0
    flows = done.flows(terms, START)
    if paid + closing.last_payment_minor - closing.given_back_minor == terms.advance_minor:
        return  # not a fen more than was lent
    assert irr_effective(flows) <= terms.cap + CLOSE
    if closing.rebate_minor:
        # No more is given back than the cap asks for: one minor unit more at the close would be above it.
        flows[-1] = replace(flows[-1], amount_minor=flows[-1].amount_minor - 1)
        assert irr_effective(flows) > terms.cap - CLOSE


def test_the_band_of_a_flat_fee_is_that_of_its_paths_one_by_one() -> None:
    draw = np.random.default_rng(7)
    months = (9_000_000 * np.exp(draw.normal(0, 0.8, (60, 24)))).astype(np.int64)
    for terms in (FlatTerms(8_000_000, 480_000, 120_000, CAP), FlatTerms(8_000_000, 900_000, 200_000, Decimal("0.1"))):
        found = flat_band(terms, months, START)
        ends, fees, rates, rebates = [], [], [], 0
        for path in months:
            done = run(terms, START, list(daily([int(month) for month in path], START))[:730])
            assert done.closing is not None
            ends.append((done.closing.on - START).days)
            fees.append(terms.fee_minor - done.closing.rebate_minor)
            rates.append(irr_effective(done.flows(terms, START)).quantize(Decimal("0.000001")))
            rebates += done.closing.rebate_minor > 0
        at = (6, 30, 54)
        assert found.days == tuple(sorted(ends)[rank] for rank in at)
        assert found.fee_minor == tuple(sorted(fees)[rank] for rank in at)
        for rate, rank in zip(found.effective_rate, at, strict=True):
            assert rate is not None
            assert abs(rate - sorted(rates)[rank]) <= Decimal("0.000001")
        assert found.capped == (Decimal(rebates) / 60).quantize(Decimal("0.0001"))


def test_a_path_without_an_end_has_no_rate() -> None:
    found = flat_band(FlatTerms(8_000_000, 480_000, 120_000, CAP), np.full((10, 3), 1_000, np.int64), START)
    assert (found.days, found.effective_rate) == ((None, None, None), (None, None, None))
    with pytest.raises(TooLarge):
        flat_band(FlatTerms(8_000_000, 480_000, 120_000, CAP), np.full((1, 1), 2**60, np.int64), START)


@settings(max_examples=250, deadline=None)
@given(
    st.builds(
        FlatTerms,
        st.integers(500_000, 30_000_000),
        st.integers(0, 4_000_000),
        st.integers(50_000, 200_000),
        st.sampled_from([Decimal("0.24"), Decimal("0.1"), Decimal("0.36")]),
    ),
    st.lists(st.integers(-1_000_000, 30_000_000), min_size=1, max_size=40),
)
@example(FlatTerms(500_000, 4_000_000, 200_000, CAP), [30_000_000] * 40)  # the best season there is
def test_the_realised_rate_never_exceeds_the_cap(terms: FlatTerms, revenue: list[int]) -> None:
    _check(terms, run(terms, START, days([net for net in revenue for _ in range(10)])))
    _check_books(terms, run(terms, START, days([net for net in revenue for _ in range(10)])))


def entries(terms: FlatTerms, done: FlatRun) -> list[Entry]:
    return flat_entries(UUID(int=4), terms, START, done, booked_at=datetime(2027, 1, 1, tzinfo=UTC), source="test")


def _check_books(terms: FlatTerms, done: FlatRun) -> None:
    """The postings are the run: cash, income after the rebate, and nothing left at the close."""
    balance = trial_balance(entries(terms, done))
    assert sum(balance.values()) == 0
    cash = balance.get(Account.CASH_WALLET, 0) + balance.get(Account.CASH_BANK, 0)
    assert cash == -sum(flow.amount_minor for flow in done.flows(terms, START)[1:])
    rebate = done.closing.rebate_minor if done.closing else 0
    assert -balance.get(Account.INCOME_FEES, 0) == terms.fee_minor - rebate
    left = balance[Account.LOANS_PRINCIPAL] + balance.get(Account.FEES_RECEIVABLE, 0)
    assert left == (0 if done.closing else terms.total_minor - cash)
    assert balance.get(Account.HELD_FOR_BORROWER, 0) == 0


def test_the_rebate_is_posted_against_the_fee_that_was_booked() -> None:
    terms = FlatTerms(8_000_000, 480_000, 120_000, CAP)
    done = FlatRun(
        ((START + timedelta(days=1), 8_400_000),),
        guard(terms, START, [(START + timedelta(days=1), 8_400_000)], START + timedelta(days=2)),
    )
    assert done.closing is not None
    kinds = [entry.kind for entry in entries(terms, done)]
    assert kinds == [
        EntryKind.DISBURSED,
        EntryKind.CHARGED,
        EntryKind.REPAYMENT,
        EntryKind.REBATED,
        EntryKind.OVERPAYMENT_RETURNED,
    ]
    rebated = entries(terms, done)[3]
    assert sum(posting.amount_minor for posting in rebated.postings) == done.closing.rebate_minor
    assert {posting.debit for posting in rebated.postings} == {Account.INCOME_FEES}
    _check_books(terms, done)
    wrong = replace(done, closing=Closing(START + timedelta(days=2), 0, 90_000, 0))
    with pytest.raises(LedgerError, match="what is over the rest"):
        entries(terms, wrong)

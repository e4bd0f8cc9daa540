"""A coupon pays interest and changes nothing else: with one no figure is worse, and what is shown is what is posted."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from lending.close import carried, close_day, opened, received
from lending.coupons import Coupon, best
from lending.ledger import Account, Entry, coupon_applied, disbursed, fold, payout_sent, repayment, trial_balance
from lending.projection import daily, project
from lending.revenue_share import RevenueDay
from lending.terms import Terms, terms_hash, terms_of

BOOK = policies.load()
PRODUCT = BOOK.product("revenue_linked_working_capital")
START = date(2026, 11, 21)
DAY = timedelta(days=1)
LOAN = UUID(int=7)
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)

amounts = st.integers(50, 3_000).map(lambda hundreds: hundreds * 10_000)
caps = st.integers(1, 400_000)
months = st.lists(st.integers(0, 20_000_000), min_size=1, max_size=12)


def terms(amount_minor: int, share: str = "0.12") -> Terms:
    return terms_of(PRODUCT, amount_minor=amount_minor, months=12, share=Decimal(share))


@settings(max_examples=60, deadline=None)
@given(amounts, st.sampled_from(["0.05", "0.12", "0.2"]), months, caps)
def test_i3_with_a_coupon_no_figure_is_worse_than_without(amount: int, share: str, usual: list[int], cap: int) -> None:
    agreed = terms(amount, share)
    without, with_one = project(agreed, usual, START), project(agreed, usual, START, coupon_minor=cap)
    assert with_one.annual_rate_simple == without.annual_rate_simple
    assert with_one.total_interest_minor <= without.total_interest_minor
    assert with_one.total_minor <= without.total_minor
    assert with_one.total_minor == amount + with_one.total_interest_minor - with_one.coupon_minor
    assert 0 <= with_one.coupon_minor <= cap
    assert len(with_one.rows) <= len(without.rows)
    for mine, theirs in zip(with_one.rows, without.rows, strict=False):
        assert mine.payment_minor <= theirs.payment_minor
        assert mine.closing_minor <= theirs.closing_minor
    if without.finish_on is not None:
        assert with_one.finish_on is not None
        assert with_one.finish_on <= without.finish_on


def lived(agreed: Terms, nets: list[tuple[date, int]], cap: int) -> tuple[list[Entry], date | None]:
    """The loan by the daily close, each receipt and each gift of the coupon booked."""
    said = {"booked_at": NOON, "source": "test"}
    entries = [
        payout_sent(LOAN, agreed.amount_minor, cause="p", effective_on=START, **said),  # type: ignore[arg-type]
        disbursed(LOAN, agreed.amount_minor, cause="p", effective_on=START, **said),  # type: ignore[arg-type]
    ]
    position, asked = opened(agreed, START, cap), 0
    for on, net in nets:
        if asked:
            position, parts = received(position, asked, asked_minor=asked)
            assert parts.over_minor == 0, "the last debit already knows what the coupon pays"
            entries.append(repayment(LOAN, parts, cause=str(on), effective_on=on, **said))  # type: ignore[arg-type]
            if position.owed_minor == 0:
                return entries, on
        closed = close_day(position, RevenueDay(net), on)
        asked = closed.withhold_minor
        if closed.coupon_minor:
            gift = coupon_applied(LOAN, closed.coupon_minor, cause=str(on), effective_on=on + DAY, **said)  # type: ignore[arg-type]
            entries.append(gift)
        position = carried(position, closed)
        told = fold(entries, agreed, on + DAY)
        assert position.owed_minor == told.owed_minor == closed.owed_minor
    return entries, None


@settings(max_examples=25, deadline=None)
@given(amounts, months, caps)
def test_x4_what_a_coupon_is_shown_to_pay_is_what_the_journal_posts_to_the_fen(
    amount: int, usual: list[int], cap: int
) -> None:
    agreed = terms(amount)
    shown = project(agreed, usual, START, coupon_minor=cap)
    entries, paid_on = lived(agreed, [*daily(usual, START)][:500], cap)
    balance = trial_balance(entries)
    assert sum(balance.values()) == 0
    assert balance.get(Account.COST_COUPONS, 0) <= cap
    if paid_on is not None:
        assert shown.finish_on == paid_on
        assert balance.get(Account.COST_COUPONS, 0) == shown.coupon_minor
        assert balance[Account.CASH_WALLET] == shown.total_minor


def coupon(n: int, cap: int, *, least: int = 0, until: date = START) -> Coupon:
    return Coupon(UUID(int=n), "kind", cap, least, until)


@pytest.mark.parametrize(
    ("held", "interest", "expected"),
    [
        ((), 5_000, None),
        ((coupon(1, 2_000), coupon(2, 4_000)), 5_000, 2),
        ((coupon(1, 2_000), coupon(2, 4_000)), 1_500, 1),  # both pay all of it: the larger one is kept
        ((coupon(1, 4_000, until=START + DAY), coupon(2, 4_000)), 5_000, 2),  # the one that ends first
        ((coupon(1, 2_000), coupon(2, 4_000, least=8_000_001)), 5_000, 1),
        ((coupon(1, 2_000), coupon(2, 4_000, until=START - DAY)), 5_000, 1),
        ((coupon(1, 2_000),), 0, None),
    ],
)
def test_i3_the_best_coupon_is_applied_by_itself(held: tuple[Coupon, ...], interest: int, expected: int | None) -> None:
    found = best(held, amount_minor=8_000_000, interest_minor=interest, on=START)
    assert (found.id.int if found else None) == expected


def test_i3_no_term_knows_of_a_coupon() -> None:
    """What is signed is the same with and without: the hash of the terms has nothing of it."""
    assert not any("coupon" in name for name in Terms.__dataclass_fields__)
    assert terms_hash(terms(8_000_000)) == terms_hash(terms(8_000_000))

"""Money that came unasked: found by what is written on it or by who sent it, shared without losing or making a fen."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.incoming import (
    By,
    Debt,
    Owed,
    Place,
    across,
    apart,
    for_the_draws,
    lent_on,
    loans_in,
    numbers_in,
    on_line_account,
    on_our_account,
    reference_of,
)

DAY = date(2026, 12, 1)
MINOR = st.integers(1, 10**11)


def debt(n: int, open_minor: int = 100_00, due: int = 0, **other: bool) -> Debt:
    return Debt(UUID(int=n), open_minor, DAY + timedelta(days=due), **other)


@given(st.integers(1, 10**9))
def test_a_reference_finds_its_number_however_it_is_spaced(number: int) -> None:
    written = reference_of(number)
    for remark in (
        written,
        f"还款{written}谢谢",
        f"{written[:2]} {written[2:4]} {written[4:]} 2026-11-30",
        "".join(chr(ord(letter) + 0xFEE0) for letter in written),
        f"hs-{written[2:]}",
    ):
        assert number in loans_in(remark), remark


@given(st.integers(1, 10**9), st.integers(0, 9), st.data())
def test_one_wrong_digit_finds_nothing(number: int, digit: int, data: st.DataObject) -> None:
    written = reference_of(number)
    place = data.draw(st.integers(2, len(written) - 1))
    wrong = written[:place] + str(digit) + written[place + 1 :]
    assert wrong == written or number not in loans_in(wrong)


@pytest.mark.parametrize("remark", ["", "还款", "HS", "HS1", "hello 12345", "HS12345"])
def test_what_is_no_reference_of_ours_names_nothing(remark: str) -> None:
    assert loans_in(remark) == ()


def test_two_references_are_both_read_so_that_a_person_asks_which() -> None:
    assert set(loans_in(f"{reference_of(1042)} {reference_of(2077)}")) == {1042, 2077}


def test_an_invoices_number_is_read_with_and_without_its_dashes() -> None:
    assert "24312000000012345678" in numbers_in("付 发票 2431-2000-0000-1234-5678 货款")
    assert numbers_in("货款") == ()


def test_on_a_lines_account_the_named_one_wins_then_the_senders_exact_one_then_their_oldest_then_the_sum() -> None:
    ours = [debt(1, 500_00, 9, from_debtor=True), debt(2, 300_00, 5, from_debtor=True), debt(3, 70_00, 1)]
    named = [*ours, debt(4, 10_00, named=True)]
    assert on_line_account(1, named) == Place(UUID(int=4), By.REFERENCE)
    assert on_line_account(500_00, ours) == Place(UUID(int=1), By.ACCOUNT)
    assert on_line_account(1, ours) == Place(UUID(int=2), By.ACCOUNT)
    strangers = [debt(5, 70_00), debt(6, 80_00)]
    assert on_line_account(70_00, strangers) == Place(UUID(int=5), By.ACCOUNT)
    assert on_line_account(71_00, strangers) is None
    assert on_line_account(70_00, [debt(5, 70_00), debt(6, 70_00)]) is None, "two of one sum are for a person"


def test_on_our_account_only_a_debtor_who_names_one_or_pays_exactly_one_is_understood() -> None:
    assert on_our_account(1, [debt(1, named=True)]) is None, "anybody may write a number"
    assert on_our_account(1, [debt(1, named=True, from_debtor=True)]) == Place(UUID(int=1), By.REFERENCE)
    assert on_our_account(100_00, [debt(1, from_debtor=True)]) == Place(UUID(int=1), By.BUYER)
    assert on_our_account(100_00, [debt(1, from_debtor=True), debt(2, from_debtor=True)]) is None


OWED = st.lists(
    st.builds(Owed, st.uuids(), st.integers(0, 10**10), st.dates(DAY, DAY + timedelta(days=900))), max_size=8
)


@given(MINOR, OWED, st.one_of(st.none(), st.integers(0, 10**11)))
def test_p26_shares_sum_to_the_payment_to_the_fen_and_none_is_negative_or_above_what_is_owed(
    amount: int, loans: list[Owed], most: int | None
) -> None:
    shares = across(amount, loans, at_most_minor=most)
    assert shares.total_minor == amount
    assert shares.rest_minor >= 0
    owed = {loan.id: loan.owed_minor for loan in loans}
    assert all(0 < part <= owed[loan_id] for loan_id, part in shares.loans)
    if most is not None:
        assert sum(part for _, part in shares.loans) <= most


@given(MINOR, OWED)
def test_p26_the_oldest_due_is_paid_in_full_before_a_younger_one_gets_a_fen(amount: int, loans: list[Owed]) -> None:
    shares = dict(across(amount, loans).loans)
    order = sorted((loan for loan in loans if loan.owed_minor), key=lambda loan: (loan.due_on, str(loan.id)))
    for older, younger in pairwise(order):
        assert younger.id not in shares or shares[older.id] == older.owed_minor


RATE = st.decimals(Decimal("0.01"), Decimal(1), places=2)


@given(MINOR, RATE, st.integers(0, 10**11), st.integers(0, 10**11), OWED)
def test_of_a_buyers_payment_what_was_lent_on_it_and_what_lost_its_cover_is_repaid_and_the_rest_is_the_borrowers(
    amount: int, rate: Decimal, uncovered: int, late: int, loans: list[Owed]
) -> None:
    lent = lent_on(amount, rate)
    assert amount * rate <= lent <= amount
    most = for_the_draws(amount, lent_minor=lent, uncovered_minor=uncovered, past_due_minor=late)
    assert lent <= most <= amount
    assert most >= min(amount, uncovered)
    assert most >= min(amount, late)
    shares = across(amount, loans, at_most_minor=most)
    repaid = sum(part for _, part in shares.loans)
    assert repaid == min(most, sum(loan.owed_minor for loan in loans))
    assert repaid + shares.rest_minor == amount


@given(MINOR, st.lists(st.tuples(MINOR, st.integers(0, 99), st.booleans()), min_size=1, max_size=6))
def test_a_payment_larger_than_its_receivable_pays_the_same_buyers_next_and_never_another_buyers(
    amount: int, many: list[tuple[int, int, bool]]
) -> None:
    debts = [debt(n, open_minor, due, from_debtor=theirs) for n, (open_minor, due, theirs) in enumerate(many, 1)]
    parts = dict(apart(amount, debts, debts[0].id))
    assert 0 < sum(parts.values()) <= amount
    for one in debts:
        assert 0 <= parts.get(one.id, 0) <= one.open_minor
        assert one.id == debts[0].id or one.from_debtor or one.id not in parts
    assert sum(parts.values()) == min(
        amount, sum(one.open_minor for one in debts if one.from_debtor or one.id == debts[0].id)
    )

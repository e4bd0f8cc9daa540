"""A renewal pays the old loan off from the new one's money, gives unearned fees back, costs nobody a day between."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policies
from lending.flat_fee import FlatTerms, guard
from lending.ledger import Account, EntryKind, trial_balance
from lending.refusals import RenewalTooSmall
from lending.renewal import entries_of, net_of, renew, settled

NEW, OLD = UUID(int=1), UUID(int=2)
ON = date(2027, 3, 1)
NOON = datetime(2027, 3, 1, 4, tzinfo=UTC)
minor = st.integers(0, 30_000_000)


@given(st.integers(1, 30_000_000), minor, st.integers(0, 500_000), st.integers(0, 1_000_000), st.data())
def test_i4_the_net_payout_is_the_new_loan_less_what_ends_the_old_one_with_unearned_fees_given_back(
    amount: int, principal: int, interest: int, fees: int, data: st.DataObject
) -> None:
    rebate = data.draw(st.integers(0, fees))
    owed = {"principal_minor": principal, "interest_minor": interest, "fees_minor": fees, "rebate_minor": rebate}
    if amount <= principal + interest + fees - rebate:
        with pytest.raises(RenewalTooSmall):
            renew(amount, **owed)
        return
    found = renew(amount, **owed)
    assert found.net_minor + principal + interest + fees - rebate == amount
    if rebate:
        assert found.net_minor > amount - principal - interest - fees, "the rebate is the owner's"


@given(minor, st.integers(0, 500_000), minor, st.integers(0, 500_000))
def test_i4_whatever_happens_between_sheet_and_money_the_books_balance_and_the_owner_pays_for_nothing_twice(
    principal_then: int, interest_then: int, principal_now: int, interest_now: int
) -> None:
    fixed = principal_then + interest_then
    used = settled(fixed, principal_minor=principal_now, interest_minor=interest_now)
    assert used.principal_minor + used.interest_minor + used.surplus_minor == fixed
    assert used.principal_minor + used.left_minor == principal_now
    assert min(used.waived_minor, used.surplus_minor, used.left_minor) >= 0
    if principal_now <= principal_then:  # no payment was charged back
        assert used.left_minor == 0, "the old loan ends"
        assert used.interest_minor + used.waived_minor == interest_now
    made = entries_of(used, fixed, new=NEW, old=OLD, booked_at=NOON, on=ON, source="test") if fixed else []
    balance = trial_balance(made)
    assert sum(balance.values()) == 0
    assert balance.get(Account.REFINANCING, 0) == 0, "nothing stays between the loans"
    of_new = trial_balance(entry for entry in made if entry.loan_id == NEW)
    assert of_new.get(Account.LOANS_PRINCIPAL, 0) == fixed - used.surplus_minor
    assert {entry.kind for entry in made} <= {EntryKind.REFINANCED, EntryKind.WAIVED}
    assert len({entry.id for entry in made}) == len(made)


def test_i4_a_flat_fee_is_given_back_as_far_as_the_guard_says() -> None:
    """¥10,000 for a fee of ¥1,000, repaid by a renewal after a month: at 24 % a year most of the fee is unearned."""
    terms = FlatTerms(1_000_000, 100_000, 100_000, policies.load().jurisdiction("CN").price_cap.bank)
    closing = guard(terms, ON, [], ON + timedelta(days=30))
    assert closing.rebate_minor > 0
    found = renew(
        2_000_000,
        principal_minor=terms.advance_minor,
        interest_minor=0,
        fees_minor=terms.fee_minor,
        rebate_minor=closing.rebate_minor,
    )
    assert found.payoff_minor == closing.last_payment_minor
    assert found.net_minor == 2_000_000 - closing.last_payment_minor


def test_what_is_paid_out_is_read_from_the_key_facts() -> None:
    assert net_of({}, 5_000_000) == 5_000_000
    assert net_of({"renewal": None}, 5_000_000) == 5_000_000
    assert net_of({"renewal": {"payoff_minor": 1_234}}, 5_000_000) == 4_998_766

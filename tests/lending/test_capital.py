"""The books open with what the lender's owners put in."""

from datetime import UTC, date, datetime

from lending.accounts import Account, Section
from lending.ledger import capital_paid_in
from lending.statement import By, trial_balance_on

ON = date(2026, 11, 22)


def test_capital_stands_as_cash_and_as_equity() -> None:
    entry = capital_paid_in(5_000_000_000, "CNY", booked_at=datetime(2026, 11, 22, tzinfo=UTC), effective_on=ON)
    balance = trial_balance_on([entry], ON, By.VALUE_DATE)
    assert balance.balances == {Account.CASH_BANK: 5_000_000_000, Account.CAPITAL: -5_000_000_000}
    assert balance.of(Section.ASSET) == balance.of(Section.EQUITY) == 5_000_000_000


def test_a_currency_has_one_opening_whenever_it_is_booked() -> None:
    first, later = (
        capital_paid_in(1, "CNY", booked_at=datetime(2026, 11, day, tzinfo=UTC), effective_on=date(2026, 11, day))
        for day in (22, 23)
    )
    assert first.id == later.id

"""The books on any day, by the date that counts and by the date of writing."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from db import ledger
from infra import i18n
from lending.accounts import SECTIONS, Account
from lending.ledger import EntryKind, Split, payout_sent, repayment

LOAN = UUID(int=7)


@pytest.fixture
async def late(book: Any) -> Any:
    """A payout of ¥8,000 on the 1st, and a repayment of the 3rd that was written on the 9th, 23:30 in Beijing."""
    book.tamper("truncate entry, posting, journal_seal")
    async with book.sessions.begin() as session:
        sent = payout_sent(
            LOAN,
            800_000,
            cause="p",
            booked_at=datetime(2026, 11, 1, 4, tzinfo=UTC),
            effective_on=date(2026, 11, 1),
            source="payout:p",
        )
        back = repayment(
            LOAN,
            Split(1_000, 49_000, 0),
            cause="c",
            booked_at=datetime(2026, 11, 9, 15, 30, tzinfo=UTC),
            effective_on=date(2026, 11, 3),
            source="rail:c",
        )
        for entry in (sent, back):
            await ledger.post(session, entry, currency="CNY")
    return book


def balances(command: Any, on: str, by: str) -> dict[str, int]:
    answer = command("ledger", "trial", "--on", on, "--by", by, "--json")
    assert answer.returncode == 0, answer.stderr
    (told,) = json.loads(answer.stdout)
    assert sum(account["balance_minor"] for account in told["accounts"]) == told["difference_minor"] == 0
    return {account["account"]: account["balance_minor"] for account in told["accounts"]}


def test_a_late_entry_counts_from_its_day_or_from_the_day_on_which_it_was_written(late: Any, command: Any) -> None:
    sent = {"payouts_in_flight": 800_000, "cash.bank": -800_000}
    assert balances(command, "2026-11-02", "value_date") == sent
    assert balances(command, "2026-11-03", "value_date")["cash.wallet"] == 50_000
    assert balances(command, "2026-11-08", "posting_date") == sent
    assert balances(command, "2026-11-09", "posting_date")["cash.wallet"] == 50_000  # 23:30 there, not the day after
    assert json.loads(command("ledger", "trial", "--on", "2026-10-31", "--json").stdout) == []


def test_a_person_reads_names_and_the_sums_of_both_sides(late: Any, command: Any) -> None:
    said = command("ledger", "trial", "--on", "2026-11-09").stdout
    assert "Payouts in flight" in said
    assert said.count("¥850,000") == 0
    assert said.count("¥8,500.00") == 2
    assert "No entries until" in command("ledger", "trial", "--on", "2026-10-31").stdout


def test_an_account_that_is_in_no_chart_is_told_in_one_line(late: Any, command: Any) -> None:
    """A move stands in one row, so nothing that somebody does to rows can unbalance the two sides."""
    late.tamper("update posting set debit = 'nowhere' where n = 1")
    answer = command("ledger", "trial", "--on", "2026-11-09")
    said = "Error: the journal names an unknown account nowhere: huoshui audit verify\n"
    assert (answer.returncode, answer.stderr) == (1, said)


def test_a_loan_that_nobody_has_is_one_line(late: Any, command: Any) -> None:
    for name in (str(UUID(int=9)), "1001", "HS-2026", "9" * 30):
        answer = command("ledger", "loan", name)
        assert (answer.returncode, answer.stderr) == (1, f"Error: no such loan: '{name}'\n")


def test_the_chart_is_complete_and_has_names_in_both_languages(command: Any) -> None:
    told = json.loads(command("ledger", "accounts", "--json").stdout)
    assert [row["account"] for row in told] == [account.value for account in SECTIONS]
    assert set(SECTIONS) == set(Account)
    for locale in i18n.LOCALES:
        for account in Account:
            assert i18n.text(f"lending.account.{account.value}", locale)
        for kind in EntryKind:
            assert i18n.text(f"lending.entry.{kind.value}", locale)


def test_days_come_in_one_form(command: Any) -> None:
    assert command("ledger", "trial", "--on", "yesterday").returncode == 2
    assert command("ledger", "trial", "--by", "heart").returncode == 2

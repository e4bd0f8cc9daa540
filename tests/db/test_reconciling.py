"""The bank's statement against our books, from the file to the exit code: each planted break has its reason."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from db import ledger
from lending.identifiers import derived_id
from lending.ledger import Split, payout_sent, repayment
from simulators.rail.statements import camt053

LOAN = UUID(int=7)
ON = date(2026, 11, 21)
ACCOUNT = "6200000000000000001"
SENT = UUID(int=70)
DEBITS = tuple(UUID(int=80 + n) for n in range(4))


@pytest.fixture
async def lender(book: Any) -> Any:
    """A payout of ¥8,000 and four debits of ¥100, ¥101, ¥102 and ¥103 on one day, booked from their causes."""
    at = {"booked_at": book.rows("select now()")[0][0], "effective_on": ON}
    orders = "".join(
        f"insert into collection values ('{debit}', '{LOAN}', '{UUID(int=1)}', '2026-11-20', 0, 0,"
        f" {10_000 + 100 * n}, {10_000 + 100 * n}, 'received', 'C{n}', now());"
        for n, debit in enumerate(DEBITS)
    )
    book.database.execute(
        "set session_replication_role = replica;"
        "insert into payout (id, application_id, person_id, loan_id, end_to_end_id, amount_minor, currency, account_id,"
        f" approval_hash, tier, state, pay_at, created_at) values ('{SENT}', '{SENT}', '{SENT}', '{LOAN}', 'HSPAY',"
        f" 800000, 'CNY', '{SENT}', 'h', 'fast', 'credited', now(), now());{orders}"
    )
    async with book.sessions.begin() as session:
        await ledger.post(
            session, payout_sent(LOAN, 800_000, cause=str(SENT), source=f"payout:{SENT}", **at), currency="CNY"
        )
        for n, debit in enumerate(DEBITS):
            entry = repayment(
                LOAN, Split(100, 9_900 + 100 * n, 0), cause=f"collection/{debit}", source=f"rail:C{n}", **at
            )
            await ledger.post(session, entry, currency="CNY")
    # The book's own made-up repayments are of another day.
    return book


def row(order_id: str | None, amount: int, reference: str = "R", on: date = ON) -> dict[str, Any]:
    return {
        "rail_reference": f"{reference}{order_id}",
        "kind": "payment",
        "order_id": order_id,
        "amount_minor": amount,
        "booked_on": on.isoformat(),
        "remark": "活水",
    }


def whole() -> list[dict[str, Any]]:
    return [row("HSPAY", -800_000), *(row(str(debit), 10_000 + 100 * n) for n, debit in enumerate(DEBITS))]


def written(folder: Path, rows: list[dict[str, Any]], opening: int = 10**9, on: date = ON, name: str = "day") -> Path:
    closing = opening + sum(each["amount_minor"] for each in rows)
    told = {"account": ACCOUNT, "on": on.isoformat(), "opening_minor": opening, "closing_minor": closing, "rows": rows}
    path = folder / f"{name}.xml"
    path.write_bytes(camt053(told))
    return path


def reconciled(command: Any, path: Path, *more: str) -> tuple[int, dict[str, Any]]:
    answer = command("ledger", "reconcile", str(path), "--json", *more)
    assert answer.stdout, answer.stderr
    return answer.returncode, json.loads(answer.stdout)[0]


def without_the_books_own(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in told["breaks"] if not str(one["order_id"]).startswith("entry/")]


@pytest.fixture
def quiet(lender: Any) -> Any:
    """The same without the made-up repayments of the book, which no order explains."""
    lender.tamper("delete from posting where entry_id in (select id from entry where source like 'rail:_' )")
    lender.tamper(
        "delete from posting where entry_id in (select id from entry where source like 'rail:__' "
        "and source not like 'rail:C%')"
    )
    return lender


def test_a_statement_that_agrees_in_everything_is_clean_and_kept(quiet: Any, command: Any, tmp_path: Path) -> None:
    code, told = reconciled(command, written(tmp_path, whole()))
    assert (code, told["matched"], told["breaks"], told["difference_minor"]) == (0, 5, [], 0)
    assert quiet.rows("select account, rows, matched, breaks from bank_statement") == [(ACCOUNT, 5, 5, [])]


DEBIT = str(DEBITS[1])
PLANTED = {
    "missing at the bank": (lambda rows: rows[:2] + rows[3:], "not_at_bank", DEBIT, -10_100, "debit_received"),
    "more at the bank": (lambda rows: [*rows, row("STRANGER", 555)], "not_ours", "STRANGER", 555, None),
    "without an order": (lambda rows: [*rows, row(None, 777)], "not_ours", None, 777, None),
    "another amount": (
        lambda rows: [*rows[:2], row(DEBIT, 10_001), *rows[3:]],
        "amount",
        DEBIT,
        -99,
        "debit_received",
    ),
    "twice": (lambda rows: [*rows, row("HSPAY", -800_000, "S")], "twice_at_bank", "HSPAY", -800_000, "payout_credited"),
    "on another day": (
        lambda rows: [*rows[:2], row(DEBIT, 10_100, on=ON + timedelta(days=1)), *rows[3:]],
        "day",
        DEBIT,
        0,
        "debit_received",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_break_is_listed_with_its_reason(quiet: Any, command: Any, tmp_path: Path, what: str) -> None:
    change, reason, order_id, difference, state = PLANTED[what]
    code, told = reconciled(command, written(tmp_path, change(whole())))
    (found,) = told["breaks"]
    assert code == 1
    assert (found["reason"], found["order_id"], found["difference_minor"], found["state"]) == (
        reason,
        order_id,
        difference,
        state,
    )
    assert told["difference_minor"] == difference
    assert quiet.rows("select breaks->0->>'reason' from bank_statement") == [(reason,)]


def test_what_we_booked_twice_or_without_an_order_nobody_at_the_bank_knows(
    lender: Any, command: Any, tmp_path: Path
) -> None:
    """The made-up repayments of the book have no payout and no debit behind them."""
    code, told = reconciled(command, written(tmp_path, whole()))
    assert code == 1
    assert {one["reason"] for one in told["breaks"]} == {"not_at_bank"}
    assert {one["order_id"] for one in told["breaks"]} == {
        f"entry/{derived_id('test-entry', str(n))}" for n in range(12)
    }


def test_an_opening_that_does_not_follow_the_last_closing_is_a_break(quiet: Any, command: Any, tmp_path: Path) -> None:
    eve = ON - timedelta(days=1)
    reconciled(command, written(tmp_path, [row("X", 5, on=eve)], 100, eve, "eve"))
    code, told = reconciled(command, written(tmp_path, whole(), 107))
    assert (code, told["breaks"], told["gap_minor"]) == (1, [], 2)
    code, told = reconciled(command, written(tmp_path, whole(), 105), "--dry-run")
    assert (code, told["gap_minor"]) == (0, 0)


def test_a_dry_run_keeps_nothing_and_the_same_statement_may_come_again(
    quiet: Any, command: Any, tmp_path: Path
) -> None:
    path = written(tmp_path, whole())
    reconciled(command, path, "--dry-run")
    assert quiet.rows("select count(*) from bank_statement") == [(0,)]
    assert reconciled(command, path)[0] == reconciled(command, path)[0] == 0
    assert quiet.rows("select count(*) from bank_statement") == [(1,)]


def test_a_statement_of_a_day_that_is_over_does_not_change(quiet: Any, command: Any, tmp_path: Path) -> None:
    past = ON - timedelta(days=30)
    reconciled(command, written(tmp_path, [row("X", 5, on=past)], on=past))
    answer = command("ledger", "reconcile", str(written(tmp_path, [row("X", 6, on=past)], on=past)))
    assert answer.returncode == 1
    assert "imported before with other content" in answer.stderr


BAD = {
    "no xml": (b"account,amount\n1,2\n", "not well-formed"),
    "entities": (b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>', "has no place in a statement"),
    "another document": (b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'/>", "no camt.053"),
    "a bomb of tags": (b"<a>" * 4_000_001, "tags"),
    "not text": (bytes(range(128, 256)), "not UTF-8"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_is_no_statement_is_one_line_and_nothing_is_kept(
    book: Any, command: Any, tmp_path: Path, what: str
) -> None:
    data, said = BAD[what]
    path = tmp_path / "bad.xml"
    path.write_bytes(data)
    answer = command("ledger", "reconcile", str(path))
    assert answer.returncode == 2
    assert said in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert book.rows("select count(*) from bank_statement") == [(0,)]


def test_a_person_reads_the_breaks(quiet: Any, command: Any, tmp_path: Path) -> None:
    answer = command("ledger", "reconcile", str(written(tmp_path, [*whole(), row("STRANGER", 555)])))
    assert answer.returncode == 1
    assert "5 matched of 6 bookings at the bank" in answer.stdout
    assert "not in our books" in answer.stdout
    assert "1 break, ¥5.55 in all" in answer.stdout


def test_either_a_file_or_a_day(command: Any) -> None:
    assert command("ledger", "reconcile").returncode == 2

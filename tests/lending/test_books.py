"""The books of a loan: corrections beside what was booked, statements by either date, the trial balance."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest

from lending.accounts import SECTIONS, Account, Section
from lending.allocation import Ahead, Rule, When
from lending.amortisation import InterestMethod
from lending.changes import ChargeOff
from lending.charges import Charge, ChargeBasis, ChargeTime
from lending.instalments import Part
from lending.journal import book, postings_of, wanted
from lending.ledger import Entry, EntryKind, LedgerError, Posting, trial_balance
from lending.loan_state import Event, Kind, Recalculation, Shape
from lending.movements import MOVES, Movement, move, reversed_by
from lending.rate_factors import MonthDays, RateBasis, YearDays
from lending.servicing import replay
from lending.spans import Unit
from lending.statement import By, statement, trial_balance_on, until

LOAN, OTHER = UUID(int=1), UUID(int=2)
ORDER = tuple((when, part) for when in When for part in (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL))
SHAPE = Shape(
    annual_rate=Decimal("0.07"),
    basis=RateBasis(YearDays.D360, MonthDays.D30, 1, Unit.MONTHS),
    count=6,
    method=InterestMethod.DECLINING,
    rules={None: Rule(ORDER, Ahead.NEXT)},
    recalculation=Recalculation(),
)


def on(month: int, day: int = 1) -> date:
    return date(2024, month, day)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(4), tzinfo=UTC)


LENT = Event(Kind.DISBURSEMENT, on(1), on(1), 10_000, key="lent")


def pay(day: date, amount: int, key: str, seen_on: date | None = None) -> Event:
    return Event(Kind.REPAYMENT, day, seen_on or day, amount, key=key)


def booked(posted: list[Entry], events: list[Event], today: date) -> list[Entry]:
    """Books what is new today; returns only that."""
    new = book(LOAN, replay(SHAPE, events, today), today, posted, booked_at=noon(today), source="desk")
    posted += new
    return new


def test_a_payment_pays_interest_then_principal_and_what_is_over_is_held() -> None:
    posted: list[Entry] = []
    events = [LENT, pay(on(2), 1_701, "p1")]
    kinds = [entry.kind for entry in booked(posted, events, on(2))]
    assert kinds == [EntryKind.DISBURSED, EntryKind.REPAYMENT, EntryKind.LOAN_ACCRUAL]
    assert posted[1].postings == (
        Posting(Account.CASH_WALLET, Account.LOANS_PRINCIPAL, 1_643),
        Posting(Account.CASH_WALLET, Account.INTEREST_RECEIVABLE, 58),
    )
    assert booked(posted, events, on(2)) == []
    booked(posted, [*events, pay(on(2), 9_000, "p2")], on(2))
    assert -trial_balance(posted)[Account.HELD_FOR_BORROWER] == 9_000 - 8_357


def test_a_payment_that_came_late_with_an_earlier_date_reverses_what_it_changes() -> None:
    posted: list[Entry] = []
    march = pay(on(3), 1_701, "march")
    booked(posted, [LENT, march], on(3))
    new = booked(posted, [LENT, march, pay(on(2), 1_701, "february", seen_on=on(3, 5))], on(3, 5))
    assert [entry.kind for entry in new] == [
        EntryKind.REPAYMENT,
        EntryKind.REVERSAL,
        EntryKind.REPAYMENT,
        EntryKind.LOAN_ACCRUAL,
    ]
    reversal, again = new[1], new[2]
    assert reversal.effective_on == again.effective_on == on(3)
    assert (reversal.booked_at, again.booked_at) == (noon(on(3, 5)), noon(on(3, 5)))
    first = next(entry for entry in posted if entry.kind is EntryKind.REPAYMENT)
    assert reversal.postings == tuple(Posting(p.credit, p.debit, p.amount_minor) for p in first.postings)
    assert len({entry.id for entry in posted}) == len(posted)


def test_undone_is_reversed_and_redone_is_booked_again() -> None:
    posted: list[Entry] = []
    events = [LENT, pay(on(2), 1_701, "p1")]
    booked(posted, events, on(2))
    before = {account: amount for account, amount in trial_balance(posted).items() if amount}
    booked(posted, [LENT], on(2))
    assert trial_balance(posted)[Account.LOANS_PRINCIPAL] == 10_000
    assert trial_balance(posted).get(Account.CASH_WALLET) == 0
    booked(posted, events, on(2))
    after = trial_balance(posted)
    assert {account: amount for account, amount in after.items() if amount} == before
    assert booked(posted, events, on(2)) == []


def test_the_statement_differs_by_value_date_and_by_booking() -> None:
    posted: list[Entry] = []
    booked(posted, [LENT], on(2))
    booked(posted, [LENT, pay(on(2), 1_701, "late", seen_on=on(2, 10))], on(2, 10))
    by_value = statement(posted, LOAN, on(2), By.VALUE_DATE)
    by_booking = statement(posted, LOAN, on(2), By.POSTING_DATE)
    assert by_value.balance_minor == 10_000 + 58 - 1_701
    assert by_booking.balance_minor == 10_000 + 58
    assert statement(posted, LOAN, on(2, 10), By.POSTING_DATE).lines[-1].booked_on == on(2, 10)
    line = by_value.lines[-1]
    assert (line.paid_minor, line.principal_minor, line.interest_minor) == (1_701, -1_643, -58)
    assert by_value.lines[0].lent_minor == 10_000
    assert statement(posted, OTHER, on(2), By.VALUE_DATE).balance_minor == 0


def test_the_trial_balance_of_any_day_is_zero_and_splits_into_sections() -> None:
    posted: list[Entry] = []
    fee = Charge(Decimal(300), ChargeBasis.FLAT, ChargeTime.DUE_DATE, False, on(1, 5), on(2))
    events = [LENT, Event(Kind.CHARGE, on(1, 5), on(1, 5), charge=fee, key="fee"), pay(on(2), 2_001, "p1")]
    booked(posted, events, on(2))
    for by in By:
        for day in (on(1), on(2), on(5)):
            balance = trial_balance_on(posted, day, by)
            assert sum(balance.balances.values()) == 0
            assert balance.of(Section.ASSET) == balance.of(Section.LIABILITY) + balance.of(Section.INCOME) - balance.of(
                Section.COST
            )
    assert trial_balance_on(posted, on(2), By.VALUE_DATE).of(Section.INCOME) == 358
    assert until(posted, on(1), By.POSTING_DATE) == []
    assert set(SECTIONS) == set(Account)


def test_after_a_charge_off_money_is_a_recovery() -> None:
    posted: list[Entry] = []
    off = Event(Kind.CHANGE, on(4), on(4), change=ChargeOff(), key="off")
    booked(posted, [LENT, off], on(4))
    balance = trial_balance(posted)
    assert balance[Account.LOANS_PRINCIPAL] == balance[Account.INTEREST_RECEIVABLE] == 0
    assert balance[Account.COST_WRITE_OFFS] == 10_000 - balance[Account.INCOME_INTEREST]
    new = booked(posted, [LENT, off, pay(on(5), 4_000, "p1")], on(5))
    assert [entry.kind for entry in new] == [EntryKind.RECOVERY]
    assert new[0].postings == (Posting(Account.CASH_WALLET, Account.INCOME_RECOVERIES, 4_000),)


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        (Kind.GOODWILL, Account.COST_GOODWILL),
        (Kind.MERCHANT_REFUND, Account.REFUNDS_CLEARING),
        (Kind.INTEREST_WAIVER, Account.COST_WAIVERS),
    ],
)
def test_money_that_nobody_paid_comes_from_its_own_account(kind: Kind, source: Account) -> None:
    posted: list[Entry] = []
    booked(posted, [LENT, Event(kind, on(2), on(2), 500, key="x")], on(2))
    assert trial_balance(posted)[source] == 500


def test_two_events_of_one_name_cannot_be_booked() -> None:
    with pytest.raises(LedgerError, match="different keys"):
        wanted(replay(SHAPE, [LENT, pay(on(2), 100, "p"), pay(on(2), 100, "p")], on(2)))


def test_net_amounts_become_the_fewest_postings_that_move_them() -> None:
    net = {Account.CASH_BANK: 70, Account.SUSPENSE: 30, Account.LOANS_PRINCIPAL: -60, Account.INCOME_FEES: -40}
    postings = postings_of(net)
    moved: dict[Account, int] = {}
    for posting in postings:
        moved[posting.debit] = moved.get(posting.debit, 0) + posting.amount_minor
        moved[posting.credit] = moved.get(posting.credit, 0) - posting.amount_minor
    assert moved == net
    assert len(postings) == 3


@pytest.mark.parametrize("movement", Movement)
def test_every_movement_can_be_booked_once_and_reversed(movement: Movement) -> None:
    more = {"loan_id": LOAN, "booked_at": noon(on(2)), "effective_on": on(1), "source": "desk"}
    entry = move(movement, 500, cause="c1", **more)  # type: ignore[arg-type]
    assert entry == move(movement, 500, cause="c1", **more)  # type: ignore[arg-type]
    assert entry.id != move(movement, 500, cause="c2", **more).id  # type: ignore[arg-type]
    back = reversed_by(entry, cause="wrong", booked_at=noon(on(3)), source="desk")
    assert set(trial_balance([entry, back]).values()) == {0}
    assert back.effective_on == entry.effective_on
    assert {entry.postings[0].debit, entry.postings[0].credit} == set(MOVES[movement][1:])


def test_a_coupon_settles_interest_and_marketing_pays() -> None:
    entry = move(
        Movement.COUPON_USED,
        58,
        loan_id=LOAN,
        cause="coupon-1",
        booked_at=noon(on(2)),
        effective_on=on(2),
        source="desk",
    )
    assert trial_balance([entry]) == {Account.COST_COUPONS: 58, Account.INTEREST_RECEIVABLE: -58}

"""What was known on a day: later rows are gone, and what happened later to earlier rows has not happened."""

from datetime import date, timedelta

import numpy as np

from scoring.evidence import Declared, Evidence, Orders
from scoring.invoices import BOUGHT, RED, SOLD, VALID, Invoices
from scoring.lines import SALE, Lines, day_number

AS_OF = date(2025, 6, 30)
DAY = day_number(AS_OF)


def some(firm: int = 0, shift: int = 0) -> Evidence:
    """A row before, on and after the day in each source; the earlier ones are paid on the day after it."""
    day = np.array([DAY - 30, DAY, DAY + 1]) + shift
    who = np.full(3, firm)
    party = np.array([1, 2, 3], np.uint64)
    amount = np.array([100, 200, 300])
    after = np.full(3, DAY + 1)
    return Evidence(
        Lines(who, day, np.ones(3, np.int8), amount, np.full(3, SALE), party, amount),
        Invoices(who, np.array([SOLD, BOUGHT, SOLD]), day, day + 30, after, amount, amount // 10, party, np.zeros(3)),
        Orders(who, day, after, after, after, amount, party),
        Declared(who, day, *(np.full(3, n) for n in range(6))),
    )


def test_later_rows_are_gone_from_every_source():
    known = some().known(AS_OF)
    assert [len(part) for part in (known.lines, known.invoices, known.orders, known.declared)] == [2, 2, 2, 2]
    assert known.lines.balance_minor is not None
    assert known.lines.balance_minor.tolist() == [100, 200]


def test_a_payment_of_tomorrow_has_not_happened():
    known = some().known(AS_OF)
    assert known.invoices.settled.tolist() == [-1, -1]
    assert known.orders.paid.tolist() == known.orders.delivered.tolist() == known.orders.ended.tolist() == [-1, -1]
    assert some().known(AS_OF + timedelta(days=1)).invoices.settled.tolist() == [DAY + 1] * 3


def test_each_firm_has_its_own_day():
    two = Evidence(
        invoices=Invoices(
            *(
                np.concatenate([getattr(some(firm).invoices, name) for firm in (0, 1)])
                for name in Invoices.__dataclass_fields__
            )
        )
    )
    known = two.known(np.array([DAY, DAY - 1]))
    assert known.invoices.firm.tolist() == [0, 0, 1]
    assert len(known.of(1).invoices) == 1
    assert known.of(1).invoices.firm.tolist() == [0]


def test_nothing_at_all_stays_nothing():
    known = Evidence().known(AS_OF)
    assert [len(part) for part in (known.lines, known.invoices, known.orders, known.declared)] == [0, 0, 0, 0]


def test_an_invoice_with_a_negative_amount_is_red_where_no_status_is_told():
    made = Invoices.from_columns(
        {
            "firm": np.zeros(2, int),
            "side": np.ones(2, int),
            "issued": np.array([DAY, DAY]),
            "net_minor": np.array([100, -100]),
            "counterparty": np.array([1, 1]),
        }
    )
    assert made.status.tolist() == [VALID, RED]
    assert made.due.tolist() == made.settled.tolist() == [-1, -1]


def test_an_owner_says_what_they_like_and_leaves_the_rest_out():
    said = Declared.one(AS_OF, opened=date(1969, 5, 1), staff=3)
    assert (said.opened[0], said.staff[0], said.asked_minor[0]) == (0, 3, -1)

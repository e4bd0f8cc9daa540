"""Journey 5, E4: on each of ten thousand simulated years of sales, the best season among them, the realised annual rate
at the close is at most the cap; what the guard cuts is the rebate that the books post."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lending.apr import irr_effective
from lending.cycles import Cycle
from lending.flat_fee import FlatRun, FlatTerms, run
from lending.projection import project
from lending.rates import DayCount
from lending.terms import Terms

SEED, PATHS = 20261130, 10_000
START = date(2027, 1, 4)
CAP = Decimal("0.24")
FLAT = FlatTerms(advance_minor=20_000_000, fee_minor=1_600_000, share_ppm=150_000, cap=CAP)
# An ice-cream wholesaler: seven tenths of the year's sales from May to August.
SEASON = (3, 3, 5, 7, 16, 19, 20, 15, 5, 3, 2, 2)
YEAR_MINOR = 240_000_000
DAILY = (1 + CAP).ln() / 365


def years(paths: int) -> Iterator[list[tuple[date, int]]]:
    """Net sales day by day for two years: a level between a ruined year and one thrice as good, noise by the day, and
    now and then a day of refunds. The last path is the best season that any of them has, every day of the year."""
    chance = random.Random(SEED)
    best = 0
    for number in range(paths):
        level = 3 * chance.random() + 0.05
        days: list[tuple[date, int]] = []
        for n in range(730):
            on = START + timedelta(days=n)
            usual = YEAR_MINOR * SEASON[on.month - 1] // 100 // 30
            net = int(usual * level * chance.lognormvariate(0, 0.4)) - (usual // 2 if chance.random() < 0.02 else 0)
            best = max(best, net)
            days.append((on, net))
        yield [(on, best) for on, _ in days] if number == paths - 1 else days


def worth_at_the_cap(done: FlatRun) -> Decimal:
    """What the owner paid, discounted at the cap, less what they received: at most zero while the cap is kept."""
    worth = Decimal(0)
    for flow in done.flows(FLAT, START):
        worth -= flow.amount_minor * (-DAILY * (flow.on - START).days).exp()
    return worth


@pytest.mark.parametrize("paths", [500, pytest.param(PATHS, marks=pytest.mark.long)])
def test_e4_on_ten_thousand_years_of_sales_no_realised_rate_is_above_the_cap(paths: int) -> None:
    ended = guarded = 0
    dearest = Decimal(0)
    for days in years(paths):
        done = run(FLAT, START, days)
        if done.closing is None:
            continue
        ended += 1
        assert worth_at_the_cap(done) <= Decimal("0.0001"), done.closing
        paid = sum(amount for _, amount in done.payments) + done.closing.last_payment_minor
        assert paid - done.closing.given_back_minor + done.closing.rebate_minor == FLAT.total_minor
        if done.closing.rebate_minor:
            guarded += 1
            dearest = max(dearest, irr_effective(done.flows(FLAT, START)) if guarded % 50 == 1 else Decimal(0))
    assert ended > paths * 3 // 4
    assert guarded > paths // 4, "the guard was needed, else this shows nothing"
    assert CAP - Decimal("0.002") < dearest <= CAP


def test_p8_the_rate_of_interest_by_day_is_the_same_whatever_the_sales() -> None:
    """P8: a loan of daily interest without a fee has one rate; only days and yuan move."""
    terms = Terms(
        "revenue_linked_working_capital", "2026.1", 20_000_000, "CNY", 12, Decimal("0.15"), Decimal("0.073"),
        DayCount.ACT_365, 3, 8, 3, Decimal(1), cycle=Cycle.DAY,
    )  # fmt: skip
    rates = set()
    for level in (60, 100, 300):
        months = [YEAR_MINOR * part * level // 10_000 for part in SEASON]
        done = project(terms, months, START)
        assert done.effective_rate is not None
        rates.add(done.effective_rate.quantize(Decimal("0.0001")))
    assert len(rates) == 1 and rates.pop() <= CAP

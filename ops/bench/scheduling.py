"""``schedule-12``, ``-36``, ``-360`` and ``schedule-bulk``: schedules with dates and day counts, against PyPI peers.

The peers are installed by ``make bench`` alone. Same loans, same convention (a month is a twelfth of the year), and the
exact peer's instalments must be ours before anything is timed.
"""

import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from lending.bulk import equal_instalments, rates_in_units
from lending.rates import DayCount
from lending.schedules import Plan, schedule
from ops.bench.figures import Bar, Figure, median

COUNTS = {"schedule-12": 12, "schedule-36": 36, "schedule-360": 360}
BULK = "schedule-bulk"
NAMES = (*COUNTS, BULK)
ROUNDS = 5
A_ROUND = 0.4  # seconds of each side in a round, by the first guess of its speed
BULK_LOANS = 20_000
EXACT, FLOATS, SLOW = "mortgagemath", "amortization", "pyloan"
ONE_BY_ONE, IN_BULK = Bar("ratio", 1.5, at_least=True), Bar("ratio", 50, at_least=True)
START = date(2026, 1, 15)


class Differs(Exception):
    """The peer and we do not mean the same loan: nothing is compared."""


class OneLoan(NamedTuple):
    """``rate`` is a fraction with four places."""

    principal_minor: int
    rate: Decimal


def measure(names: Collection[str], seed: int, said: Callable[[str], None]) -> list[Figure]:
    """One figure for each peer and name; a peer that is not installed leaves its floor empty and says how it comes."""
    figures: list[Figure] = []
    for name, count in COUNTS.items():
        if name in names:
            said(f"{name} …")
            figures += _one_by_one(name, count, seed)
    if BULK in names:
        said(f"{BULK} …")
        figures.append(_in_bulk(360, seed))
    return figures


def loans(seed: int) -> Iterator[OneLoan]:
    """Loans of ¥10,000 to ¥500,000 at 3 to 24 %, without an end."""
    chance = random.Random(seed)  # noqa: S311 (not a secret)
    while True:
        yield OneLoan(chance.randint(1_000_000, 50_000_000), Decimal(chance.randint(300, 2_400)) / 10_000)


def ours(count: int) -> Callable[[OneLoan], Any]:
    """Rows with number, both days, days between, principal, interest, balance."""

    def make(loan: OneLoan) -> Any:
        plan = Plan(loan.principal_minor, loan.rate, DayCount.THIRTY_360, START, count)
        return schedule(plan).rows()

    return make


def peer(name: str, count: int) -> Callable[[OneLoan], Any]:
    """The same of a peer, as its documentation asks for it."""
    found = import_module(name)
    if name == EXACT:

        def exact(loan: OneLoan) -> Any:
            return found.amortization_schedule(
                found.LoanParams(
                    principal=Decimal(loan.principal_minor) / 100,
                    annual_rate=loan.rate * 100,
                    term_months=count,
                    payment_rounding=found.PaymentRounding.ROUND_HALF_EVEN,
                    interest_rounding=found.PaymentRounding.ROUND_HALF_EVEN,
                )
            )

        return exact
    if name == FLOATS:
        return lambda loan: list(found.amortization_schedule(loan.principal_minor / 100, float(loan.rate), count))
    years = {"loan_term": count // 12, "loan_term_period": "Y"}

    def slow(loan: OneLoan) -> Any:
        made = found.Loan(
            loan_amount=loan.principal_minor / 100,
            interest_rate=float(loan.rate * 100),
            start_date=START.isoformat(),
            **years,
        )
        return made.get_payment_schedule()

    return slow


def checked(count: int, seed: int) -> None:
    """The exact peer's principal, interest and balance are ours, to the cent, in every row of some loans."""
    mine, theirs = ours(count), peer(EXACT, count)
    for loan, _ in zip(loans(seed), range(5), strict=False):
        told = [(row.principal_minor, row.interest_minor, row.balance_minor) for row in mine(loan)]
        said = [tuple(int(each * 100) for each in (r.principal, r.interest, r.balance)) for r in theirs(loan)[1:]]
        if told != said:
            raise Differs(f"{loan}: {next(pair for pair in zip(told, said, strict=False) if pair[0] != pair[1])}")


def _one_by_one(name: str, count: int, seed: int) -> list[Figure]:
    figures: list[Figure] = []
    for other in (EXACT, FLOATS, SLOW):
        label = name if other == EXACT else f"{name}-{other}"
        bars = (ONE_BY_ONE,) if other == EXACT else ()
        if find_spec(other) is None:
            rate, n = _rate(ours(count), loans(seed))
            figures.append(_figure(label, rate, None, n, seed, other, ()))
            continue
        if other == EXACT:
            checked(count, seed)
        mine, theirs = [], []
        n = 0
        for _ in range(ROUNDS):
            rate, n = _rate(ours(count), loans(seed))
            mine.append(rate)
            theirs.append(_rate(peer(other, count), loans(seed))[0])
        figures.append(_figure(label, median(mine), median(theirs), n, seed, other, bars))
    return figures


def _in_bulk(count: int, seed: int) -> Figure:
    """The vectorised path on many loans at once, against the exact peer one by one."""
    drawn = [loan for loan, _ in zip(loans(seed), range(BULK_LOANS), strict=False)]
    principal = np.array([loan.principal_minor for loan in drawn], np.int64)
    rates = rates_in_units([loan.rate for loan in drawn])
    start = np.full(BULK_LOANS, np.datetime64(START))
    _same_in_bulk(drawn[:20], principal[:20], rates[:20], start[:20], count)
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        equal_instalments(principal, rates, start, count, DayCount.THIRTY_360)
        mine.append(BULK_LOANS / (time.perf_counter() - begun))
        if find_spec(EXACT) is not None:
            theirs.append(_rate(peer(EXACT, count), loans(seed))[0])
    return _figure(BULK, median(mine), median(theirs) if theirs else None, BULK_LOANS, seed, EXACT, (IN_BULK,))


def _same_in_bulk(drawn: Sequence[OneLoan], principal: Any, rates: Any, start: Any, count: int) -> None:
    found = equal_instalments(principal, rates, start, count, DayCount.THIRTY_360)
    for column, loan in enumerate(drawn):
        rows = ours(count)(loan)
        if [row.interest_minor for row in rows] != found.interest_minor[:, column].tolist():
            raise Differs(f"in bulk: {loan}")


def _rate(make: Callable[[OneLoan], Any], drawn: Iterator[OneLoan]) -> tuple[float, int]:
    """Schedules a second over as many loans as fill a round; what is made is thrown away."""
    begun = time.perf_counter()
    make(next(drawn))
    n = max(3, min(20_000, round(A_ROUND / max(time.perf_counter() - begun, 1e-6))))
    waiting = [next(drawn) for _ in range(n)]
    begun = time.perf_counter()
    for loan in waiting:
        make(loan)
    return n / (time.perf_counter() - begun), n


def _figure(name: str, ours: float, floor: float | None, n: int, seed: int, peer: str, bars: tuple[Bar, ...]) -> Figure:
    meaning = f"{peer}, one by one" if floor else f"{peer} is not installed: make bench, or pip install {peer}"
    return Figure(
        name=name,
        unit="schedules/s",
        ours=ours,
        floor=floor,
        n=n,
        seed=seed,
        meaning=meaning,
        bars=bars if floor else (),
    )

"""``apr`` and ``rate-band``: annual rates a second, and the band over a thousand paths of two years."""

import random
import time
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from lending.apr import Flow, irr_effective
from lending.bulk import band, flat_band
from lending.calendars import add_months
from lending.cycles import Cycle
from lending.flat_fee import FlatTerms
from lending.rates import DayCount
from lending.terms import Terms
from ops.bench.figures import Bar, Figure, median

NAMES = ("apr", "rate-band")
ROUNDS = 7
LOANS, DUES = 60, 24
PATHS, MONTHS = 1_000, 24
START = date(2026, 1, 15)
HUNDRED_MS = Bar("ours", 100)


class NoRoot(Exception):
    """The bare solver did not come to a rate."""


def measure(names: Collection[str], seed: int, said: Callable[[str], None]) -> list[Figure]:
    figures: list[Figure] = []
    if "apr" in names:
        said("apr …")
        figures.append(_rates(seed))
    if "rate-band" in names:
        said("rate-band …")
        figures += _bands(seed)
    return figures


def _rates(seed: int) -> Figure:
    """The rate of loans with 24 dated payments, to 28 digits and proven to be the only one; floats against it."""
    drawn = [_flows(random.Random(f"{seed}/{n}")) for n in range(LOANS)]  # noqa: S311 (not a secret)
    for flows in drawn[:5]:
        if abs(float(irr_effective(flows)) - ((1 + newton(flows)) ** 365 - 1)) > 1e-9:
            raise NoRoot(f"{flows[0]}")
    mine: list[float] = []
    floor: list[float] = []
    for _ in range(ROUNDS):
        mine.append(_per_second(irr_effective, drawn))
        floor.append(_per_second(newton, drawn))
    return Figure(
        name="apr",
        unit="rates/s",
        ours=median(mine),
        floor=median(floor),
        n=LOANS,
        seed=seed,
        meaning="Newton in floats on the same flows, unproven",
    )


def newton(flows: Sequence[Flow]) -> float:
    """The daily rate by the shortest way: floats, no bracket, no proof that there is no other."""
    points = [((flow.on - flows[0].on).days, flow.amount_minor) for flow in flows]
    rate = 0.0002
    for _ in range(50):
        value = slope = 0.0
        for days, amount in points:
            present = amount * (1 + rate) ** -days
            value += present
            slope -= days * present / (1 + rate)
        step = value / slope
        rate -= step
        if abs(step) < 1e-15:
            return rate
    raise NoRoot


def _flows(chance: random.Random) -> list[Flow]:
    amount = chance.randint(1_000_000, 30_000_000)
    due = round(amount * chance.uniform(1.02, 1.3) / DUES)
    back = [Flow(add_months(START, n) + timedelta(days=chance.randint(-3, 3)), -due) for n in range(1, DUES + 1)]
    return [Flow(START, amount), *back]


def _per_second(solve: Callable[[Sequence[Flow]], Any], drawn: Sequence[Sequence[Flow]]) -> float:
    begun = time.perf_counter()
    for flows in drawn:
        solve(flows)
    return len(drawn) / (time.perf_counter() - begun)


def _bands(seed: int) -> list[Figure]:
    """Milliseconds for the whole band: of a flat fee, whose rate moves, and of a share, whose cost does."""
    chance = np.random.default_rng(seed)
    paths = chance.normal(8_000_000, 2_400_000, (PATHS, MONTHS)).clip(min=0).astype(np.int64)
    flat = FlatTerms(8_000_000, 640_000, 120_000, Decimal("0.24"))
    share = Terms(
        product_id="bench",
        product_version="1",
        amount_minor=80_000_00,
        currency="CNY",
        months=12,
        share=Decimal("0.12"),
        annual_rate=Decimal("0.073"),
        day_count=DayCount.ACT_365,
        window_months=3,
        windows=8,
        grace_days=3,
        late_factor=Decimal("1.5"),
        cycle=Cycle.DAY,
    )
    figures: list[Figure] = []
    for name, made in (
        ("rate-band", lambda: flat_band(flat, paths, START)),
        ("rate-band-share", lambda: band(share, paths, START)),
    ):
        mine: list[float] = []
        floor: list[float] = []
        for _ in range(ROUNDS):
            mine.append(_milliseconds(made))
            floor.append(_milliseconds(lambda: bare_walk(paths)))
        figures.append(
            Figure(
                name=name,
                unit="ms",
                ours=median(mine),
                floor=median(floor),
                n=PATHS,
                seed=seed,
                meaning="floats over the same days: no fen, no rate",
                bars=(HUNDRED_MS,),
            )
        )
    return figures


def bare_walk(paths: Any) -> Any:
    """What is left on each path, day by day in floats: interest on the balance, less a share of the day's sales."""
    left = np.full(paths.shape[0], 8_000_000.0)
    for month in range(paths.shape[1]):
        days = (add_months(START, month + 1) - add_months(START, month)).days
        share = paths[:, month] * (0.12 / days)
        for _ in range(days):
            left = np.maximum(left * (1 + 0.073 / 365) - share, 0.0)
    return left


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1_000

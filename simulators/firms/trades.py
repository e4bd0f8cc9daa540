"""The trades of the simulated firms: how much they sell, when in the week and year, and what they spend it on.

Figures are this world's own, chosen to look like small Chinese shops whose tills are WeChat Pay and Alipay; they are
not estimates of any real trade.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

FLAT = (1.0,) * 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """``sales_yuan``: median monthly sales; ``lines``: sale lines on an average open day, without the platforms' daily
    lump; ``platform``: share of sales that arrives as one settlement a day; ``week``: Monday first; ``year``: January
    first; ``festival``: sales around Spring Festival (four days before to six after) as a share of a usual day;
    ``before_festival``: the fortnight before; ``refunds``, ``stock``, ``rent``, ``payroll``: shares of sales."""

    key: str
    zh: str
    sales_yuan: float
    lines: float
    ticket_sigma: float
    platform: float
    week: tuple[float, ...]
    year: tuple[float, ...]
    festival: float
    before_festival: float
    refunds: float
    stock: float
    rent: float
    payroll: float
    opens: int = 8
    closes: int = 21


EVEN_WEEK = (1.0,) * 7
WEEKEND = (0.85, 0.85, 0.88, 0.95, 1.12, 1.25, 1.10)
WORKDAYS = (1.12, 1.12, 1.10, 1.08, 1.05, 0.90, 0.63)

TRADES = (
    Trade(
        key="noodle_shop", zh="面馆", sales_yuan=72_000, lines=8.0, ticket_sigma=0.55, platform=0.45, week=WEEKEND,
        year=(0.95, 0.80, 1.00, 1.02, 1.04, 0.98, 0.97, 0.97, 1.03, 1.06, 1.08, 1.10),
        festival=0.15, before_festival=1.05, refunds=0.006, stock=0.42, rent=0.10, payroll=0.16, opens=7, closes=21,
    ),
    Trade(
        key="grocery", zh="便利店", sales_yuan=95_000, lines=9.0, ticket_sigma=0.70, platform=0.20, week=EVEN_WEEK,
        year=(1.12, 1.00, 0.94, 0.95, 0.98, 1.02, 1.06, 1.05, 0.98, 0.97, 0.95, 0.98),
        festival=0.80, before_festival=1.45, refunds=0.004, stock=0.72, rent=0.06, payroll=0.07, opens=7, closes=23,
    ),
    Trade(
        key="florist", zh="花店", sales_yuan=38_000, lines=3.2, ticket_sigma=0.65, platform=0.25, week=WEEKEND,
        year=(0.95, 1.70, 1.25, 0.85, 1.40, 0.85, 0.70, 1.05, 1.05, 0.85, 0.80, 1.10),
        festival=0.60, before_festival=1.60, refunds=0.020, stock=0.45, rent=0.12, payroll=0.10, opens=9, closes=21,
    ),
    Trade(
        key="hardware_store", zh="五金店", sales_yuan=110_000, lines=4.2, ticket_sigma=0.95, platform=0.0,
        week=WORKDAYS,
        year=(0.75, 0.55, 1.10, 1.18, 1.15, 1.05, 0.95, 0.98, 1.10, 1.12, 1.12, 0.95),
        festival=0.05, before_festival=0.70, refunds=0.015, stock=0.68, rent=0.05, payroll=0.07, opens=8, closes=19,
    ),
    Trade(
        key="ice_cream_wholesale", zh="冷饮批发", sales_yuan=180_000, lines=4.0, ticket_sigma=0.80, platform=0.0,
        week=EVEN_WEEK,
        year=(0.25, 0.25, 0.45, 0.85, 1.75, 2.30, 2.55, 2.15, 0.80, 0.35, 0.20, 0.10),
        festival=0.20, before_festival=0.80, refunds=0.010, stock=0.74, rent=0.03, payroll=0.06, opens=6, closes=18,
    ),
    Trade(
        key="garage", zh="汽修店", sales_yuan=85_000, lines=2.6, ticket_sigma=0.85, platform=0.05, week=WEEKEND,
        year=(1.20, 0.85, 0.92, 0.98, 1.00, 1.02, 1.05, 1.05, 1.02, 1.00, 0.93, 0.98),
        festival=0.20, before_festival=1.40, refunds=0.008, stock=0.46, rent=0.10, payroll=0.20, opens=8, closes=19,
    ),
    Trade(
        key="clothing", zh="服装店", sales_yuan=62_000, lines=4.0, ticket_sigma=0.60, platform=0.15, week=WEEKEND,
        year=(1.25, 0.85, 1.05, 1.05, 1.02, 0.90, 0.78, 0.80, 1.05, 1.20, 1.15, 1.05),
        festival=0.50, before_festival=1.55, refunds=0.055, stock=0.56, rent=0.13, payroll=0.09, opens=10, closes=22,
    ),
    Trade(
        key="online_shop", zh="网店", sales_yuan=130_000, lines=4.5, ticket_sigma=0.70, platform=0.60, week=EVEN_WEEK,
        year=(0.95, 0.70, 0.98, 0.95, 1.02, 1.25, 0.88, 0.92, 1.00, 1.02, 1.65, 1.10),
        festival=0.40, before_festival=0.85, refunds=0.090, stock=0.60, rent=0.02, payroll=0.08, opens=8, closes=23,
    ),
    Trade(
        key="hair_salon", zh="理发店", sales_yuan=45_000, lines=4.4, ticket_sigma=0.60, platform=0.15, week=WEEKEND,
        year=(1.30, 0.75, 0.95, 0.98, 1.00, 1.00, 1.02, 1.02, 1.00, 1.00, 0.97, 1.05),
        festival=0.15, before_festival=1.50, refunds=0.004, stock=0.14, rent=0.16, payroll=0.34, opens=9, closes=21,
    ),
    Trade(
        key="parts_maker", zh="配件加工", sales_yuan=260_000, lines=1.8, ticket_sigma=0.90, platform=0.0, week=WORKDAYS,
        year=(0.85, 0.50, 1.12, 1.10, 1.08, 1.06, 1.00, 1.00, 1.08, 1.06, 1.10, 1.05),
        festival=0.0, before_festival=0.65, refunds=0.012, stock=0.60, rent=0.05, payroll=0.16, opens=8, closes=18,
    ),
)  # fmt: skip
KEYS = tuple(trade.key for trade in TRADES)

# First day of Spring Festival by year (the lunar new year's own dates).
SPRING = {
    2021: date(2021, 2, 12),
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
    2032: date(2032, 2, 11),
    2033: date(2033, 1, 31),
    2034: date(2034, 2, 19),
    2035: date(2035, 2, 8),
    2036: date(2036, 1, 28),
}
EPOCH = date(2021, 1, 1)
LAST = date(2036, 12, 31)
DAYS = (LAST - EPOCH).days + 1
DAY_SECONDS = 86_400


def ordinal(day: date) -> int:
    """Days since :data:`EPOCH`, the first day that this world knows. Raises ValueError outside 2021 to 2036."""
    n = (day - EPOCH).days
    if not 0 <= n < DAYS:
        raise ValueError(f"this world knows the days from {EPOCH} to {LAST}")
    return n


def day_of(n: int) -> date:
    return EPOCH + timedelta(days=n)


def _seasons() -> np.ndarray:
    """float32 [trade, day]: a day's sales as a share of an average day, averaging 1 over a usual year."""
    days = np.datetime64(EPOCH) + np.arange(DAYS)
    month = days.astype("datetime64[M]")
    month_of_year = month.astype(int) % 12
    # Between mid-month points the season moves in a straight line, so that no shop doubles its sales overnight.
    middle = (days - month).astype(int) / 30.4 - 0.5
    weekday = (days.astype("datetime64[D]").astype(int) + 3) % 7
    festival, before = np.zeros(DAYS, bool), np.zeros(DAYS, bool)
    for first in SPRING.values():
        n = (first - EPOCH).days
        festival[max(0, n - 4) : n + 7] = True
        before[max(0, n - 18) : max(0, n - 4)] = True
    seasons = np.empty((len(TRADES), DAYS), np.float32)
    for row, trade in zip(seasons, TRADES, strict=True):
        year = np.array(trade.year) / np.mean(trade.year)
        beside = np.where(middle < 0, (month_of_year - 1) % 12, (month_of_year + 1) % 12)
        share = np.abs(middle)
        season = year[month_of_year] * (1 - share) + year[beside] * share
        week = np.array(trade.week) / np.mean(trade.week)
        usual = season * week[weekday]
        row[:] = np.where(festival, usual * trade.festival, np.where(before, usual * trade.before_festival, usual))
    return seasons


SEASONS = _seasons()
MONTH = (np.datetime64(EPOCH) + np.arange(DAYS)).astype("datetime64[M]").astype(int)  # months since 1970-01
DAY_OF_MONTH = (
    (np.datetime64(EPOCH) + np.arange(DAYS)) - (np.datetime64(EPOCH) + np.arange(DAYS)).astype("datetime64[M]")
).astype(int) + 1

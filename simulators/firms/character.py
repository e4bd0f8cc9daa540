"""What a firm is: its trade and size, and a hidden health that leans on everything it does without showing itself.

Health is one standard normal number a firm (``z``; 0 is an ordinary firm). Each habit is drawn from
``w·z + √(1−w²)·noise`` with a moderate weight ``w``, so no habit alone tells much; together they tell a good deal.
Default leans on health, on the months just before, on debts elsewhere, and on luck
(:func:`simulators.firms.population.default_chance`).
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from simulators.firms.trades import TRADES

# How strongly a habit follows health (0 not at all, 1 wholly).
WEIGHT = {
    "trend": 0.55,
    "steadiness": 0.55,
    "refunds": 0.45,
    "stock": 0.55,
    "private": 0.55,
    "borrowing": 0.60,
    "lateness": 0.55,
    "loyalty": 0.40,
    "absence": 0.50,
    "swing": 0.50,
}


def _column(name: str) -> np.ndarray:
    return np.array([getattr(trade, name) for trade in TRADES], np.float64)


@dataclass(slots=True)
class Firms:
    """Columns of equal length, one row a firm. Money in yuan, rates a day unless said otherwise."""

    z: np.ndarray  # hidden health
    key: np.ndarray  # uint64, names the firm's counterparties
    trade: np.ndarray  # index into TRADES
    level: np.ndarray  # sales a month at the start of its course
    trend: np.ndarray  # growth a month
    day_sigma: np.ndarray  # of log sales from day to day
    swing_sigma: np.ndarray  # of log sales from month to month
    lines: np.ndarray  # sale lines an open day
    platform: np.ndarray  # share of sales in the platform's daily lump
    refunds: np.ndarray  # share of sale lines that are refunded
    stock: np.ndarray  # purchases as a share of sales
    stock_rate: np.ndarray  # purchases a day
    suppliers: np.ndarray
    rent: np.ndarray  # a month
    rent_day: np.ndarray
    rent_late: np.ndarray  # mean days late
    payroll: np.ndarray  # a month
    workers: np.ndarray
    pay_day: np.ndarray
    private: np.ndarray  # private spending from the till as a share of sales
    private_rate: np.ndarray
    withdraw_rate: np.ndarray
    borrow: np.ndarray  # chance a month of a new loan elsewhere
    shock: np.ndarray  # chance a month of a bad spell
    customers: np.ndarray  # regulars
    loyalty: np.ndarray  # share of sale lines with regulars
    absent: np.ndarray  # chance of not opening on a day
    mended_by: np.ndarray  # how fast a firm grows out of ordinary months (mean reversion of the month's swing)

    def __len__(self) -> int:
        return len(self.z)


def draw(rng: np.random.Generator, n: int, **given: Any) -> Firms:
    """``n`` firms; ``given`` fixes columns (a number or an array): ``z``, ``trade``, ``level`` above all."""
    normal = {name: rng.standard_normal(n) for name in WEIGHT}
    z = np.broadcast_to(np.asarray(given.get("z", rng.standard_normal(n)), float), (n,)).copy()
    drawn_trade = rng.integers(0, len(TRADES), n)
    trade = np.broadcast_to(np.asarray(given.get("trade", drawn_trade)), (n,)).astype(np.int64)
    size = np.exp(0.55 * rng.standard_normal(n))
    key = rng.integers(1, 2**63, n, dtype=np.uint64)
    spare = rng.random((6, n))
    lean = {name: weight * z + np.sqrt(1 - weight**2) * normal[name] for name, weight in WEIGHT.items()}
    level = np.broadcast_to(np.asarray(given.get("level", _column("sales_yuan")[trade] * size), float), (n,)).copy()
    # A firm twice the usual size has more lines, but also larger ones.
    relative = level / _column("sales_yuan")[trade]
    firms = Firms(
        z=z,
        key=key,
        trade=trade,
        level=level,
        trend=0.002 + 0.016 * lean["trend"],
        day_sigma=0.30 * np.exp(-0.24 * lean["steadiness"]),
        swing_sigma=0.09 * np.exp(-0.25 * lean["swing"]),
        lines=np.clip(_column("lines")[trade] * relative**0.35, 0.8, 14.0),
        platform=_column("platform")[trade] * (0.8 + 0.4 * spare[0]),
        refunds=np.clip(_column("refunds")[trade] * np.exp(-0.60 * lean["refunds"]), 0.0005, 0.4),
        stock=np.clip(_column("stock")[trade] - 0.050 * lean["stock"] + 0.03 * (spare[1] - 0.5), 0.05, 0.95),
        stock_rate=0.12 + 0.18 * spare[2],
        suppliers=2 + (spare[3] * 7).astype(np.int64),
        rent=_column("rent")[trade] * level * (0.8 + 0.4 * spare[4]),
        rent_day=1 + (spare[5] * 12).astype(np.int64),
        rent_late=1.6 * np.exp(-0.80 * lean["lateness"]),
        payroll=_column("payroll")[trade] * level,
        workers=np.clip((_column("payroll")[trade] * level / 4200).astype(np.int64), 1, 12),
        pay_day=np.where(spare[0] < 0.5, 10, 15),
        private=np.clip(0.055 * np.exp(-0.55 * lean["private"]), 0.005, 0.5),
        private_rate=0.16 + 0.2 * spare[1],
        withdraw_rate=0.06 + 0.10 * spare[2],
        borrow=np.clip(0.036 * np.exp(-0.80 * lean["borrowing"]), 0.002, 0.4),
        shock=np.clip(0.016 * np.exp(-0.70 * z), 0.001, 0.3),
        customers=20 + (spare[3] * 120).astype(np.int64),
        loyalty=np.clip(0.40 + 0.09 * lean["loyalty"], 0.05, 0.9),
        absent=np.clip(0.028 * np.exp(-0.70 * lean["absence"]), 0.001, 0.3),
        mended_by=0.55 + 0.3 * spare[4],
    )
    for name in set(given) - {"z", "trade", "level"}:
        setattr(firms, name, np.broadcast_to(np.asarray(given[name]), (n,)).copy())
    return firms


def some(firms: Firms, rows: slice | np.ndarray) -> Firms:
    """The chosen rows."""
    return Firms(**{column.name: getattr(firms, column.name)[rows] for column in fields(Firms)})

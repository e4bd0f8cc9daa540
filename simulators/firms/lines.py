"""The lines that firms' tills and accounts see in a stretch of days: vectorised, for one firm or a thousand."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from simulators.firms.character import Firms
from simulators.firms.trades import DAY_OF_MONTH, DAY_SECONDS, SEASONS, TRADES


class Kind(IntEnum):
    """What a line is, with the codes that the lender's importer gives its own kinds."""

    SALE = 1
    REFUND = 2
    PURCHASE = 3
    RENT = 4
    PAYROLL = 5
    TRANSFER_SELF = 6
    LOAN_IN = 7
    LOAN_REPAY = 8
    PRIVATE = 9
    OTHER = 10


IN, NEUTRAL, OUT = 1, 0, -1


class Role(IntEnum):
    """What a counterparty is to the firm: part of its number, so that a landlord is never a customer."""

    CUSTOMER = 1
    PLATFORM = 2
    SUPPLIER = 3
    LANDLORD = 4
    WORKER = 5
    LENDER = 6
    SHOP = 7
    FRIEND = 8


MONTH_DAYS = 30.44
OPENS = np.array([trade.opens for trade in TRADES]) * 3600
CLOSES = np.array([trade.closes for trade in TRADES]) * 3600
TICKET_SIGMA = np.array([trade.ticket_sigma for trade in TRADES], np.float32)


@dataclass(slots=True)
class Lines:
    """Equal columns in order of firm and time. ``firm``: the row in the given firms; ``second``: Beijing time since the
    epoch of :mod:`simulators.firms.trades`; ``amount``: fen, never negative; ``counterparty``: 0 is none."""

    firm: np.ndarray  # int32
    second: np.ndarray  # int64
    direction: np.ndarray  # int8
    amount: np.ndarray  # int64
    counterparty: np.ndarray  # uint64
    kind: np.ndarray  # int8

    def __len__(self) -> int:
        return len(self.firm)


@dataclass(slots=True)
class Stretch:
    """The days to write, [firm, day]: ``day`` is the ordinal, ``factor`` the month's sales against plan, ``live``
    whether the firm exists yet; ``lent``, ``repaid``, ``late``: loans elsewhere (yuan) and late rent (days)."""

    day: np.ndarray
    factor: np.ndarray
    live: np.ndarray
    lent: np.ndarray
    repaid: np.ndarray
    late: np.ndarray


def write(rng: np.random.Generator, firms: Firms, stretch: Stretch) -> Lines:
    """Every line of the stretch."""
    sales, plan = sales_by_day(rng, firms, stretch)
    steady = (firms.level / MONTH_DAYS)[:, None] * stretch.factor  # what purchases and private habits go by
    ledger = _Ledger(rng, firms, stretch)
    _write_sales(ledger, sales, plan)
    _write_spending(ledger, steady)
    _write_month_days(ledger)
    return ledger.lines()


def sales_by_day(rng: np.random.Generator, firms: Firms, stretch: Stretch) -> tuple[np.ndarray, np.ndarray]:
    """What each firm sells on each day and what it would on a day like every other, in yuan, [firm, day]."""
    plan = (firms.level / MONTH_DAYS)[:, None] * SEASONS[firms.trade[:, None], stretch.day] * stretch.factor
    shape = plan.shape
    opened = stretch.live & (rng.random(shape, dtype=np.float32) >= firms.absent[:, None]) & (plan > 0)
    noise = np.exp(
        firms.day_sigma[:, None] * rng.standard_normal(shape, dtype=np.float32) - firms.day_sigma[:, None] ** 2 / 2
    )
    return np.where(opened, plan * noise, 0.0), plan


class _Ledger:
    """Collects lines by cell (firm × day) and puts them into order at the end."""

    def __init__(self, rng: np.random.Generator, firms: Firms, stretch: Stretch) -> None:
        self.rng = rng
        self.firms = firms
        self.stretch = stretch
        self.width = stretch.day.shape[1]
        self._parts: list[tuple[np.ndarray, ...]] = []

    def cells(self, mask: np.ndarray) -> np.ndarray:
        return np.flatnonzero(mask)

    def of(self, column: np.ndarray, cell: np.ndarray) -> np.ndarray:
        """A firm's column for each cell."""
        return column[cell // self.width]

    def at_hours(self, cell: np.ndarray) -> np.ndarray:
        """Seconds into the day, within the trade's opening hours."""
        trade = self.of(self.firms.trade, cell)
        spread = (self.rng.random(len(cell), dtype=np.float32) + self.rng.random(len(cell), dtype=np.float32)) / 2
        return (OPENS[trade] + spread * (CLOSES[trade] - OPENS[trade])).astype(np.int64)

    def add(
        self, cell: np.ndarray, second: np.ndarray, fen: np.ndarray, who: np.ndarray, kind: int, direction: int
    ) -> None:
        keep = fen > 0
        if not keep.all():
            cell, second, fen, who = cell[keep], second[keep], fen[keep], who[keep]
        n = len(cell)
        self._parts.append((cell, second, fen, who, np.full(n, kind, np.int8), np.full(n, direction, np.int8)))

    def lines(self) -> Lines:
        cell, second, fen, who, kind, direction = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        order = np.argsort(cell * DAY_SECONDS + second, kind="stable")
        cell = cell[order]
        day = self.stretch.day.ravel()[cell]
        return Lines(
            firm=(cell // self.width).astype(np.int32),
            second=day * DAY_SECONDS + second[order],
            direction=direction[order],
            amount=fen[order],
            counterparty=who[order],
            kind=kind[order],
        )


def _write_sales(ledger: _Ledger, sales: np.ndarray, plan: np.ndarray) -> None:
    rng, firms = ledger.rng, ledger.firms
    with np.errstate(divide="ignore", invalid="ignore"):
        busy = np.where(plan > 0, sales / plan, 0.0)
    season = plan / (firms.level / MONTH_DAYS)[:, None]
    # More sales are partly more customers and partly larger tickets.
    expected = firms.lines[:, None] * np.sqrt(np.maximum(season * busy, 0.0))
    count = rng.poisson(expected).ravel()
    direct = (sales * (1 - firms.platform[:, None])).ravel()
    cell = np.repeat(np.arange(count.size), count)
    ticket = np.divide(direct, expected.ravel(), out=np.zeros(count.size), where=expected.ravel() > 0)[cell]
    sigma = ledger.of(TICKET_SIGMA[firms.trade], cell)
    yuan = ticket * np.exp(sigma * rng.standard_normal(len(cell), dtype=np.float32) - sigma**2 / 2)
    fen = np.maximum(np.rint(yuan * 2), 2).astype(np.int64) * 50  # prices end in 0.00 or 0.50
    second = ledger.at_hours(cell)
    regular = rng.random(len(cell), dtype=np.float32) < ledger.of(firms.loyalty, cell)
    which = (ledger.of(firms.customers, cell) * rng.random(len(cell), dtype=np.float32) ** 2).astype(np.uint64)
    stranger = rng.integers(1, 2**63, len(cell), dtype=np.uint64)
    who = np.where(regular, counterparty(ledger.of(firms.key, cell), Role.CUSTOMER, which), stranger)
    ledger.add(cell, second, fen, who, Kind.SALE, IN)
    _write_refunds(ledger, cell, second, fen, who)

    lump = ledger.cells((sales > 0) & (firms.platform[:, None] > 0))
    share = ledger.of(firms.platform, lump) * np.exp(0.12 * rng.standard_normal(len(lump), dtype=np.float32))
    fen = np.rint(sales.ravel()[lump] * share * 100).astype(np.int64)
    night = (22 * 3600 + rng.random(len(lump), dtype=np.float32) * 5400).astype(np.int64)
    who = counterparty(ledger.of(firms.key, lump), Role.PLATFORM, np.zeros(len(lump), np.uint64))
    ledger.add(lump, night, fen, who, Kind.SALE, IN)


def _write_refunds(ledger: _Ledger, cell: np.ndarray, second: np.ndarray, fen: np.ndarray, who: np.ndarray) -> None:
    rng = ledger.rng
    back = np.flatnonzero(rng.random(len(cell), dtype=np.float32) < ledger.of(ledger.firms.refunds, cell))
    part = np.where(rng.random(len(back)) < 0.3, 0.3 + 0.6 * rng.random(len(back)), 1.0)
    returned = np.where(part < 1.0, np.maximum(np.rint(fen[back] * part / 50), 1).astype(np.int64) * 50, fen[back])
    later = np.minimum(second[back] + 600 + (rng.random(len(back)) * 4 * 3600).astype(np.int64), DAY_SECONDS - 60)
    ledger.add(cell[back], later, np.minimum(returned, fen[back]), who[back], Kind.REFUND, OUT)


def _write_spending(ledger: _Ledger, steady: np.ndarray) -> None:
    rng, firms, live = ledger.rng, ledger.firms, ledger.stretch.live
    shape = steady.shape
    flat = steady.ravel()

    def draw(rate: np.ndarray) -> np.ndarray:
        return ledger.cells(live & (rng.random(shape, dtype=np.float32) < rate[:, None]))

    def spend(cell: np.ndarray, share: np.ndarray, rate: np.ndarray, sigma: float) -> np.ndarray:
        spread = np.exp(sigma * rng.standard_normal(len(cell), dtype=np.float32) - sigma**2 / 2)
        return np.rint(flat[cell] * ledger.of(share / rate, cell) * spread * 10).astype(np.int64) * 10

    cell = draw(firms.stock_rate)
    which = (ledger.of(firms.suppliers, cell) * rng.random(len(cell)) ** 1.5).astype(np.uint64)
    who = counterparty(ledger.of(firms.key, cell), Role.SUPPLIER, which)
    ledger.add(cell, ledger.at_hours(cell), spend(cell, firms.stock, firms.stock_rate, 0.35), who, Kind.PURCHASE, OUT)

    cell = draw(firms.private_rate)
    which = (rng.random(len(cell)) * 30).astype(np.uint64)
    who = counterparty(ledger.of(firms.key, cell), Role.SHOP, which)
    second = (8 * 3600 + rng.random(len(cell)) * 15 * 3600).astype(np.int64)
    ledger.add(cell, second, spend(cell, firms.private, firms.private_rate, 0.8), who, Kind.PRIVATE, OUT)

    cell = draw(firms.withdraw_rate)
    fen = np.maximum(spend(cell, np.full(len(firms), 0.5), firms.withdraw_rate, 0.3) // 10_000, 1) * 10_000
    second = (21 * 3600 + rng.random(len(cell)) * 2 * 3600).astype(np.int64)
    ledger.add(cell, second, fen, np.zeros(len(cell), np.uint64), Kind.TRANSFER_SELF, NEUTRAL)

    cell = draw(np.full(len(firms), 0.03))
    fen = np.rint(np.exp(3.2 + 0.9 * rng.standard_normal(len(cell)))).astype(np.int64) * 100
    who = counterparty(ledger.of(firms.key, cell), Role.FRIEND, (rng.random(len(cell)) * 40).astype(np.uint64))
    ledger.add(cell, (9 * 3600 + rng.random(len(cell)) * 12 * 3600).astype(np.int64), fen, who, Kind.OTHER, IN)


def _write_month_days(ledger: _Ledger) -> None:
    """Rent, wages, loans elsewhere: once a month, on their days."""
    rng, firms, stretch = ledger.rng, ledger.firms, ledger.stretch
    dom = DAY_OF_MONTH[stretch.day]

    def on(day: np.ndarray, more: np.ndarray | None = None) -> np.ndarray:
        return ledger.cells(stretch.live & (dom == day) & (True if more is None else more))

    def fen_of(yuan: np.ndarray) -> np.ndarray:
        return np.rint(yuan / 10).astype(np.int64) * 1000  # whole tens of yuan

    cell = on(np.minimum(firms.rent_day[:, None] + stretch.late, 28))
    who = counterparty(ledger.of(firms.key, cell), Role.LANDLORD, np.zeros(len(cell), np.uint64))
    ledger.add(cell, ledger.at_hours(cell), fen_of(ledger.of(firms.rent, cell)), who, Kind.RENT, OUT)

    day = on(firms.pay_day[:, None])
    workers = ledger.of(firms.workers, day)
    cell = np.repeat(day, workers)
    which = np.arange(len(cell)) - np.repeat(np.cumsum(workers) - workers, workers)
    wage = ledger.of(firms.payroll / firms.workers, cell) * (0.9 + 0.2 * rng.random(len(cell)))
    who = counterparty(ledger.of(firms.key, cell), Role.WORKER, which.astype(np.uint64))
    ledger.add(cell, 18 * 3600 + which * 75, fen_of(wage), who, Kind.PAYROLL, OUT)

    lender = (stretch.day % 7).astype(np.uint64)
    for amount, kind, direction, day_of_month in (
        (stretch.lent, Kind.LOAN_IN, IN, 8),
        (stretch.repaid, Kind.LOAN_REPAY, OUT, 20),
    ):
        cell = on(np.asarray(day_of_month), amount > 0)
        who = counterparty(ledger.of(firms.key, cell), Role.LENDER, lender.ravel()[cell] % 3)
        ledger.add(cell, ledger.at_hours(cell), fen_of(amount.ravel()[cell]), who, kind, direction)


def counterparty(key: np.ndarray, role: Role, which: np.ndarray) -> np.ndarray:
    """The counterparty's number: the same for the same firm, role and index, never 0 (splitmix64). uint64 arrays."""
    with np.errstate(over="ignore"):
        x = key + np.uint64(role << 40) + which.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (x ^ (x >> np.uint64(31))) | np.uint64(1)

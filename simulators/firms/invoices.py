"""The invoices of the firms that write them: sales with due and paid dates, purchases, voids and red-ink reversals.

Drawn beside the lines, from a stream of their own: a population with invoices has the same lines as one without.
Figures are this world's own, not estimates of any real trade.
"""

import numpy as np

from simulators.firms.character import Firms
from simulators.firms.trades import KEYS

# Share of a trade's firms that invoice their buyers: who sells to other firms does.
INVOICING = {"parts_maker": 0.95, "hardware_store": 0.7, "ice_cream_wholesale": 0.8, "online_shop": 0.4, "garage": 0.4}
OTHERS_INVOICING = 0.15
LEAN = 0.5  # how strongly each habit below follows health
MONTHLY = 14.0  # sales invoices of an ordinary firm
INVOICED = (0.4, 0.9)  # share of sales that is invoiced
TERMS = np.array([0, 15, 30, 45, 60])  # days to pay, by agreement with the buyer
DUE_KNOWN = 0.7  # share of firms whose lists tell due and paid dates
VOIDED, REVERSED = 0.05, 0.03  # shares of an ordinary firm's sales invoices
TAX = 0.06
SALE, PURCHASE = 1, -1
VALID, VOID, RED = 0, 1, 2

Columns = dict[str, np.ndarray]


def write(rng: np.random.Generator, firms: Firms, as_of: np.ndarray, kept: np.ndarray) -> Columns:
    """``firm`` int32, ``side``, ``issued``, ``due`` and ``settled`` (days of this world's calendar, -1 unknown or not
    paid by ``as_of``), ``net_minor``, ``tax_minor`` (fen), ``counterparty`` uint64, ``status``.

    ``as_of`` is each firm's last day, ``kept`` for how many days back its list goes.
    """
    count = len(firms)
    share = np.array([INVOICING.get(key, OTHERS_INVOICING) for key in KEYS])[firms.trade]
    invoices = rng.random(count) < share
    lean = {name: LEAN * firms.z + np.sqrt(1 - LEAN**2) * rng.standard_normal(count) for name in _HABITS}
    months = kept / 30.44
    sold = np.where(invoices, rng.poisson(MONTHLY * np.exp(0.35 * lean["pace"]) * months), 0)
    bought = np.where(invoices, rng.poisson(0.6 * MONTHLY * months), 0)
    dated = rng.random(count) < DUE_KNOWN
    level = firms.level * rng.uniform(*INVOICED, count) / np.maximum(sold / np.maximum(months, 1), 1)
    cost = firms.stock * firms.level / np.maximum(bought / np.maximum(months, 1), 1)
    sales = _side(rng, firms, sold, level, as_of, kept, SALE, 4 + 36 * rng.random(count) * np.exp(0.3 * lean["spread"]))
    purchases = _side(rng, firms, bought, cost, as_of, kept, PURCHASE, 2 + 12 * rng.random(count))
    _pay(rng, sales, as_of, lean["payers"], dated)
    _undo(rng, sales, VOIDED * np.exp(-0.6 * lean["voids"]), REVERSED * np.exp(-0.6 * lean["reversals"]))
    return {name: np.concatenate([sales[name], purchases[name]]) for name in sales}


_HABITS = ("pace", "spread", "payers", "voids", "reversals")


def _side(
    rng: np.random.Generator,
    firms: Firms,
    number: np.ndarray,
    size: np.ndarray,
    as_of: np.ndarray,
    kept: np.ndarray,
    side: int,
    parties: np.ndarray,
) -> Columns:
    firm = np.repeat(np.arange(len(firms), dtype=np.int32), number)
    rows = len(firm)
    back = (rng.random(rows) * kept[firm]).astype(np.int64)
    growth = (1 + firms.trend[firm]) ** (-back / 30.44)
    net = size[firm] * growth * np.exp(0.7 * rng.standard_normal(rows) - 0.245) * 100
    # A few parties take most: the square of a uniform number falls near nought.
    party = (rng.random(rows) ** 2 * parties[firm]).astype(np.uint64)
    return {
        "firm": firm,
        "side": np.full(rows, side, np.int8),
        "issued": as_of[firm] - back,
        "due": np.full(rows, -1, np.int64),
        "settled": np.full(rows, -1, np.int64),
        "net_minor": np.maximum(net, 100).astype(np.int64),
        "tax_minor": np.maximum(net * TAX, 6).astype(np.int64),
        "counterparty": (firms.key[firm] ^ (party * np.uint64(4) + np.uint64(2 + side))) | np.uint64(1 << 62),
        "status": np.full(rows, VALID, np.int8),
    }


def _pay(rng: np.random.Generator, sales: Columns, as_of: np.ndarray, lean: np.ndarray, dated: np.ndarray) -> None:
    """Each buyer has its terms and its habit of paying; the buyers of weak firms pay later."""
    firm = sales["firm"]
    habit = (sales["counterparty"] >> np.uint64(3)) % np.uint64(1009)
    terms = TERMS[(habit % np.uint64(len(TERMS))).astype(np.int64)]
    own = -4.0 + 12.0 * (habit.astype(np.float64) / 1009) ** 2
    delay = own + rng.gamma(1.5, 4.0 * np.exp(-0.5 * lean[firm]))
    due = sales["issued"] + terms
    settled = due + np.maximum(delay, -terms).astype(np.int64)
    known = dated[firm]
    sales["due"] = np.where(known, due, -1)
    sales["settled"] = np.where(known & (settled <= as_of[firm]), settled, -1)


def _undo(rng: np.random.Generator, sales: Columns, voided: np.ndarray, reversed_: np.ndarray) -> None:
    firm, chance = sales["firm"], rng.random(len(sales["firm"]))
    void = chance < voided[firm]
    red = ~void & (chance < (voided + reversed_)[firm])
    sales["status"][void], sales["status"][red] = VOID, RED
    sales["net_minor"] = np.where(red, -sales["net_minor"], sales["net_minor"])
    sales["tax_minor"] = np.where(red, -sales["tax_minor"], sales["tax_minor"])
    for name in ("due", "settled"):
        sales[name] = np.where(void | red, -1, sales[name])

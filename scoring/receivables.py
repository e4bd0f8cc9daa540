"""Will an invoice be paid late? What was known of its buyer on the day it was issued, row by row through time.

A buyer's history knows only invoices that had been settled before that day; those still open tell their age and nothing
of how they will end. One pass over issues and payments in order of day.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from scoring.lines import Floats, Ints

RECENT = 0.3  # weight of the newest payment in a running mean
PRIOR = 3.0  # so many payments of everybody stand behind a buyer's own few

FEATURES: tuple[tuple[str, int], ...] = (
    ("late_share", 1), ("late_days", 1), ("recent_late_share", 1), ("recent_late_days", 1), ("last_late_days", 0),
    ("days_to_pay", 0), ("days_to_pay_over_terms", 1), ("pay_spread", 0), ("settled_count", 0), ("open_count", 0),
    ("open_amount", 0), ("overdue_count", 1), ("overdue_days", 1), ("overdue_share", 1), ("since_last_invoice", 0),
    ("known_for", 0), ("amount", 0), ("amount_to_usual", 0), ("terms", 0), ("weekday_issued", 0), ("weekday_due", 0),
    ("day_due", 0), ("month_issued", 0), ("everybody_late", 1), ("everybody_late_days", 1), ("late_at_terms", 1),
)  # fmt: skip
NAMES = tuple(name for name, _ in FEATURES)
RISK = tuple(risk for _, risk in FEATURES)


@dataclass(slots=True)
class _History:
    """What is known of one buyer, or of everybody, so far."""

    count: float = 0.0
    late: float = 0.0
    late_days: float = 0.0
    pay_days: float = 0.0
    pay_squares: float = 0.0
    over: float = 0.0
    recent_late: float = float("nan")
    recent_days: float = float("nan")
    last: float = float("nan")
    amount: float = 0.0
    invoices: int = 0
    first: int = -1
    newest: int = -1
    at_terms: dict[int, list[float]] = field(default_factory=dict)
    open: dict[int, tuple[int, float]] = field(default_factory=dict)  # row -> due day, amount

    def settle(self, late_by: float, took: float, terms: int, late: bool) -> None:
        self.count += 1
        self.late += late
        self.late_days += max(late_by, 0.0)
        self.pay_days += took
        self.pay_squares += took * took
        self.over += late_by
        self.recent_late = _moved(self.recent_late, float(late))
        self.recent_days = _moved(self.recent_days, late_by)
        self.last = late_by
        at = self.at_terms.setdefault(terms, [0.0, 0.0])
        at[0] += late
        at[1] += 1


def _moved(mean: float, value: float) -> float:
    return value if mean != mean else mean + RECENT * (value - mean)


def history_features(buyer: Ints, issued: Ints, due: Ints, settled: Ints, amount: Floats, late_over: int = 0) -> Floats:
    """A row for each invoice in the order of ``NAMES``. ``settled`` is -1 for what is still open; ``late_over``: more
    days past due than this are late. A payment counts from the day after it."""
    out = np.full((len(buyer), len(NAMES)), np.nan)
    pays = np.flatnonzero(settled >= 0)
    # On one day payments of earlier days come first; a row never sees its own day.
    days = np.concatenate([settled[pays] + 1, issued])
    kinds = np.concatenate([np.zeros(len(pays), np.int64), np.ones(len(issued), np.int64)])
    rows = np.concatenate([pays, np.arange(len(issued))])
    order = np.lexsort((rows, kinds, days))
    buyers: defaultdict[int, _History] = defaultdict(_History)
    everybody = _History()
    who, day_of = buyer.tolist(), issued.tolist()
    due_of, paid_of, amounts = due.tolist(), settled.tolist(), amount.tolist()
    waiting: list[int] = []
    today = None
    for kind, row in zip(kinds[order].tolist(), rows[order].tolist(), strict=True):
        history = buyers[who[row]]
        if kind == 0:
            late_by = paid_of[row] - due_of[row]
            told = (float(late_by), float(paid_of[row] - day_of[row]), due_of[row] - day_of[row], late_by > late_over)
            history.settle(*told)
            everybody.settle(*told)
            history.open.pop(row, None)
            continue
        if day_of[row] != today:
            for earlier in waiting:  # invoices of one day do not see each other
                _issue(buyers[who[earlier]], earlier, day_of[earlier], due_of[earlier], amounts[earlier])
            waiting, today = [], day_of[row]
        out[row] = _row(history, everybody, day_of[row], due_of[row], amounts[row])
        waiting.append(row)
    return out


def _issue(history: _History, row: int, day: int, due: int, amount: float) -> None:
    history.open[row] = (due, amount)
    history.invoices += 1
    history.amount += amount
    history.first = day if history.first < 0 else history.first
    history.newest = day


def _row(own: _History, all_: _History, day: int, due: int, amount: float) -> list[float]:
    nan = float("nan")
    base = all_.late / all_.count if all_.count else nan
    base_days = all_.late_days / all_.count if all_.count else nan
    mixed = own.count + PRIOR
    overdue = [(day - one_due, worth) for one_due, worth in own.open.values() if one_due < day]
    open_amount = sum(worth for _, worth in own.open.values())
    mean_pay = own.pay_days / own.count if own.count else nan
    spread = max(own.pay_squares / own.count - mean_pay**2, 0.0) ** 0.5 if own.count > 1 else nan
    at = own.at_terms.get(due - day, (0.0, 0.0))
    return [
        (own.late + PRIOR * base) / mixed if all_.count else nan,
        (own.late_days + PRIOR * base_days) / mixed if all_.count else nan,
        own.recent_late,
        own.recent_days,
        own.last,
        mean_pay,
        mean_pay - (due - day),
        spread,
        own.count,
        float(len(own.open)),
        np.log1p(max(open_amount, 0.0)),
        float(len(overdue)),
        float(max((late for late, _ in overdue), default=0)),
        len(overdue) / len(own.open) if own.open else nan,
        float(day - own.newest) if own.newest >= 0 else nan,
        float(day - own.first) if own.first >= 0 else nan,
        np.log1p(max(amount, 0.0)),
        np.log(max(amount, 0.01) / max(own.amount / own.invoices, 0.01)) if own.invoices else nan,
        float(due - day),
        float((day + 3) % 7),
        float((due + 3) % 7),
        float(_day_of_month(due)),
        float(_month(day)),
        all_.recent_late if all_.count < 1 else base,
        base_days,
        (at[0] + PRIOR * base) / (at[1] + PRIOR) if all_.count else nan,
    ]


def _day_of_month(day: int) -> int:
    on = np.datetime64(day, "D")
    return int((on - on.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)) + 1


def _month(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64)) % 12 + 1

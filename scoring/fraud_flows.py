"""Money that goes in circles: statement lines of one firm that make its sales look larger than they are."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lending.suspicions import ROWS_SHOWN, Finding, Row
from scoring.lines import LOAN_IN, LOAN_REPAY, REFUND, SALE, TRANSFER_SELF, Floats, Ints, Lines

Limits = Mapping[str, float]
Bools = NDArray[np.bool_]
YEAR = 364
MONTH = 28
MANY = 60  # partners for one amount: more is a price that everybody pays, and no circle


def self_transfers(lines: Lines, limits: Limits) -> Finding | None:
    """Sales from parties to whom and from whom the firm moves its own money."""
    own = np.unique(lines.counterparty[(lines.kind == TRANSFER_SELF) & (lines.counterparty != 0)])
    sale = _sales(lines)
    from_own = sale & np.isin(lines.counterparty, own)
    return _share("self_transfers", lines, from_own, sale, limits["full"])


def there_and_back(lines: Lines, limits: Limits) -> Finding | None:
    """Out to a party, and about the same back in from it within days, taken for sales."""
    out = (lines.direction == -1) & ~np.isin(lines.kind, (REFUND, LOAN_REPAY))
    return _same_party("there_and_back", lines, out, _sales(lines), limits)


def round_trips(lines: Lines, limits: Limits) -> Finding | None:
    """In from a party as a sale, and about the same out to it again within days, which is no refund."""
    out = (lines.direction == -1) & ~np.isin(lines.kind, (REFUND, LOAN_REPAY))
    return _same_party("round_trips", lines, _sales(lines), out, limits)


def rings_of_three(lines: Lines, limits: Limits) -> Finding | None:
    """Out to B and the same amount in from C within days, again and again for the same B and C."""
    sale = _sales(lines)
    large = lines.amount_minor >= limits["large"] * _usual_sale(lines, sale)
    named = large & (lines.counterparty != 0)
    out = np.flatnonzero(named & (lines.direction == -1) & ~np.isin(lines.kind, (REFUND, LOAN_REPAY)))
    into = np.flatnonzero(named & sale)
    first, second = _pairs(lines, out, into, limits)
    other = lines.counterparty[first] != lines.counterparty[second]
    first, second = first[other], second[other]
    if not len(first):
        return None
    both = np.stack([lines.counterparty[first], lines.counterparty[second]], axis=1)
    _, which, often = np.unique(both, axis=0, return_inverse=True, return_counts=True)
    repeated = often[which.ravel()] >= limits["pairs"]
    return _found("rings_of_three", lines, first[repeated], second[repeated], sale, limits)


def burst_before_applying(lines: Lines, limits: Limits) -> Finding | None:
    """The last four weeks sold many times what any four weeks of the year before did."""
    sale = _sales(lines)
    return burst("burst_before_applying", lines.day[sale], lines.amount_minor[sale], int(lines.day.max()), limits)


def burst(rule: str, day: Ints, amount: Ints, until: int, limits: Limits) -> Finding | None:
    """Against the best block of four weeks before: a season that comes every year is no burst."""
    block = (until - day) // MONTH
    inside = (block >= 0) & (block < YEAR // MONTH)
    sums = np.bincount(block[inside], amount[inside], YEAR // MONTH)
    before = sums[1:]
    if np.count_nonzero(before) < 3:
        return None
    times = float(sums[0] / max(before.max(), 1.0))
    if times < limits["times"]:
        return None
    score = min(1.0, times / limits["full"])
    return Finding(rule, places(score), (("times", f"{times:.1f}"), ("amount_minor", str(int(sums[0])))))


RULES: dict[str, Callable[[Lines, Limits], Finding | None]] = {
    "self_transfers": self_transfers,
    "there_and_back": there_and_back,
    "round_trips": round_trips,
    "rings_of_three": rings_of_three,
    "burst_before_applying": burst_before_applying,
}


def places(score: float) -> Decimal:
    """A score as the rules take it."""
    return Decimal(f"{min(max(score, 0.0), 1.0):.2f}")


def _sales(lines: Lines) -> Bools:
    return (lines.kind == SALE) & (lines.direction == 1)


def _usual_sale(lines: Lines, sale: Bools) -> float:
    return float(np.median(lines.amount_minor[sale])) if sale.any() else 1.0


def _same_party(rule: str, lines: Lines, earlier: Bools, later: Bools, limits: Limits) -> Finding | None:
    sale = _sales(lines)
    named = lines.counterparty != 0
    both = np.intersect1d(lines.counterparty[earlier & named], lines.counterparty[later & named])
    if not len(both):
        return None
    # A lender and an account of the firm's own send money both ways for other reasons, each with its own rule.
    other = np.isin(lines.kind, (LOAN_IN, LOAN_REPAY, TRANSFER_SELF))
    both = np.setdiff1d(both, lines.counterparty[other], assume_unique=False)
    party = np.isin(lines.counterparty, both) & (lines.amount_minor >= limits["large"] * _usual_sale(lines, sale))
    first, second = _pairs(lines, np.flatnonzero(earlier & party), np.flatnonzero(later & party), limits)
    same = lines.counterparty[first] == lines.counterparty[second]
    return _found(rule, lines, first[same], second[same], sale, limits)


def _pairs(lines: Lines, earlier: Ints, later: Ints, limits: Limits) -> tuple[Ints, Ints]:
    """Positions of pairs of about one amount, the second at most some days after the first."""
    amount = lines.amount_minor.astype(np.float64)
    later = later[np.argsort(amount[later], kind="stable")]
    sorted_amounts = amount[later]
    low = np.searchsorted(sorted_amounts, amount[earlier] * (1 - limits["tolerance"]), side="left")
    high = np.searchsorted(sorted_amounts, amount[earlier] * (1 + limits["tolerance"]), side="right")
    count = np.where(high - low <= MANY, high - low, 0)
    first = np.repeat(earlier, count)
    start = np.repeat(low - np.concatenate([[0], np.cumsum(count)[:-1]]), count) if len(count) else low
    second = later[np.arange(len(first)) + start] if len(first) else later[:0]
    days = lines.day[second] - lines.day[first]
    near = (days >= 0) & (days <= limits["days"])
    return first[near], second[near]


def _found(rule: str, lines: Lines, first: Ints, second: Ints, sale: Bools, limits: Limits) -> Finding | None:
    """A line counts once however many it pairs with."""
    sold = np.unique(np.concatenate([first, second]))
    sold = sold[sale[sold]]
    if len(sold) < limits["pairs"]:
        return None
    shown = np.unique(np.concatenate([first, second]))
    return _share(rule, lines, _marked(sold, len(lines)), sale, limits["full"], shown)


def _share(
    rule: str, lines: Lines, part: Bools, whole: Bools, full: float, shown: Ints | None = None
) -> Finding | None:
    """By how large a part of the last year's sales is touched."""
    recent = lines.day > (int(lines.day.max()) - YEAR if len(lines) else 0)
    total = float(lines.amount_minor[whole & recent].sum())
    touched = float(lines.amount_minor[part & recent].sum())
    if touched <= 0 or total <= 0:
        return None
    facts = (("lines", str(int((part & recent).sum()))), ("amount_minor", str(int(touched))),
             ("percent", f"{100 * touched / total:.0f}"))  # fmt: skip
    return Finding(
        rule, places(touched / total / full), facts, _rows(lines, np.flatnonzero(part) if shown is None else shown)
    )


def _rows(lines: Lines, at: Ints) -> tuple[Row, ...]:
    newest = at[np.argsort(-lines.day[at], kind="stable")][:ROWS_SHOWN]
    days = lines.day[newest].astype("datetime64[D]")
    return tuple(
        Row(str(day), int(amount), int(direction))
        for day, amount, direction in zip(days, lines.amount_minor[newest], lines.direction[newest], strict=True)
    )


def _marked(at: Ints, count: int) -> Bools:
    marked = np.zeros(count, bool)
    marked[at] = True
    return marked


def in_floats(limits: Mapping[str, Decimal]) -> dict[str, float]:
    """A policy's limits as the rules here read them."""
    return {name: float(value) for name, value in limits.items()}


__all__ = ["RULES", "Floats", "Limits", "burst", "in_floats", "places"]

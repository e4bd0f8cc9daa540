"""Series of invoices that do not look like business: order, gaps, amounts, parties, and what was taken back after."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lending.suspicions import ROWS_SHOWN, Finding, Row
from scoring.fraud_flows import Limits, burst, places
from scoring.lines import Floats, Ints

SOLD, BOUGHT = 1, -1
VALID, VOID, RED = 0, 1, 2
BENFORD = np.log10(1 + 1 / np.arange(1, 10))
ROUND = 100_000  # minor units: a thousand yuan is an amount that comes back by itself


@dataclass(frozen=True, slots=True)
class InvoiceSeries:
    """One firm's invoices as columns: ``number`` within its series (-1 unknown), ``issued`` days since 1970-01-01,
    ``net_minor`` negative on red ink. ``related``: parties that the register ties to the firm or its owner."""

    side: Ints
    issued: Ints
    net_minor: Ints
    number: Ints
    counterparty: NDArray[np.uint64]
    status: Ints
    related: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.issued)


Rule = Callable[[InvoiceSeries, int, Limits], Finding | None]


def numbers_out_of_order(series: InvoiceSeries, as_of: int, limits: Limits) -> Finding | None:
    """A later number with an earlier date: somebody wrote invoices for days that had passed."""
    at = _numbered(series, as_of)
    if len(at) < limits["invoices"]:
        return None
    at = at[np.argsort(series.number[at], kind="stable")]
    newest = np.maximum.accumulate(series.issued[at])
    back = at[newest - series.issued[at] > limits["days"]]
    share = len(back) / len(at)
    if not len(back):
        return None
    return Finding(
        "numbers_out_of_order", places(share / limits["full"]), _count(len(back), len(at)), _rows(series, back)
    )


def number_gaps(series: InvoiceSeries, as_of: int, limits: Limits) -> Finding | None:
    """Numbers of a dense series that were not shown. Numbers that a platform deals out at large have none."""
    at = _numbered(series, as_of)
    if len(at) < limits["invoices"]:
        return None
    number = np.unique(series.number[at])
    missing = 1 - len(number) / float(number[-1] - number[0] + 1)
    if missing > 1 - limits["dense"] or missing <= 0:
        return None
    facts = (("missing", str(int(number[-1] - number[0] + 1 - len(number)))), ("seen", str(len(number))))
    return Finding("number_gaps", places(missing / limits["full"]), facts)


def same_amounts(series: InvoiceSeries, as_of: int, limits: Limits) -> Finding | None:
    """One uneven amount again and again: a fee does that, sales of goods seldom do."""
    at = np.flatnonzero(_sold(series, as_of) & (series.net_minor % ROUND != 0))
    if len(at) < limits["invoices"]:
        return None
    _, which, often = np.unique(series.net_minor[at], return_inverse=True, return_counts=True)
    repeated = at[often[which] >= limits["times"]]
    if not len(repeated):
        return None
    share = len(repeated) / len(at)
    return Finding(
        "same_amounts", places(share / limits["full"]), _count(len(repeated), len(at)), _rows(series, repeated)
    )


def first_digits(series: InvoiceSeries, as_of: int, limits: Limits) -> Finding | None:
    """First digits far from Benford's law: weak evidence, since a price list moves them as well."""
    amount = series.net_minor[_sold(series, as_of)].astype(np.float64)
    if len(amount) < limits["invoices"]:
        return None
    digit = (amount / 10 ** np.floor(np.log10(amount))).astype(np.int64).clip(1, 9)
    apart = float(np.abs(np.bincount(digit, minlength=10)[1:] / len(amount) - BENFORD).mean())
    if apart < limits["from"]:
        return None
    return Finding(
        "first_digits", places(apart / limits["full"]), (("apart", f"{apart:.3f}"), ("all", str(len(amount))))
    )


def related_party_sales(series: InvoiceSeries, as_of: int, limits: Limits) -> Finding | None:
    """Sales to parties that the register ties to the firm, or that sell back as much as they buy."""
    sold = _sold(series, as_of)
    total = float(series.net_minor[sold].sum())
    if total <= 0:
        return None
    bought = (series.side == BOUGHT) & (series.status != VOID) & (series.issued <= as_of) & (series.net_minor > 0)
    tied = np.array(series.related, np.uint64)
    both = np.intersect1d(series.counterparty[sold], series.counterparty[bought])
    both = both[(both != 0) & ~np.isin(both, tied)]
    to_tied = sold & np.isin(series.counterparty, tied)
    touched = float(series.net_minor[to_tied].sum())
    for party in both.tolist():
        mine = series.counterparty == np.uint64(party)
        touched += min(float(series.net_minor[sold & mine].sum()), float(series.net_minor[bought & mine].sum()))
    if touched <= 0:
        return None
    facts = (("percent", f"{100 * touched / total:.0f}"), ("amount_minor", str(int(touched))))
    shown = np.flatnonzero(to_tied | (sold & np.isin(series.counterparty, both)))
    return Finding("related_party_sales", places(touched / total / limits["full"]), facts, _rows(series, shown))


def red_after_applying(series: InvoiceSeries, as_of: int, limits: Limits) -> Finding | None:
    """Sales that were taken back by red ink soon after the day of the application."""
    after = (series.side == SOLD) & (series.status == RED)
    after &= (series.issued > as_of) & (series.issued <= as_of + limits["days"])
    before = _sold(series, as_of) & (series.issued > as_of - limits["days"])
    back, sold = -float(series.net_minor[after].sum()), float(series.net_minor[before].sum())
    if back <= 0:
        return None
    share = back / sold if sold > 0 else 1.0
    facts = (("percent", f"{100 * share:.0f}"), ("amount_minor", str(int(back))))
    return Finding("red_after_applying", places(share / limits["full"]), facts, _rows(series, np.flatnonzero(after)))


def invoices_burst(series: InvoiceSeries, as_of: int, limits: Limits) -> Finding | None:
    """Many times as much invoiced in the last four weeks as in any before."""
    sold = _sold(series, as_of)
    return burst("invoices_burst", series.issued[sold], series.net_minor[sold], as_of, limits)


RULES: dict[str, Rule] = {
    "numbers_out_of_order": numbers_out_of_order,
    "number_gaps": number_gaps,
    "same_amounts": same_amounts,
    "first_digits": first_digits,
    "related_party_sales": related_party_sales,
    "red_after_applying": red_after_applying,
    "invoices_burst": invoices_burst,
}


def _sold(series: InvoiceSeries, as_of: int) -> NDArray[np.bool_]:
    return (series.side == SOLD) & (series.status == VALID) & (series.issued <= as_of) & (series.net_minor > 0)


def _numbered(series: InvoiceSeries, as_of: int) -> Ints:
    return np.flatnonzero((series.side == SOLD) & (series.number >= 0) & (series.issued <= as_of))


def _count(some: int, everything: int) -> tuple[tuple[str, str], ...]:
    return (("some", str(some)), ("all", str(everything)))


def _rows(series: InvoiceSeries, at: Ints) -> tuple[Row, ...]:
    newest = at[np.argsort(-series.issued[at], kind="stable")][:ROWS_SHOWN]
    days: Floats = series.issued[newest].astype("datetime64[D]")
    return tuple(
        Row(str(day), int(amount), int(side))
        for day, amount, side in zip(days, series.net_minor[newest], series.side[newest], strict=True)
    )

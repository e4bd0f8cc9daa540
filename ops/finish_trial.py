"""When loans would have been over against what their page said: the finish date's back-test on days of real sales.

At a day of a firm's past a loan is thought of that would take so long on the sales of the four weeks before. What
its page would show then (early, middle, late: sales a fifth better, as they are, three tenths worse) is held against
the day on which the days that followed would have repaid it, by the ledger's own walk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from lending.products import Product
from lending.projection import project_days, three_weathers
from lending.terms import Terms, terms_of
from scoring.sales import Sales

# As the page of a loan reads them.
LATELY = 28
DAYS_A_MONTH = Decimal(365) / 12
SHARE = Decimal("0.12")
HORIZONS = (60, 120, 180, 270, 365)
EVERY = 61
EPOCH = date(1970, 1, 1)
# Sales of visitors and pieces are no money: a fen each would round every debit away.
SMALLEST_MONTH = 1_000_000


@dataclass(frozen=True, slots=True)
class Tried:
    """One loan of the past. ``error_days``: how much later than the middle it ended; None: it had not by the end of the
    table, though its late day had come. ``inside``: it ended between early and late."""

    horizon: int
    error_days: int | None
    inside: bool
    later: bool


@dataclass(frozen=True, slots=True)
class AtHorizon:
    """All loans of one horizon: quantiles of the error in days, and how many ended inside what was shown."""

    horizon: int
    loans: int
    p10: float
    p50: float
    p90: float
    inside: float
    earlier: float
    later: float


def tried(panel: Iterable[Sales], product: Product, horizons: Sequence[int] = HORIZONS) -> list[Tried]:
    """Every loan that can be thought of; one whose end the table is too short to tell is left out."""
    found: list[Tried] = []
    base = terms_of(product, amount_minor=product.amounts.lowest_minor, months=product.months.shortest, share=SHARE)
    for sales in panel:
        days = np.where(np.isnan(sales.amount), 0.0, sales.amount)
        for begin in range(LATELY, len(days), EVERY):
            lately = days[begin - LATELY : begin].sum()
            if lately <= 0:
                continue
            factor = max(1.0, SMALLEST_MONTH / lately)
            net = [int(one * factor) for one in days]
            for horizon in horizons:
                if begin + horizon < len(days):
                    one = _one(base, net, begin, horizon, EPOCH + timedelta(days=int(sales.first)))
                    if one is not None:
                        found.append(one)
    return found


def _one(base: Terms, net: Sequence[int], begin: int, horizon: int, first: date) -> Tried | None:
    start, end = first + timedelta(days=begin), first + timedelta(days=len(net))
    monthly = int(sum(net[begin - LATELY : begin]) * DAYS_A_MONTH / LATELY)
    amount = int(monthly / DAYS_A_MONTH * horizon * SHARE)
    if amount <= 0:
        return None
    terms = replace(base, amount_minor=amount)
    shown = three_weathers(terms, monthly, start)
    early, middle, late = shown.good.finish_on, shown.normal.finish_on, shown.slow.finish_on
    if early is None or middle is None or late is None:
        return None
    followed = ((start + timedelta(days=n), one) for n, one in enumerate(net[begin:]))
    was = project_days(terms, followed, start).finish_on
    if was is None:
        # Not over by the end of the table: later than shown if even the late day is past, else nobody knows.
        return Tried(horizon, None, inside=False, later=True) if late < end else None
    return Tried(horizon, (was - middle).days, inside=early <= was <= late, later=was > late)


def by_horizon(found: Sequence[Tried]) -> list[AtHorizon]:
    """The quantiles by horizon; a loan that had not ended counts as later than every other."""
    told: list[AtHorizon] = []
    for horizon in sorted({one.horizon for one in found}):
        mine = [one for one in found if one.horizon == horizon]
        errors = np.array([np.inf if one.error_days is None else one.error_days for one in mine])
        p10, p50, p90 = (float(np.quantile(errors, part, method="inverted_cdf")) for part in (0.1, 0.5, 0.9))
        inside = sum(one.inside for one in mine) / len(mine)
        later = sum(one.later for one in mine) / len(mine)
        told.append(AtHorizon(horizon, len(mine), p10, p50, p90, inside, 1 - inside - later, later))
    return told

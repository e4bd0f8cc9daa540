"""What is still to be paid by a firm's buyers, how old it is, and how late they have been paying.

An invoice is open on a day when it was issued and nothing had been paid by then. Lateness knows only what was settled
by that day, so an invoice that is paid late tomorrow says nothing today but that it is open.
"""

import numpy as np

from scoring.invoices import SOLD, VALID, VOID, Invoices
from scoring.lines import Bools, Floats, Ints
from scoring.series import DAYS, concentration, pairs, positive, sums

HALF = DAYS // 2
MOST_DAYS = 365.0


def features_of_receivables(invoices: Invoices, limit: Ints, firms: int) -> dict[str, Floats]:
    """The features of the source ``receivables`` by name: of sales invoices of the last year, known on ``limit[firm]``.

    A list in which no invoice of a firm has a due or a paid date knows nothing of receivables: NaN throughout.
    """
    day = limit[invoices.firm]
    recent = (invoices.side == SOLD) & (invoices.status != VOID) & (day - invoices.issued < DAYS)
    dated = (invoices.due >= 0) | (invoices.settled >= 0)
    tells = np.bincount(invoices.firm[recent & dated], minlength=firms) > 0
    mine = invoices.where(recent & tells[invoices.firm])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _found(mine, limit[mine.firm], firms)
    for values in found.values():
        values[~tells] = np.nan
    return found


def _found(mine: Invoices, day: Ints, firms: int) -> dict[str, Floats]:
    firm, amount = mine.firm.astype(np.int64), (mine.net_minor + mine.tax_minor).astype(np.float64)
    billed = (mine.status == VALID) & (amount > 0)
    unpaid, paid = billed & (mine.settled < 0), billed & (mine.settled >= 0)
    overdue = unpaid & (mine.due >= 0) & (mine.due < day)
    judged = paid & (mine.due >= 0)
    late_by = np.where(judged, np.maximum(mine.settled - mine.due, 0), 0).astype(np.float64)
    late = judged & (late_by > 0)
    fresh = day - mine.settled < HALF

    def total(chosen: Bools, weight: Floats | None = None) -> Floats:
        return sums(firm[chosen], (amount if weight is None else amount * weight)[chosen], firms)

    whole, still_open = total(billed), total(unpaid)
    late_share = total(late) / positive(total(judged))
    before = total(late & ~fresh) / positive(total(judged & ~fresh))
    pair, owner, _ = pairs(firm, mine.counterparty)
    size = len(owner)
    open_of = sums(pair[unpaid], amount[unpaid], size)
    late_of = sums(pair[late], amount[late], size) / positive(sums(pair[judged], amount[judged], size))
    # What the buyers who owe now did with earlier invoices, by what they owe; of one without a past nothing is known.
    known = np.isfinite(late_of) & (open_of > 0)
    expected = sums(owner[known], (open_of * late_of)[known], firms)
    by_debt = expected / positive(sums(owner[known], open_of[known], firms))
    return {
        "open_share": np.minimum(still_open / positive(whole) * 12, 12.0),
        "open_age": np.minimum(total(unpaid, (day - mine.issued).astype(np.float64)) / positive(still_open), MOST_DAYS),
        "overdue_share": total(overdue) / positive(still_open),
        "open_concentration": concentration(owner, open_of, firms),
        "dilution": np.minimum(-total(amount < 0) / positive(whole), 1.0),
        "late_share": late_share,
        "late_days": np.minimum(total(judged, late_by) / positive(total(judged)), MOST_DAYS),
        "late_share_change": total(late & fresh) / positive(total(judged & fresh)) - before,
        "days_to_pay": np.minimum(
            total(paid, (mine.settled - mine.issued).astype(np.float64)) / positive(total(paid)), MOST_DAYS
        ),
        "worst_payer": by_debt,
    }

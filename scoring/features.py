"""A firm's evidence as the numbers of ``scoring.catalogue``: one firm in a few milliseconds, or ten thousand in bulk.

Both ways gather the same sums and apply the same formulas, so a feature is defined once, in the module of its source.
What a source cannot tell is NaN: any one source alone is enough for a score, and the others are named as missing.
"""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scoring.catalogue import INDEX, NAMES, OF_SOURCE, Source
from scoring.evidence import Declared, Evidence, Orders
from scoring.features_invoices import features_of_invoices
from scoring.features_lines import features_of_lines
from scoring.features_orders import features_of_declared, features_of_orders
from scoring.features_receivables import features_of_receivables
from scoring.invoices import Invoices
from scoring.lines import Floats, Ints, Lines, day_number

if TYPE_CHECKING:
    import pandas as pd

PART = 1_000  # firms taken at once in bulk


def features_of(evidence: Evidence, as_of: date) -> Floats:
    """The features of one firm in the order of ``catalogue.NAMES``, from what was known on ``as_of``."""
    return _matrix(evidence.known(as_of), np.array([day_number(as_of)]))[0]


def features_of_many(evidence: Evidence, as_of: NDArray[np.datetime64]) -> "pd.DataFrame":
    """The features of many firms, a row each, as of each firm's own date (``as_of[firm]``).

    Firms are taken a thousand at a time, so that memory does not grow with their number.
    """
    firms = len(as_of)
    limit = as_of.astype("datetime64[D]").astype(np.int64)
    sources = [_in_order(part) for part in (evidence.lines, evidence.invoices, evidence.orders, evidence.declared)]
    parts = []
    for begin in range(0, firms, PART):
        some = limit[begin : begin + PART]
        some_of = Evidence(*(_span(part, begin, len(some)) for part in sources))
        parts.append(_matrix(some_of.known(some), some))
    import pandas as pd  # only training and evaluation read many firms; a worker starts without it

    return pd.DataFrame(np.concatenate(parts) if parts else np.zeros((0, len(NAMES))), columns=list(NAMES))


def missing_sources(features: Floats) -> tuple[Source, ...]:
    """The sources of which a firm's features know nothing."""
    return tuple(source for source, own in OF_SOURCE.items() if not np.isfinite(features[list(own)]).any())


def _matrix(known: Evidence, limit: Ints) -> Floats:
    """Rows are firms; lines in order of firm."""
    firms = len(limit)
    out = np.full((firms, len(NAMES)), np.nan)
    found: dict[str, Floats] = {}
    if len(known.lines):
        found |= features_of_lines(known.lines, firms)
    if len(known.invoices):
        found |= features_of_invoices(known.invoices, limit, firms)
        found |= features_of_receivables(known.invoices, limit, firms)
    if len(known.orders):
        found |= features_of_orders(known.orders, limit, firms)
    if len(known.declared):
        nothing = np.full(firms, np.nan)
        seen = {name: found.get(name, nothing) for name in NAMES}
        found |= features_of_declared(known.declared, limit, seen, firms)
    for name, values in found.items():
        out[:, INDEX[name]] = values
    return np.where(np.isfinite(out), out, np.nan)


Part = Lines | Invoices | Orders | Declared


def _in_order(part: Part) -> Part:
    firm = part.firm
    return part if (firm[1:] >= firm[:-1]).all() else part.where(np.argsort(firm, kind="stable"))


def _span(part: Part, begin: int, count: int) -> Any:
    low, high = np.searchsorted(part.firm, [begin, begin + count])
    mine = part.where(slice(low, high))
    return replace(mine, firm=mine.firm - begin)

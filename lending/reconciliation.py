"""Our books against the bank's statement: what agrees, and every break with its reason."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lending.camt053 import BankRow, BankStatement


class Reason(StrEnum):
    """Why a booking stands alone, or does not agree with its other half."""

    NOT_AT_BANK = "not_at_bank"  # we booked it, the bank has not
    NOT_OURS = "not_ours"  # the bank booked it, we know nothing of it
    AMOUNT = "amount"
    TWICE_AT_BANK = "twice_at_bank"
    TWICE_OURS = "twice_ours"
    DAY = "day"  # booked on different days
    STATEMENT = "statement"  # the statement's own balances and rows do not add up
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class OurRow:
    """One movement of the account as we booked it; ``order_id`` is what the bank was told, the amount is signed."""

    order_id: str
    amount_minor: int
    currency: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class Break:
    """One thing to look into; ``difference_minor`` is by how much the bank says more than we do."""

    reason: Reason
    order_id: str | None
    ours: OurRow | None
    theirs: BankRow | None
    difference_minor: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``matched`` pairs agree in amount, currency and day. The breaks explain the whole difference of the account."""

    matched: tuple[tuple[OurRow, BankRow], ...]
    breaks: tuple[Break, ...]

    @property
    def difference_minor(self) -> int:
        return sum(each.difference_minor for each in self.breaks)

    @property
    def clean(self) -> bool:
        return not self.breaks


def reconcile(ours: Iterable[OurRow], statement: BankStatement, *, days_apart: int = 0) -> Reconciliation:
    """Match by order id, or by the bank's own reference for money that came unasked; several rows of one id are matched
    in order of day and amount, the rest are breaks.

    ``days_apart``: so many days between the two booking days are no break.
    """
    mine: defaultdict[str, list[OurRow]] = defaultdict(list)
    for row in ours:
        mine[row.order_id].append(row)
    theirs: defaultdict[str, list[BankRow]] = defaultdict(list)
    breaks: list[Break] = []
    for row in statement.rows:
        # What somebody sent us carries the sender's own id, or none: we know it by the bank's reference.
        known = row.reference if row.reference in mine else row.order_id
        if known is None:
            breaks.append(Break(Reason.NOT_OURS, None, None, row, row.amount_minor))
        else:
            theirs[known].append(row)
    matched: list[tuple[OurRow, BankRow]] = []
    for order_id in sorted(mine.keys() | theirs.keys()):
        _match(order_id, mine[order_id], theirs[order_id], days_apart, matched, breaks)
    if not statement.adds_up:
        missing = statement.closing_minor - statement.opening_minor - sum(row.amount_minor for row in statement.rows)
        breaks.append(Break(Reason.STATEMENT, None, None, None, missing))
    return Reconciliation(tuple(matched), tuple(breaks))


def _match(
    order_id: str,
    ours: Sequence[OurRow],
    theirs: Sequence[BankRow],
    days_apart: int,
    matched: list[tuple[OurRow, BankRow]],
    breaks: list[Break],
) -> None:
    """Equal rows first, then what is left pairwise; then what has no other half."""
    left, others = sorted(ours, key=_order), sorted(theirs, key=_order)
    for row in list(left):
        same = next((o for o in others if (o.amount_minor, o.currency) == (row.amount_minor, row.currency)), None)
        if same is None:
            continue
        left.remove(row)
        others.remove(same)
        if abs((same.booked_on - row.booked_on).days) <= days_apart:
            matched.append((row, same))
        else:
            breaks.append(Break(Reason.DAY, order_id, row, same, 0))
    while left and others:
        row, other = left.pop(0), others.pop(0)
        reason = Reason.AMOUNT if row.currency == other.currency else Reason.CURRENCY
        breaks.append(Break(reason, order_id, row, other, other.amount_minor - row.amount_minor))
    for row in left:
        reason = Reason.TWICE_OURS if theirs else Reason.NOT_AT_BANK
        breaks.append(Break(reason, order_id, row, None, -row.amount_minor))
    for other in others:
        reason = Reason.TWICE_AT_BANK if ours else Reason.NOT_OURS
        breaks.append(Break(reason, order_id, None, other, other.amount_minor))


def _order(row: OurRow | BankRow) -> tuple[date, int]:
    return row.booked_on, row.amount_minor

"""A flat fee instead of interest, with the guard that a good season never makes it dear (the thirty, 7).

The owner repays the advance and one fee by a share of revenue. Whoever repays fast pays the same fee for less time;
so at the close the last payment is cut, or money is given back, until the realised annual rate is at most the cap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal

from lending.apr import Flow
from lending.rate_of_return import PRECISION
from lending.revenue_share import SharePosition, withhold

_DOWN = Context(prec=PRECISION.prec, rounding=ROUND_FLOOR)


@dataclass(frozen=True, slots=True)
class FlatTerms:
    """Amounts in minor units; ``cap`` is the highest annual rate with interest on interest, as a fraction."""

    advance_minor: int
    fee_minor: int
    share_ppm: int
    cap: Decimal

    def __post_init__(self) -> None:
        if self.advance_minor <= 0 or self.fee_minor < 0 or self.cap < 0:
            raise ValueError("an advance, a fee and a cap that are not negative")

    @property
    def total_minor(self) -> int:
        return self.advance_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Closing:
    """How a flat-fee loan ends: the last payment, the rebate on the fee, and the part of it that is paid out."""

    on: date
    last_payment_minor: int
    rebate_minor: int
    given_back_minor: int


def guard(terms: FlatTerms, started_on: date, payments: Sequence[tuple[date, int]], on: date) -> Closing:
    """Close on ``on`` after these payments: the rest is asked, less what would lift the realised rate above the cap."""
    paid = sum(amount for _, amount in payments)
    asked = terms.total_minor - paid
    if asked < 0:
        raise ValueError("more was paid than was owed")
    allowed = _allowed(terms, started_on, payments, on)
    last = min(asked, allowed)
    # Never asked to bring back the advance itself: without a fee the rate is zero, which no cap forbids.
    last = max(last, terms.advance_minor - paid)
    return Closing(on, max(0, last), asked - last, max(0, -last))


def _allowed(terms: FlatTerms, started_on: date, payments: Sequence[tuple[date, int]], on: date) -> int:
    """The largest last payment at which the money has not earned more than the cap, rounded down to the minor unit."""
    daily = (1 + terms.cap).ln(PRECISION) / 365
    owed = PRECISION.multiply(Decimal(terms.advance_minor), _grown(daily, (on - started_on).days))
    for when, amount in payments:
        owed = PRECISION.subtract(owed, PRECISION.multiply(Decimal(amount), _grown(daily, (on - when).days)))
    return int(owed.to_integral_value(rounding=ROUND_FLOOR, context=_DOWN))


def _grown(daily: Decimal, days: int) -> Decimal:
    return PRECISION.multiply(daily, Decimal(days)).exp(PRECISION)


@dataclass(frozen=True, slots=True)
class FlatRun:
    """A flat-fee loan on a series of revenue. ``closing`` is None where it is not repaid within the series."""

    payments: tuple[tuple[date, int], ...]
    closing: Closing | None

    def flows(self, terms: FlatTerms, started_on: date) -> list[Flow]:
        """What the owner received and paid, the rebate that was given back counted."""
        flows = [Flow(started_on, terms.advance_minor), *(Flow(on, -amount) for on, amount in self.payments)]
        if self.closing is not None:
            flows.append(Flow(self.closing.on, self.closing.given_back_minor - self.closing.last_payment_minor))
        return flows


def run(terms: FlatTerms, started_on: date, days: Sequence[tuple[date, int]]) -> FlatRun:
    """Repay by the share of net revenue; the debit for a day comes on the next, the last one through the guard."""
    payments: list[tuple[date, int]] = []
    owed, carry, asked = terms.total_minor, 0, 0
    for on, net in days:
        if asked:
            if asked >= owed or _allowed(terms, started_on, payments, on) <= asked:
                return FlatRun(tuple(payments), guard(terms, started_on, payments, on))
            payments.append((on, asked))
            owed -= asked
        asked, _, carry, _, _ = withhold(net, SharePosition(owed, carry), terms.share_ppm)
    return FlatRun(tuple(payments), None)

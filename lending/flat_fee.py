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
    """Close on ``on`` after these payments (oldest first): the rest, less what would lift the rate above the cap."""
    paid = sum(amount for _, amount in payments)
    asked = terms.total_minor - paid
    if asked < 0:
        raise ValueError("more was paid than was owed")
    grown = _Grown(terms, started_on)
    for when, amount in payments:
        grown.pay(when, amount)
    last = min(asked, grown.allowed(on))
    # Never asked to bring back the advance itself: without a fee the rate is zero, which no cap forbids.
    last = max(last, terms.advance_minor - paid)
    return Closing(on, max(0, last), asked - last, max(0, -last))


class _Grown:
    """What the advance has grown to at the cap, less what was paid: the largest payment that keeps the cap."""

    def __init__(self, terms: FlatTerms, started_on: date) -> None:
        self._daily = (1 + terms.cap).ln(PRECISION) / 365
        self._powers: dict[int, Decimal] = {}
        self._owed = Decimal(terms.advance_minor)
        self._on = started_on

    def allowed(self, on: date) -> int:
        """On this day, rounded down to the minor unit."""
        self._grow(on)
        return int(self._owed.to_integral_value(rounding=ROUND_FLOOR, context=_DOWN))

    def pay(self, on: date, amount_minor: int) -> None:
        self._grow(on)
        self._owed = PRECISION.subtract(self._owed, Decimal(amount_minor))

    def _grow(self, on: date) -> None:
        days = (on - self._on).days
        if days not in self._powers:
            self._powers[days] = PRECISION.multiply(self._daily, Decimal(days)).exp(PRECISION)
        self._owed = PRECISION.multiply(self._owed, self._powers[days])
        self._on = on


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
    grown = _Grown(terms, started_on)
    for on, net in days:
        if asked:
            if asked >= owed or grown.allowed(on) <= asked:
                return FlatRun(tuple(payments), guard(terms, started_on, payments, on))
            payments.append((on, asked))
            grown.pay(on, asked)
            owed -= asked
        asked, _, carry, _, _ = withhold(net, SharePosition(owed, carry), terms.share_ppm)
    return FlatRun(tuple(payments), None)

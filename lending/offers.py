"""Three plans side by side for one verdict: as asked, quicker, and lighter on the day's sales."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from lending.calendars import BusinessCalendar, Jurisdiction, midnight_after
from lending.instalment_offers import candidates, terms_that_fit
from lending.products import Product
from lending.projection import Projection, Weathers, months_to_repay, three_weathers
from lending.refusals import AmountOutOfRange, OfferExpired, OfferUnknown, OutsidePolicy
from lending.terms import Terms, terms_hash, terms_of
from lending.verdicts import Outcome, Request, Verdict

__all__ = ["Offer", "Shape", "Terms", "choose", "make_offers", "terms_hash", "terms_of"]

PLANS = 3
# A line has one limit and one price; how quickly each draw is repaid is chosen with that draw.
ONE_LINE = 1
# How far the quicker and the lighter plan lie from the one that was asked for, as factors on the share.
QUICKER = Decimal("1.5")
LIGHTER = Decimal("0.67")


class Shape(StrEnum):
    """What sets a plan apart from the one beside it."""

    AS_ASKED = "as_asked"
    QUICKER = "quicker"
    LIGHTER = "lighter"
    SMALLER = "smaller"


@dataclass(frozen=True, slots=True)
class Offer:
    """One plan that may be signed until ``expires_at``. ``number`` counts from 1 as shown; costs are at usual sales."""

    number: int
    shape: Shape
    terms: Terms
    terms_hash: str
    weathers: Weathers
    expires_at: datetime

    @property
    def normal(self) -> Projection:
        return self.weathers.normal


def make_offers(
    product: Product,
    verdict: Verdict,
    request: Request,
    monthly_net_revenue_minor: Sequence[int] | int,
    as_of: date,
    jurisdiction: Jurisdiction = Jurisdiction.CN,
    calendar: BusinessCalendar | None = None,
) -> tuple[Offer, ...]:
    """Up to three plans within the verdict's limit, price and longest term, the one asked for first; never none.

    ``monthly_net_revenue_minor``: usual months as a series, or one figure for all. The normal horizon of each plan is
    what its own projection gives, so a plan never promises more months than the product has.
    """
    if verdict.outcome is Outcome.DECLINE:
        raise OutsidePolicy(rule="declined")
    if request.amount_minor > verdict.limit_minor:
        raise AmountOutOfRange(
            lowest_minor=product.amounts.lowest_minor,
            highest_minor=verdict.limit_minor,
            currency=product.amounts.currency,
        )
    product = product.priced(verdict.annual_rate, verdict.longest_months)
    request = replace(request, months=min(request.months, product.months.longest))
    expires_at = midnight_after(as_of + timedelta(days=product.offer_valid_days), jurisdiction)
    found: list[tuple[Shape, Terms]] = []
    for shape, terms in _tried(product, request, monthly_net_revenue_minor, as_of, calendar):
        if terms is not None and all(terms != other for _, other in found):
            found.append((shape, terms))
        if len(found) == (ONE_LINE if product.line else PLANS):
            break
    if not found:
        raise OutsidePolicy(rule="no_plan_fits")
    return tuple(
        Offer(
            number=number,
            shape=shape,
            terms=terms,
            terms_hash=terms_hash(terms),
            weathers=three_weathers(terms, monthly_net_revenue_minor, as_of, calendar=calendar),
            expires_at=expires_at,
        )
        for number, (shape, terms) in enumerate(found, start=1)
    )


def most_that_fits(
    product: Product, verdict: Verdict, monthly_net_revenue_minor: Sequence[int] | int, as_of: date
) -> int | None:
    """The largest amount within the verdict that the highest share repays within the longest term, in minor units; None
    where not even the product's least fits."""
    product = product.priced(verdict.annual_rate, verdict.longest_months)
    amounts = product.amounts

    def fits(amount_minor: int) -> bool:
        return _fitted(product, amount_minor, product.share.highest, monthly_net_revenue_minor, as_of) is not None

    low = amounts.lowest_minor
    high = amounts.down_to_step(min(verdict.limit_minor, amounts.highest_minor))
    if high < low or not fits(low):
        return None
    while low < high:  # what fits at one amount fits at every smaller one
        middle = amounts.down_to_step((low + high + amounts.step_minor) // 2)
        low, high = (middle, high) if fits(middle) else (low, middle - amounts.step_minor)
    return low


def choose(offers: Sequence[Offer], number: int, now: datetime) -> Offer:
    """The plan that the owner picked, if it was offered and its time has not passed."""
    for offer in offers:
        if offer.number == number:
            if now >= offer.expires_at:
                raise OfferExpired
            return offer
    raise OfferUnknown


def share_for(
    product: Product, amount_minor: int, months: int, monthly_net_revenue_minor: Sequence[int] | int, start: date
) -> Decimal:
    """The smallest allowed share that repays within ``months`` at usual sales; the highest one if none does."""
    low, high = product.share.lowest, product.share.highest
    steps = int((high - low) / product.share.step)
    first, last = 0, steps
    while first < last:
        middle = (first + last) // 2
        share = low + product.share.step * middle
        terms = terms_of(product, amount_minor=amount_minor, months=months, share=share)
        needed = months_to_repay(terms, monthly_net_revenue_minor, start)
        if needed is not None and needed <= months:
            last = middle
        else:
            first = middle + 1
    return low + product.share.step * first


def _tried(
    product: Product,
    request: Request,
    usual: Sequence[int] | int,
    as_of: date,
    calendar: BusinessCalendar | None,
) -> Iterator[tuple[Shape, Terms | None]]:
    """Plans in the order in which they would be shown; None where usual sales do not carry one."""
    if product.repayment.by_dates:
        asked = candidates(product, max(request.months, product.months.shortest), request.amount_minor)
        shapes = (Shape.AS_ASKED, Shape.QUICKER, Shape.LIGHTER, Shape.SMALLER, Shape.SMALLER)
        for shape, (amount_minor, months) in zip(shapes, asked, strict=False):
            yield shape, terms_that_fit(product, amount_minor, months, usual, as_of, calendar)
        return
    for shape, amount_minor, share in _candidates(product, request, usual, as_of):
        yield shape, _fitted(product, amount_minor, share, usual, as_of)


def _candidates(
    product: Product, request: Request, monthly_net_revenue_minor: Sequence[int] | int, start: date
) -> Iterator[tuple[Shape, int, Decimal]]:
    """Plans in the order in which they would be shown; the last ones are only needed where shares run out."""
    amount = request.amount_minor
    asked = share_for(product, amount, request.months, monthly_net_revenue_minor, start)
    yield Shape.AS_ASKED, amount, asked
    shares = product.share
    quicker = min(shares.up_to_step(asked * QUICKER), shares.highest)
    lighter = shares.up_to_step(asked * LIGHTER)
    yield Shape.QUICKER, amount, quicker
    yield Shape.LIGHTER, amount, lighter
    if lighter == asked:
        yield Shape.QUICKER, amount, min(shares.up_to_step(asked * QUICKER * QUICKER), shares.highest)
    for fraction in (Decimal("0.8"), Decimal("0.6")):
        smaller = product.amounts.down_to_step(int(amount * fraction))
        if smaller >= product.amounts.lowest_minor:
            yield Shape.SMALLER, smaller, asked


def _fitted(
    product: Product, amount_minor: int, share: Decimal, monthly_net_revenue_minor: Sequence[int] | int, start: date
) -> Terms | None:
    """The terms whose normal horizon is what usual sales need; None if that is longer than the product allows."""
    if product.repayment.by_dates:
        return terms_that_fit(product, amount_minor, product.months.longest, monthly_net_revenue_minor, start)
    trial = terms_of(product, amount_minor=amount_minor, months=product.months.longest, share=share)
    needed = months_to_repay(trial, monthly_net_revenue_minor, start)
    if needed is None or needed > product.months.longest:
        return None
    months = max(needed, product.months.shortest)
    return terms_of(product, amount_minor=amount_minor, months=months, share=share)

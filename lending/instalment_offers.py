"""Plans by dates for one verdict: which terms usual sales carry, and the weights of big and small months."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from lending.calendars import BusinessCalendar, add_months
from lending.paths import first_path, instalments
from lending.products import Product, RepaymentKind, ceiling
from lending.terms import Terms, terms_of

# How much sooner and how much later the other two plans end than the one that was asked for.
SOONER = Decimal(2) / 3
LATER = Decimal("1.5")
# A month's weight is told in tenths of the strongest one's.
STRONGEST = 10

Usual = Sequence[int] | int


def terms_that_fit(
    product: Product,
    amount_minor: int,
    months: int,
    usual: Usual,
    start: date,
    calendar: BusinessCalendar | None = None,
) -> Terms | None:
    """The terms of so many months if no instalment asks for more of its month's usual sales than the product allows.

    Interest first ends with the whole principal, which no month's sales carry: what may be borrowed so is bounded by
    the verdict's limit.
    """
    terms = terms_of(
        product,
        amount_minor=amount_minor,
        months=months,
        share=product.share.highest,
        weights=weights_of(product, usual, start) if product.repayment is RepaymentKind.WEIGHTED else (),
    )
    asked = instalments(first_path(terms, start, calendar), terms, start)
    if product.repayment is RepaymentKind.INTEREST_FIRST:
        asked = asked[:-1]
    carried = (one.amount_minor <= _sold(usual, one.number - 1) * product.share.highest for one in asked)
    return terms if all(carried) else None


def candidates(product: Product, months: int, amount_minor: int) -> Iterator[tuple[int, int]]:
    """(Amount, months) as they are tried: as asked, sooner, later, then smaller amounts."""
    yield amount_minor, months
    yield amount_minor, max(product.months.shortest, int(months * SOONER))
    yield amount_minor, min(product.months.longest, ceiling(months * LATER))
    for part in (Decimal("0.8"), Decimal("0.6")):
        smaller = product.amounts.down_to_step(int(amount_minor * part))
        if smaller >= product.amounts.lowest_minor:
            yield smaller, months


def weights_of(product: Product, usual: Usual, start: date) -> tuple[int, ...]:
    """A weight for each calendar month by what is usually sold in the month before its due day; never smaller, as a
    part of the biggest, than the product allows. Months that nobody knows count as the average one."""
    by_month: dict[int, list[int]] = {}
    for number in range(12):
        due = add_months(start, number + 1).month
        by_month.setdefault(due, []).append(max(0, _sold(usual, number)))
    sold = {month: sum(told) // len(told) for month, told in by_month.items()}
    most = max(sold.values(), default=0)
    average = sum(sold.values()) // len(sold) if sold else 0
    least = product.small_month_at_least * STRONGEST
    if most <= 0:
        return (STRONGEST,) * 12
    return tuple(
        max(
            ceiling(least),
            int((Decimal(sold.get(month, average)) * STRONGEST / most).to_integral_value(ROUND_HALF_EVEN)),
        )
        for month in range(1, 13)
    )


def _sold(usual: Usual, number: int) -> int:
    """The usual net sales of the month that begins so many months after the start."""
    return usual if isinstance(usual, int) else usual[number % len(usual)]

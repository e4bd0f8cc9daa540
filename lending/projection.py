"""The simulator: what a loan will cost and when it will be over if sales go this way.

It walks the same days by the same rules as the ledger and the daily close (interest by day on the balance,
yesterday's share debited today), so for the same sales it gives the same fen.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import NamedTuple

from lending.apr import Flow, irr_effective
from lending.calendars import BusinessCalendar, add_months
from lending.cycles import Breathing, Cycle, counted, ends_on, factor_on
from lending.money import divide_half_even
from lending.paths import Instalment, Path, first_path, instalments
from lending.revenue_share import SharePosition, withhold
from lending.terms import Terms

# A projection looks five years ahead: what is not repaid by then has, for the page, no end.
LOOK_AHEAD_MONTHS = 60

# Sales against the usual in the three weathers that every owner knows.
GOOD = Decimal("1.2")
SLOW = Decimal("0.7")
RATE_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of the loan (from the day of the month on which it began); amounts in minor units.

    ``sales_minor`` is net revenue earned; ``payment_minor`` is what was debited in the month, ``interest_minor`` of
    it interest.
    """

    month: int
    starts_on: date
    opening_minor: int
    sales_minor: int
    payment_minor: int
    interest_minor: int
    principal_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class Projection:
    """How the loan would go. ``finish_on`` is None if it is not repaid within five years on these sales.

    ``annual_rate_simple`` is the price that is agreed. ``coupon_minor`` is what a coupon pays of the interest, so that
    ``total_minor`` is what the borrower pays. ``flows`` are the borrower's, from which the effective rate is
    found when somebody asks for it.
    """

    finish_on: date | None
    total_interest_minor: int
    total_minor: int
    annual_rate_simple: Decimal
    rows: tuple[MonthRow, ...]
    flows: tuple[Flow, ...] = field(repr=False)
    coupon_minor: int = 0

    @property
    def effective_rate(self) -> Decimal | None:
        """The annual rate with interest on interest; None where the loan has no end in sight."""
        if self.finish_on is None:
            return None
        return irr_effective(self.flows).quantize(RATE_PLACES, rounding=ROUND_HALF_EVEN)

    @property
    def months(self) -> int:
        """Months begun until the loan is over, or looked at."""
        return len(self.rows)


class _Course(NamedTuple):
    """What a walk depends on besides the days: two terms with the same course cost the same."""

    amount_minor: int
    rate_units: int
    units_per_minor: int
    share_ppm: int
    cycle: Cycle
    coupon_minor: int = 0
    cycle_day: int = 0


class _Walked(NamedTuple):
    rows: tuple[MonthRow, ...]
    flows: tuple[Flow, ...]
    finish_on: date | None
    interest_minor: int
    coupon_minor: int


@dataclass(frozen=True, slots=True)
class Weathers:
    """The same loan when sales are good, usual and slow."""

    good: Projection
    normal: Projection
    slow: Projection


def daily(monthly_net_revenue_minor: Sequence[int] | int, start: date) -> Iterator[tuple[date, int]]:
    """Net revenue day by day from ``start``: each month spread evenly over its days, the fen adding up.

    One number is every month's; a series is repeated from its beginning when it ends, as a year is.
    """
    series = [monthly_net_revenue_minor] if isinstance(monthly_net_revenue_minor, int) else monthly_net_revenue_minor
    if not series:
        raise ValueError("at least one month of revenue")
    for month in range(LOOK_AHEAD_MONTHS):
        first, last = add_months(start, month), add_months(start, month + 1)
        days, revenue = (last - first).days, series[month % len(series)]
        for index in range(days):
            yield first + timedelta(days=index), revenue * (index + 1) // days - revenue * index // days


def project(
    terms: Terms,
    monthly_net_revenue_minor: Sequence[int] | int,
    start: date,
    *,
    coupon_minor: int = 0,
    calendar: BusinessCalendar | None = None,
) -> Projection:
    """Run the loan from ``start`` (the day the money is credited) on monthly net revenue in minor units.

    A plan by dates asks for the same whatever is sold; ``calendar`` moves its due days off holidays.
    """
    if terms.by_dates:
        return on_path(terms, first_path(terms, start, calendar), start, coupon_minor=coupon_minor)
    return _projection(terms, _on_months(_course(terms, coupon_minor), _series(monthly_net_revenue_minor), start))


def project_days(
    terms: Terms,
    days: Iterable[tuple[date, int]],
    start: date,
    breathings: Sequence[Breathing] = (),
    *,
    coupon_minor: int = 0,
    cycle_day: int = 0,
) -> Projection:
    """Run the loan on net revenue day by day: every day from ``start`` on, in order, in minor units.

    With breathing space: what it costs is the difference to the same run without. ``cycle_day``: on which day a week
    or month of ``terms.cycle`` ends (:func:`lending.cycles.ends_on`).
    """
    course = _course(terms, coupon_minor)._replace(cycle_day=cycle_day)
    return _projection(terms, _walk(course, days, start, breathings))


def months_to_repay(terms: Terms, monthly_net_revenue_minor: Sequence[int] | int, start: date) -> int | None:
    """Months begun until the loan is repaid on these sales; None if it is not within five years."""
    if terms.by_dates:
        return terms.months
    walked = _on_months(_course(terms), _series(monthly_net_revenue_minor), start)
    return None if walked.finish_on is None else len(walked.rows)


def on_path(terms: Terms, path: Path, start: date, *, coupon_minor: int = 0) -> Projection:
    """A plan by dates if every instalment is kept: a row for each due day, which it names."""
    rows: list[MonthRow] = []
    flows = [Flow(start, terms.amount_minor)]
    opening, given = terms.amount_minor, 0
    for one in instalments(path, terms, start):
        free = min(coupon_minor - given, one.interest_minor)
        given += free
        rows.append(_dated(one, opening, one.amount_minor - free))
        flows.append(Flow(one.due_on, free - one.amount_minor))
        opening = one.left_minor
    interest = sum(row.interest_minor for row in rows)
    return Projection(
        finish_on=path.due_on[-1],
        total_interest_minor=interest,
        total_minor=terms.amount_minor + interest - given,
        annual_rate_simple=terms.annual_rate,
        rows=tuple(rows),
        flows=tuple(flows),
        coupon_minor=given,
    )


def _dated(one: Instalment, opening: int, payment: int) -> MonthRow:
    return MonthRow(
        month=one.number,
        starts_on=one.due_on,
        opening_minor=opening,
        sales_minor=0,
        payment_minor=payment,
        interest_minor=one.interest_minor,
        principal_minor=one.principal_minor,
        closing_minor=one.left_minor,
    )


def _projection(terms: Terms, walked: _Walked) -> Projection:
    return Projection(
        finish_on=walked.finish_on,
        total_interest_minor=walked.interest_minor,
        total_minor=terms.amount_minor + walked.interest_minor - walked.coupon_minor,
        annual_rate_simple=terms.annual_rate,
        rows=walked.rows,
        flows=walked.flows,
        coupon_minor=walked.coupon_minor,
    )


def _course(terms: Terms, coupon_minor: int = 0) -> _Course:
    return _Course(
        terms.amount_minor, terms.rate_units, terms.units_per_minor, terms.share_ppm, terms.cycle, coupon_minor
    )


def _series(monthly_net_revenue_minor: Sequence[int] | int) -> tuple[int, ...]:
    if isinstance(monthly_net_revenue_minor, int):
        return (monthly_net_revenue_minor,)
    return tuple(monthly_net_revenue_minor)


# The search for a share walks the same days again for the plan that it finds, and a page again for each visitor.
@lru_cache(maxsize=64)
def _on_months(course: _Course, series: tuple[int, ...], start: date) -> _Walked:
    return _walk(course, daily(series, start), start)


def _walk(
    course: _Course, days: Iterable[tuple[date, int]], start: date, breathings: Sequence[Breathing] = ()
) -> _Walked:
    """The borrower's months and flows, the day of the last payment, and all interest in whole minor units."""
    rate, per_minor, share_ppm, cycle, coupon, cycle_day = course[1:]
    principal = opening = course.amount_minor
    units = interest_paid = carry = asked = given = 0
    sales = payment = interest_month = 0
    month, next_month = 1, add_months(start, 1)
    rows: list[MonthRow] = []
    flows = [Flow(start, principal)]
    finish_on: date | None = None
    for on, net in days:
        if on == next_month:
            rows.append(_row(month, start, opening, sales, payment, interest_month, principal))
            opening, sales, payment, interest_month = principal, 0, 0, 0
            month += 1
            next_month = add_months(start, month)
        if asked:
            # Yesterday's share arrives: interest earned until yesterday first, then principal.
            interest = min(asked, divide_half_even(units, per_minor) - interest_paid)
            interest_paid += interest
            principal -= asked - interest
            payment += asked
            interest_month += interest
            flows.append(Flow(on, -asked))
            if principal == 0:
                finish_on = on
                break
        sales += net
        units += principal * rate
        if given < coupon:
            part = min(coupon - given, divide_half_even(units, per_minor) - interest_paid)
            given, interest_paid = given + part, interest_paid + part
        owed = principal + divide_half_even(units, per_minor) - interest_paid
        if breathings:
            net = counted(net, factor_on(breathings, on))
        ends = cycle is Cycle.DAY or ends_on(cycle, on, cycle_day)
        asked, _, carry, _, _ = withhold(net, SharePosition(owed, carry), share_ppm, None, ends)
    rows.append(_row(month, start, opening, sales, payment, interest_month, principal))
    return _Walked(tuple(rows), tuple(flows), finish_on, divide_half_even(units, per_minor), given)


def _row(month: int, start: date, opening: int, sales: int, payment: int, interest: int, closing: int) -> MonthRow:
    return MonthRow(
        month=month,
        starts_on=add_months(start, month - 1),
        opening_minor=opening,
        sales_minor=sales,
        payment_minor=payment,
        interest_minor=interest,
        principal_minor=payment - interest,
        closing_minor=closing,
    )


def three_weathers(
    terms: Terms,
    monthly_net_revenue_minor: Sequence[int] | int,
    start: date,
    *,
    coupon_minor: int = 0,
    calendar: BusinessCalendar | None = None,
) -> Weathers:
    """Good (a fifth above the usual), usual, and slow (three tenths below) sales; all the same to a plan by dates."""
    if terms.by_dates:
        alike = project(terms, monthly_net_revenue_minor, start, coupon_minor=coupon_minor, calendar=calendar)
        return Weathers(alike, alike, alike)
    return Weathers(
        good=project(terms, scaled(monthly_net_revenue_minor, GOOD), start, coupon_minor=coupon_minor),
        normal=project(terms, monthly_net_revenue_minor, start, coupon_minor=coupon_minor),
        slow=project(terms, scaled(monthly_net_revenue_minor, SLOW), start, coupon_minor=coupon_minor),
    )


def scaled(monthly_net_revenue_minor: Sequence[int] | int, factor: Decimal) -> Sequence[int] | int:
    """Revenue times a factor, each month rounded down to the minor unit."""
    numerator, denominator = factor.as_integer_ratio()
    if isinstance(monthly_net_revenue_minor, int):
        return monthly_net_revenue_minor * numerator // denominator
    return [revenue * numerator // denominator for revenue in monthly_net_revenue_minor]

"""The annual percentage rate of charge of Directive 2008/48/EC Annex I: Σ C (1+X)^−t = Σ D (1+X)^−s.

Time is in years: of 365 days (366 in a leap year), 52 weeks or twelve equal months. Between two dates whole periods
are counted back from the later one, and what is left is days over the year that is counted back.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from lending.calendars import add_months
from lending.rate_of_return import PRECISION, AtYears, rate_per_year
from lending.refusals import NoAnnualRate


def annual_rate(drawdowns: Sequence[tuple[Decimal, Decimal]], payments: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """The rate as a fraction; each flow is (amount, years from the first drawdown)."""
    if not drawdowns or not payments:
        raise NoAnnualRate(why="no_flows")
    flows = [AtYears(amount, years) for amount, years in drawdowns]
    return rate_per_year(flows + [AtYears(-amount, years) for amount, years in payments])


def annual_rate_by_date(drawdowns: Sequence[tuple[date, int]], payments: Sequence[tuple[date, int]]) -> Decimal:
    """The rate of dated drawdowns and payments in minor units."""
    if not drawdowns or not payments:
        raise NoAnnualRate(why="no_flows")
    start = min(on for on, _ in drawdowns)
    flows = [AtYears(Decimal(amount), years_between(start, on)) for on, amount in drawdowns]
    return rate_per_year(flows + [AtYears(Decimal(-amount), years_between(start, on)) for on, amount in payments])


def years_between(start: date, end: date) -> Decimal:
    """Whole months counted back from the end, twelve to the year, and the days that are left."""
    months = 0
    while add_months(end, -(months + 1)) >= start:
        months += 1
    reached = add_months(end, -months)
    year_days = (reached - add_months(reached, -12)).days
    with localcontext(PRECISION):
        return Decimal(months) / 12 + Decimal((reached - start).days) / year_days


def shown(rate: Decimal, places: int = 1) -> Decimal:
    """The rate in per cent as it is published: at least one decimal, a five rounds up."""
    return (rate * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)

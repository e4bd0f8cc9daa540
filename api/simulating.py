"""Projections for pages: the ledger's own engine; answers are kept a while, since they depend on their input alone."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from api.views import ProjectionRow, Simulation, Weather
from lending.calendars import BusinessCalendar
from lending.minimum_path import ends_of
from lending.projection import Projection, three_weathers
from lending.terms import Terms, terms_hash


def simulation(
    terms: Terms,
    monthly_revenue_minor: int,
    series: Sequence[int],
    start: date,
    coupon_minor: int = 0,
    calendar: BusinessCalendar | None = None,
) -> Simulation:
    """What a loan on these terms would cost from ``start`` on; ``series`` are usual months, if they are known."""
    return _simulation(terms, monthly_revenue_minor, tuple(series), start, coupon_minor, calendar)


# Sliders ask for the same few combinations again and again; an answer is some 30 kB.
@lru_cache(maxsize=512)
def _simulation(
    terms: Terms,
    monthly_revenue_minor: int,
    series: tuple[int, ...],
    start: date,
    coupon_minor: int,
    calendar: BusinessCalendar | None,
) -> Simulation:
    usual = series or monthly_revenue_minor
    weathers = three_weathers(terms, usual, start, coupon_minor=coupon_minor, calendar=calendar)
    last_on = ends_of(terms, start, calendar)[-1]
    return Simulation(
        product_id=terms.product_id,
        amount_minor=terms.amount_minor,
        currency=terms.currency,
        months=terms.months,
        share=terms.share,
        annual_rate=terms.annual_rate,
        day_count=terms.day_count.value,
        monthly_revenue_minor=monthly_revenue_minor,
        terms_hash=terms_hash(terms),
        effective_rate=weathers.normal.effective_rate,
        weathers=(
            _weather("good", weathers.good),
            _weather("normal", weathers.normal),
            _weather("slow", weathers.slow),
        ),
        window_months=terms.window_months,
        least_minor=terms.amount_minor // terms.windows,
        latest_on=(weathers.normal.finish_on or last_on) if terms.by_dates else last_on,
    )


def _weather(kind: str, projection: Projection) -> Weather:
    return Weather(
        kind=kind,
        finish_on=projection.finish_on,
        months=projection.months,
        total_interest_minor=projection.total_interest_minor,
        coupon_minor=projection.coupon_minor,
        total_minor=projection.total_minor,
        effective_rate=projection.effective_rate,
        rows=tuple(
            ProjectionRow(
                on=row.starts_on,
                opening_minor=row.opening_minor,
                sales_minor=row.sales_minor,
                payment_minor=row.payment_minor,
                interest_minor=row.interest_minor,
                principal_minor=row.principal_minor,
                closing_minor=row.closing_minor,
            )
            for row in projection.rows
        ),
    )

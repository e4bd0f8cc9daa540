"""What lateness adds: the part of the rate above the contract's, on overdue principal, once grace is over (P9, P10)."""

from decimal import Decimal

from lending.rates import interest
from lending.terms import Terms


def late_interest(terms: Terms, overdue_minor: int, days_past_due: int) -> Decimal:
    """Late interest in minor units, not rounded, besides the ordinary interest that the balance bears anyway.

    Nothing while ``days_past_due`` are within the days of grace; after that it counts from the first day past due.
    """
    if days_past_due <= terms.grace_days:
        return Decimal(0)
    return interest(overdue_minor, terms.annual_rate * (terms.late_factor - 1), days_past_due, terms.day_count)

"""赚多还多、赚少还少: what one day's sales repay.

The share is taken of *net* revenue (sales less refunds and chargebacks). A day below zero asks for nothing and is
carried: the next days' revenue first makes up for it. Nothing is ever asked beyond what is owed. So the payment never
falls when revenue rises, and it is zero when revenue is.
"""

from datetime import date
from typing import NamedTuple

from lending.money import divide_half_even
from lending.products import PPM, SharePlan


class RevenueDay(NamedTuple):
    """One business day of one firm, in minor units; refunds and chargebacks are positive numbers."""

    sales_minor: int
    refunds_minor: int = 0
    chargebacks_minor: int = 0

    @property
    def net_minor(self) -> int:
        return self.sales_minor - self.refunds_minor - self.chargebacks_minor


NO_REVENUE = RevenueDay(0)


class SharePosition(NamedTuple):
    """Where a loan stands before the day's share is taken, in minor units.

    ``owed_minor``: principal and interest that a payment on the collection day would settle.
    ``carry_minor``: net revenue that waits: below zero, to be made up for; above, until the week or month ends.
    ``uncollected_minor``: shares of earlier days that were asked for and not debited.
    ``in_flight_minor``: debits sent whose outcome is not known; they are never asked for twice.
    """

    owed_minor: int
    carry_minor: int = 0
    uncollected_minor: int = 0
    in_flight_minor: int = 0


class Withholding(NamedTuple):
    """What the day asks for. ``share_minor`` is this day's own part of ``amount_minor``; the rest was asked before."""

    amount_minor: int
    share_minor: int
    carry_minor: int
    uncollected_minor: int
    base_minor: int


def day(position: SharePosition, revenue: RevenueDay, plan: SharePlan, as_of: date) -> Withholding:
    """What is withheld for the sales of ``as_of``. Pure in all arguments; ``as_of`` names the day for plans by date."""
    return withhold(
        revenue.sales_minor - revenue.refunds_minor - revenue.chargebacks_minor,
        position,
        plan.share_ppm,
        plan.daily_ceiling_minor,
    )


def withhold(
    net_minor: int,
    position: SharePosition,
    share_ppm: int,
    daily_ceiling_minor: int | None = None,
    cycle_ends: bool = True,
) -> Withholding:
    """The same on bare integers; the daily close calls this a million times. Within a cycle revenue only adds up."""
    owed, carry, uncollected, in_flight = position
    base = net_minor + carry
    if base <= 0 or not cycle_ends:
        # Nothing earned, nothing asked: not even what earlier days left uncollected.
        return Withholding(0, 0, base, uncollected, 0)
    share = divide_half_even(base * share_ppm, PPM)
    amount = share + uncollected
    if daily_ceiling_minor is not None and amount > daily_ceiling_minor:
        amount = daily_ceiling_minor
    room = owed - in_flight
    if amount > room:
        amount = room if room > 0 else 0
    return Withholding(amount, share if share < amount else amount, 0, 0, base)

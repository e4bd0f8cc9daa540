"""One loan on one business day: the rule that the daily close applies to every loan, in integers, in microseconds.

Order of a day, by lending-practice P9 and P12: what was received today has been booked; the day's interest is earned
on the balance at its end (so the day of the payout counts and the day of a payment does not); the share of the day's
sales becomes a debit for tomorrow; the end of a window is looked at; days past due are counted.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from lending.calendars import BusinessCalendar, DayRule
from lending.cycles import Cycle, ends_on
from lending.ledger import Split
from lending.minimum_path import NOTICE, Ends, PathWarning, ends_of, marks, principal_at_most, warned
from lending.money import divide_half_even
from lending.paths import Path, behind, first_path, stand
from lending.revenue_share import RevenueDay, SharePosition, Withholding, withhold
from lending.terms import Terms

ONE_DAY = timedelta(days=1)
# Journey 8, H2: whoever pays a loan off and misses a yuan by rounding or a late evening owes nothing more.
SMALL_REST_MINOR = 100
# What the sales of a day ask for where a plan goes by dates.
NOTHING_ASKED = Withholding(0, 0, 0, 0, 0)


class LoanStatus(StrEnum):
    """What may be said about a loan. A day without sales never makes one past due."""

    AS_AGREED = "as_agreed"
    GRACE = "grace"  # below the minimum path, within the days of grace: no late interest, no report
    PAST_DUE = "past_due"
    PAID = "paid"


class Wake(StrEnum):
    """Why the close wakes the loan's own story; most loans sleep on."""

    SHORTFALL = "shortfall"  # a window ended below the minimum path
    GRACE_OVER = "grace_over"
    CURED = "cured"
    PAID = "paid"


class LoanDay(NamedTuple):
    """One open loan at the close of a business day, after the day's receipts; amounts in minor units.

    ``accrued_units``: all interest earned since the start, exact (``units_per_minor`` of them make one minor unit).
    ``windows_passed``: windows of the minimum path that have ended. ``past_due_since``: the due date that was missed.
    ``path_shift_days``: by so many days of breathing space the minimum path is later; what such days count for is said
    by their revenue (:func:`lending.cycles.counted`). ``coupon_minor``: what is left of a coupon, which pays interest
    on the day on which it is earned. ``announced_minor``: what may be debited for the path on the day after this close,
    since the owner was told so in time. ``put_off``: the window whose end is not looked at (E5); 0 is none. ``path``:
    the due days of a plan by dates, each of which is a window; sales ask for nothing then. ``ends``: the windows' last
    days as they were moved off holidays, breathing space included; None: by months alone, as was signed before (P9).
    """

    amount_minor: int
    started_on: date
    principal_minor: int
    accrued_units: int
    interest_paid_minor: int
    rate_units: int
    units_per_minor: int
    share_ppm: int
    window_months: int
    windows: int
    grace_days: int = 3
    carry_minor: int = 0
    uncollected_minor: int = 0
    in_flight_minor: int = 0
    windows_passed: int = 0
    past_due_since: date | None = None
    cycle: Cycle = Cycle.DAY
    path_shift_days: int = 0
    coupon_minor: int = 0
    cycle_day: int = 0
    announced_minor: int = 0
    put_off: int = 0
    path: Path | None = None
    ends: Ends | None = None

    @property
    def interest_due_minor(self) -> int:
        """Interest earned and not paid, in whole minor units."""
        return divide_half_even(self.accrued_units, self.units_per_minor) - self.interest_paid_minor

    @property
    def owed_minor(self) -> int:
        return self.principal_minor + self.interest_due_minor


class LoanClose(NamedTuple):
    """What the day makes of the loan.

    ``accrued_minor``: by how much the interest earned, in whole minor units, grew; summed over loans it is the day's
    line in the general ledger. ``withhold_minor``: to debit on the next day. ``owed_minor``: what pays the loan off
    on the next day. ``coupon_minor``: what the coupon paid of the interest. ``path_minor``: what of the debit
    is for the minimum path and no share of sales.
    """

    accrued_units: int
    accrued_minor: int
    withhold_minor: int
    share_minor: int
    carry_minor: int
    uncollected_minor: int
    owed_minor: int
    windows_passed: int
    past_due_minor: int
    past_due_since: date | None
    days_past_due: int
    status: LoanStatus
    wake: Wake | None
    coupon_minor: int = 0
    warned: PathWarning | None = None
    path_minor: int = 0


def opened(terms: Terms, credited_on: date, coupon_minor: int = 0, calendar: BusinessCalendar | None = None) -> LoanDay:
    """A loan on the day its money was credited, before that day's close, with the coupon that it may use."""
    return LoanDay(
        amount_minor=terms.amount_minor,
        started_on=credited_on,
        principal_minor=terms.amount_minor,
        accrued_units=0,
        interest_paid_minor=0,
        rate_units=terms.rate_units,
        units_per_minor=terms.units_per_minor,
        share_ppm=terms.share_ppm,
        window_months=terms.window_months,
        windows=terms.windows,
        grace_days=terms.grace_days,
        cycle=terms.cycle,
        coupon_minor=coupon_minor,
        path=first_path(terms, credited_on, calendar) if terms.by_dates else None,
        ends=None if terms.day_rule is DayRule.NONE else ends_of(terms, credited_on, calendar),
    )


def close_day(position: LoanDay, revenue: RevenueDay, as_of: date) -> LoanClose:
    """Close ``as_of`` for one loan. Pure; the same position, revenue and date always give the same close."""
    (amount, started_on, principal, units, interest_paid, rate, per_minor, share_ppm, window_months, windows,
     grace_days, carry, uncollected, in_flight, passed, past_due_since, cycle, shift, coupon, cycle_day,
     announced, put_off, path, kept) = position  # fmt: skip
    if uncollected < 0:  # what its owner paid today beyond what debits had failed to bring is no credit for later ones
        uncollected = 0
    accrued_before = divide_half_even(units, per_minor)
    units += principal * rate
    accrued = divide_half_even(units, per_minor)
    given = min(coupon, max(0, accrued - interest_paid)) if coupon else 0
    owed = principal + accrued - interest_paid - given
    if path is None:
        sales, refunds, chargebacks = revenue
        ends = cycle is Cycle.DAY or ends_on(cycle, as_of, cycle_day)
        waiting = SharePosition(owed, carry, uncollected, in_flight)
        held = withhold(sales - refunds - chargebacks, waiting, share_ppm, None, ends)
    else:
        held = NOTHING_ASKED
    wake: Wake | None = None
    if owed == 0:
        return LoanClose(
            units,
            accrued - accrued_before,
            0,
            0,
            held.carry_minor,
            0,
            0,
            passed,
            0,
            None,
            0,
            LoanStatus.PAID,
            Wake.PAID,
            given,
        )
    told: PathWarning | None = None
    debit = held.amount_minor
    missed = 0
    if path is not None:
        late_days = (as_of - past_due_since).days if past_due_since else 0
        passed, missed_on, missed, debit, told = stand(
            path,
            as_of,
            passed=passed,
            principal_minor=principal,
            units=units,
            interest_paid_minor=interest_paid + given,
            rate_units=rate,
            units_per_minor=per_minor,
            tries_again=uncollected > 0 and late_days < grace_days,
            in_flight_minor=in_flight,
            announced_minor=announced,
        )
        if past_due_since is None and missed_on is not None:
            past_due_since, wake = missed_on, Wake.SHORTFALL
        held = held._replace(uncollected_minor=uncollected if missed and not debit else 0)
    while path is None and passed < windows:
        at = marks(started_on, window_months, passed + 1, shift, kept)
        if as_of < at.due_on:
            if passed + 1 == put_off:
                break
            if as_of in at:
                told = warned(amount, windows, passed + 1, principal, as_of, at)
            if announced and as_of + ONE_DAY == at.due_on:
                short = principal - principal_at_most(amount, windows, passed + 1)
                debit = max(debit, min(short + owed - principal - in_flight, announced) if short > 0 else 0)
            break
        passed += 1
        if past_due_since is None and passed != put_off and principal > principal_at_most(amount, windows, passed):
            past_due_since = at.due_on
            wake = Wake.SHORTFALL
    past_due = 0
    days_past_due = 0
    status = LoanStatus.AS_AGREED
    if past_due_since is not None:
        if path is not None:
            past_due = missed
        else:
            past_due = owed if passed == windows else principal - principal_at_most(amount, windows, passed)
        if past_due <= 0:
            past_due, past_due_since, wake = 0, None, Wake.CURED
        else:
            days_past_due = (as_of - past_due_since).days
            status = LoanStatus.PAST_DUE if days_past_due > grace_days else LoanStatus.GRACE
            if days_past_due == grace_days + 1:
                wake = Wake.GRACE_OVER
    return LoanClose(
        units,
        accrued - accrued_before,
        debit,
        held.share_minor,
        held.carry_minor,
        held.uncollected_minor,
        owed,
        passed,
        past_due,
        past_due_since,
        days_past_due,
        status,
        wake,
        given,
        told,
        debit - held.amount_minor,
    )


def to_announce(position: LoanDay, closed: LoanClose) -> int:
    """How much at the most a close that tells of a debit announces for the window's last day: what is short and the
    interest that will be due by then, if nothing is paid meanwhile."""
    if closed.warned is None:
        return 0
    days = NOTICE.days
    units = closed.accrued_units + position.principal_minor * position.rate_units * days
    interest = divide_half_even(units, position.units_per_minor) - position.interest_paid_minor
    return closed.warned.short_minor + max(0, interest)


def carried(position: LoanDay, closed: LoanClose) -> LoanDay:
    """The position with which the next business day begins, before its receipts.

    The debit that the close asks for is in flight from now on; its receipt is booked with :func:`received`.
    """
    return position._replace(
        accrued_units=closed.accrued_units,
        interest_paid_minor=position.interest_paid_minor + closed.coupon_minor,
        coupon_minor=position.coupon_minor - closed.coupon_minor,
        carry_minor=closed.carry_minor,
        uncollected_minor=closed.uncollected_minor,
        in_flight_minor=position.in_flight_minor + closed.withhold_minor,
        windows_passed=closed.windows_passed,
        past_due_since=closed.past_due_since,
    )


def received(
    position: LoanDay, paid_minor: int, *, asked_minor: int = 0, principal_first: bool = False
) -> tuple[LoanDay, Split]:
    """Book a payment that arrived before today's close: interest earned so far first, then principal, the rest is over.
    ``principal_first``: the other way round, which a contract may say of a loan long past due (P10).

    ``asked_minor``: the amount of the debit that this answers (0 for a payment of the owner's own); the part of it
    that was not collected is asked for again with the next sales. A payment of the owner's own takes the place of what
    debits did not bring, whichever of the two is booked first on a day: until its close ``uncollected_minor`` may be
    below zero.
    """
    if principal_first:
        principal = min(paid_minor, position.principal_minor)
        interest = min(paid_minor - principal, position.interest_due_minor)
    else:
        interest = min(paid_minor, position.interest_due_minor)
        principal = min(paid_minor - interest, position.principal_minor)
    split = Split(interest, principal, paid_minor - interest - principal)
    after = position._replace(
        principal_minor=position.principal_minor - principal,
        interest_paid_minor=position.interest_paid_minor + interest,
        in_flight_minor=position.in_flight_minor - asked_minor,
        uncollected_minor=position.uncollected_minor
        + (max(0, asked_minor - paid_minor) if asked_minor else -interest - principal),
    )
    return after, split


def to_cure(position: LoanDay, as_of: date) -> int:
    """What ends the lateness if it comes before the next close, in minor units: principal that is behind the path, and
    all interest earned by ``as_of``, the last close, since every payment pays that first. 0: nothing is late any more.
    """
    if position.past_due_since is None:
        return 0
    interest = position.interest_due_minor
    if position.windows_passed == (position.windows if position.path is None else len(position.path.due_on)):
        return position.owed_minor
    if position.path is None:
        least = principal_at_most(position.amount_minor, position.windows, position.windows_passed)
        over, of_interest = max(0, position.principal_minor - least), 0
    else:
        earned = (position.accrued_units, position.interest_paid_minor, position.rate_units, position.units_per_minor)
        over, of_interest = behind(position.path, as_of, position.windows_passed, position.principal_minor, earned)
    return over + interest if over or of_interest else 0


def interest_while_it_waited(position: LoanDay, paid_minor: int, nights: int, *, principal_first: bool = False) -> int:
    """The interest of so many nights on principal that a payment would have repaid, had it been placed on the day on
    which it came: it stood in suspense meanwhile, and that is no reason to pay more. Whole minor units."""
    if nights <= 0:
        return 0
    since = divide_half_even(position.principal_minor * position.rate_units * nights, position.units_per_minor)
    first = 0 if principal_first else max(0, position.interest_due_minor - since)
    principal = max(0, min(paid_minor - first, position.principal_minor))
    interest = -(-principal * position.rate_units * nights // position.units_per_minor)
    return min(interest, max(0, position.interest_due_minor))


def small_rest(position: LoanDay) -> Split | None:
    """What is let go of a loan that a payment left with a yuan or less (H2); None where more is owed, where nothing is,
    or where a debit on its way may still bring it."""
    owed = position.owed_minor
    if not 0 < owed <= SMALL_REST_MINOR or position.in_flight_minor:
        return None
    interest = position.interest_due_minor
    return Split(interest, position.principal_minor, 0)

"""A plan by dates as a path: the days on which something is due, and how much principal may be left after each.

A loan repaid by a share of sales has such a path too (:mod:`lending.minimum_path`); here every step of it is debited,
with the interest earned until then. Equal instalments (等额本息), equal principal (等额本金), big and small months
(大小月) and interest first (先息后本) differ in their steps alone, so that one close serves them all.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from lending.calendars import BusinessCalendar, DayRule, add_months
from lending.minimum_path import TOLD_BEFORE, PathWarning, Warned
from lending.money import divide_half_even
from lending.products import RepaymentKind
from lending.schedules import Plan as Figures
from lending.schedules import Shape, schedule
from lending.terms import Terms

ONE_DAY = timedelta(days=1)


class Path(NamedTuple):
    """Due days in order, and the principal that may be left when each has ended; the last leaves nothing."""

    due_on: tuple[date, ...]
    left_minor: tuple[int, ...]


class Instalment(NamedTuple):
    """What one due day asks for if every one before it was kept; amounts in minor units."""

    number: int
    due_on: date
    principal_minor: int
    interest_minor: int
    left_minor: int

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor


class Standing(NamedTuple):
    """Where a path stands at a close. ``missed_on``: the due day that has just ended with something unpaid."""

    passed: int
    missed_on: date | None
    past_due_minor: int
    debit_minor: int
    warned: PathWarning | None


@lru_cache(maxsize=1_024)
def first_path(terms: Terms, started_on: date, calendar: BusinessCalendar | None) -> Path:
    """The signed path of a loan credited on a day: the same day each month, or the business day after it (P9)."""
    days = tuple(_moved(add_months(started_on, number), calendar) for number in range(1, terms.windows + 1))
    return Path(days, spread(terms, started_on, terms.amount_minor, 0, days, terms.weights))


def spread(
    terms: Terms, from_on: date, balance_minor: int, units: int, days: Sequence[date], weights: Sequence[int]
) -> tuple[int, ...]:
    """What may be left after each of ``days`` of a balance that stands since ``from_on``; ``units``: the interest that
    had been earned by then. ``weights`` by calendar month.

    Each step is the instalment less the interest as the close reckons it (one sum, rounded once), so that equal
    instalments are equal to the fen; the last one takes the rounding.
    """
    count = len(days)
    match terms.repayment:
        case RepaymentKind.INTEREST_FIRST:
            return (*(balance_minor for _ in days[1:]), 0)
        case RepaymentKind.EQUAL_PRINCIPAL:
            return tuple(-(-balance_minor * (count - number) // count) for number in range(1, count + 1))
        case _:
            asked = _asked(terms, from_on, balance_minor, days, weights)
    left: list[int] = []
    balance, at = balance_minor, from_on
    for on, amount in zip(days, asked, strict=True):
        before = divide_half_even(units, terms.units_per_minor)
        units += balance * terms.rate_units * (on - at).days
        interest = divide_half_even(units, terms.units_per_minor) - before
        balance -= min(balance, max(0, amount - interest))
        left.append(balance)
        at = on
    return (*left[:-1], 0)


def _asked(
    terms: Terms, from_on: date, balance_minor: int, days: Sequence[date], weights: Sequence[int]
) -> Iterator[int]:
    """The instalments by the published formulas (:mod:`lending.schedules`)."""
    weighted = terms.repayment is RepaymentKind.WEIGHTED and any(weights)
    figures = schedule(
        Figures(
            balance_minor,
            terms.annual_rate,
            terms.day_count,
            from_on,
            len(days),
            Shape.WEIGHTED if weighted else Shape.EQUAL_INSTALMENTS,
            dates=tuple(days),
            weights=tuple(weights[on.month - 1] for on in days) if weighted else (),
        )
    )
    return (row.payment_minor for row in figures.rows())


def _moved(day: date, calendar: BusinessCalendar | None) -> date:
    return day if calendar is None else calendar.moved(day, DayRule.FOLLOWING)


def instalments(path: Path, terms: Terms, started_on: date) -> tuple[Instalment, ...]:
    """What each due day asks for, to the fen as the close will debit it if every one before it was kept."""
    found: list[Instalment] = []
    units, balance, at = 0, terms.amount_minor, started_on
    for number, (on, left) in enumerate(zip(*path, strict=True), start=1):
        before = divide_half_even(units, terms.units_per_minor)
        units += balance * terms.rate_units * (on - at).days
        interest = divide_half_even(units, terms.units_per_minor) - before
        found.append(Instalment(number, on, balance - left, interest, left))
        balance, at = left, on
    return tuple(found)


def ahead(
    path: Path,
    on: date,
    *,
    principal_minor: int,
    units: int,
    interest_paid_minor: int,
    rate_units: int,
    units_per_minor: int,
) -> tuple[Instalment, ...]:
    """What the due days from ``on`` on ask for of a loan as it stands that morning, if each of them is kept: less where
    something was paid early, more where something is missing. ``units``: the interest of the days before."""
    found: list[Instalment] = []
    for number, (due_on, left) in enumerate(zip(*path, strict=True), start=1):
        if due_on < on:
            continue
        units += principal_minor * rate_units * (due_on - on).days
        interest = divide_half_even(units, units_per_minor) - interest_paid_minor
        part = max(0, principal_minor - left)
        principal_minor -= part
        interest_paid_minor += interest
        found.append(Instalment(number, due_on, part, interest, principal_minor))
        on = due_on
        if not principal_minor:
            break
    return tuple(found)


def units_at(path: Path, terms: Terms, started_on: date, number: int) -> int:
    """The interest earned by due day ``number`` (0 is the start) along the path, exact."""
    units, balance, at = 0, terms.amount_minor, started_on
    for on, left in zip(path.due_on[:number], path.left_minor[:number], strict=True):
        units += balance * terms.rate_units * (on - at).days
        balance, at = left, on
    return units


def stand(
    path: Path,
    on: date,
    *,
    passed: int,
    principal_minor: int,
    units: int,
    interest_paid_minor: int,
    rate_units: int,
    units_per_minor: int,
    tries_again: bool,
    in_flight_minor: int,
    announced_minor: int,
) -> Standing:
    """Where the path stands when ``on`` has ended, its interest earned; and what is debited on the next day.

    On its due day an instalment is debited if it was announced, never above that; what such a debit did not bring is
    tried again on the next days (``tries_again``) with the interest of these days.
    """
    due_on, left = path
    before = passed
    while passed < len(due_on) and due_on[passed] <= on:
        passed += 1
    interest = divide_half_even(units, units_per_minor) - interest_paid_minor
    missed = over = 0
    if passed == len(due_on):
        missed = principal_minor + interest
    elif passed:
        over, of_interest = behind(
            path, on, passed, principal_minor, (units, interest_paid_minor, rate_units, units_per_minor)
        )
        missed = over + of_interest
    debit = 0
    owed = principal_minor + interest - in_flight_minor
    if announced_minor and passed < len(due_on) and on + ONE_DAY == due_on[passed]:
        asked = max(0, principal_minor - left[passed]) + interest - in_flight_minor
        debit = max(0, min(asked, announced_minor))
    elif missed and tries_again:
        debit = max(0, min((principal_minor if passed == len(due_on) else over) + interest - in_flight_minor, owed))
    told = None
    if passed < len(due_on) and on + TOLD_BEFORE == due_on[passed]:
        short = max(0, principal_minor - left[passed])
        if short or rate_units:
            told = PathWarning(Warned.DEBIT, passed + 1, due_on[passed], short)
    missed_on = due_on[passed - 1] if missed and passed > before else None
    return Standing(passed, missed_on, missed, debit, told)


def behind(
    path: Path, on: date, passed: int, principal_minor: int, earned: tuple[int, int, int, int]
) -> tuple[int, int]:
    """(Principal, interest) that should have come by the last of ``passed`` due days and did not; ``on``: the last
    night whose interest is in ``earned``: units, what is paid of it, rate and units of a minor unit."""
    units, paid_minor, rate_units, units_per_minor = earned
    if not passed:
        return 0, 0
    due_on, left_minor = path.due_on[passed - 1], path.left_minor[passed - 1]
    # The due day's own night and those after it earn interest that is due with the next instalment.
    nights = (on - due_on).days + 1
    by_then = divide_half_even(units - principal_minor * rate_units * nights, units_per_minor)
    return max(0, principal_minor - left_minor), max(0, by_then - paid_minor)


def path_json(path: Path) -> dict[str, Any]:
    """A path as its loan's row carries it; the inverse of :func:`path_from`."""
    return {"due": [on.isoformat() for on in path.due_on], "left": list(path.left_minor)}


def path_from(said: Mapping[str, Any]) -> Path:
    """The path that a row carries."""
    return Path(tuple(map(date.fromisoformat, said["due"])), tuple(said["left"]))

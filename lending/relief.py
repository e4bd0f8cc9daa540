"""Relief (纾困): what may be made easier of a living loan whose owner is in trouble, late already or not (journey 6).

Each way is another course for what is not due yet. Nothing that was signed of the rate changes and nothing is added to
what is owed but interest for the days that it takes longer. Agreed, it takes effect with the first open day, and from
then on nothing is past due.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from lending.calendars import BusinessCalendar
from lending.close import LoanDay
from lending.cycles import Breathing
from lending.dated_plans import Dated, due_day_of
from lending.minimum_path import TOLD_BEFORE, window_ends
from lending.paths import Path, spread
from lending.plans import Change, ChangeKind, Loan, plan_on

A_MONTH = 30
A_YEAR = timedelta(days=365)


class Why(StrEnum):
    """What happened, as its owner says it with one tap."""

    DISASTER = "disaster"
    ILLNESS = "illness"
    BUYER = "buyer"  # a buyer does not pay
    SEASON = "season"
    OTHER = "other"


class ReliefState(StrEnum):
    """Where one asking stands. Broken: a due day was missed after all; over: two months went as expected, or it is
    repaid."""

    ASKED = "asked"
    OFFERED = "offered"
    DECLINED = "declined"
    AGREED = "agreed"
    BROKEN = "broken"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ReliefRules:
    """Within what a rule offers relief (policies/relief.yaml): up to which balance and days late nobody is asked, how
    often a year, in how many hours the desk answers; for how many months each way may be; and when it is over."""

    automatic_up_to_minor: int
    automatic_late_days: int
    times_a_year: int
    desk_hours: int
    pause_months: tuple[int, ...]
    half_months: tuple[int, ...]
    interest_only_months: tuple[int, ...]
    longer_months: tuple[int, ...]
    exit_months: int
    exit_at_least: Decimal


@dataclass(frozen=True, slots=True)
class Late:
    """Since which missed due date, if any, and what the balance says that morning: interest earned in units."""

    since: date | None
    units: int


def of_share(
    rules: ReliefRules, loan: Loan, late: Late, window_months: int, calendar: BusinessCalendar | None
) -> Mapping[str, Change]:
    """The ways of a share of sales: nothing of some months' sales counts, or half; the least progress is looked at as
    much later, and by the days that it was late."""
    ways = [(f"pause_{n}", n, Decimal(0)) for n in rules.pause_months]
    ways += [(f"half_{n}", n, Decimal("0.5")) for n in rules.half_months]
    found: dict[str, Change] = {}
    for name, months, factor in ways:
        space = Breathing(loan.open_on, loan.open_on + timedelta(days=A_MONTH * months - 1), factor)
        later = (loan.open_on - late.since).days if late.since else 0
        tried = Change(ChangeKind.RELIEF, loan.open_on, breathing=space, way=name, later_days=later)
        shift = plan_on([*loan.changes, tried], date.max).shift_days(date.max)
        ends = window_ends(loan.live_on, window_months, loan.windows, calendar, shift)
        # Windows that ended before the one that was missed stay ended.
        passed = bisect_left(ends, loan.open_on) if late.since else loan.windows_passed
        found[name] = Change(
            ChangeKind.RELIEF, loan.open_on, breathing=space, way=name, later_days=later, window=passed
        )  # fmt: skip
    return found


def of_dates(rules: ReliefRules, loan: Dated, late: Late) -> Mapping[str, Change]:
    """The ways of a plan by dates: the due days not kept yet come months later, ask for interest alone for a while, or
    are more and smaller. Each leaves what was paid as it is."""
    kept = bisect_left(loan.path.due_on, late.since or loan.open_on)
    rest = len(loan.path.due_on) - kept
    first, coming = kept, [on for on in loan.path.due_on[kept:] if on >= loan.open_on]
    # Not before it can be announced, nor before what is due next anyway: earlier relief is not taken back.
    earliest = max([loan.open_on + TOLD_BEFORE, *coming[:1]])
    while due_day_of(loan, first, loan.due_day) < earliest:
        first += 1
    ways: dict[str, Path] = {}
    for n in rules.pause_months:
        ways[f"pause_{n}"] = _path(loan, late, kept, first + n, rest, 0)
    for n in rules.interest_only_months:
        ways[f"interest_only_{n}"] = _path(loan, late, kept, first, rest + n, n)
    for n in rules.longer_months:
        ways[f"longer_{n}"] = _path(loan, late, kept, first, rest + n, 0)
    return {
        name: Change(ChangeKind.RELIEF, loan.open_on, path=path, way=name, window=kept)
        for name, path in ways.items()
        if rest
    }


def _path(loan: Dated, late: Late, kept: int, first: int, count: int, resting: int) -> Path:
    """Due days from number ``first`` on, the first ``resting`` of which ask for interest alone."""
    days: Sequence[date] = [due_day_of(loan, number, loan.due_day) for number in range(first, first + count)]
    owed, units, since = loan.principal_minor, late.units, loan.open_on
    if resting:
        units += owed * loan.terms.rate_units * (days[resting - 1] - since).days
        since = days[resting - 1]
    left = (*(owed for _ in range(resting)), *spread(loan.terms, since, owed, units, days[resting:], loan.weights))
    return Path((*loan.path.due_on[:kept], *days), (*loan.path.left_minor[:kept], *left))


def relieved(day: LoanDay, change: Change) -> LoanDay:
    """The position on the morning on which relief takes effect: nothing is past due, and windows that are moved ahead
    have not ended."""
    return day._replace(windows_passed=change.window, past_due_since=None)


def times_left(rules: ReliefRules, agreed_on: Sequence[date], on: date) -> int:
    """How often relief may still be agreed: what was within the last year counts."""
    return max(0, rules.times_a_year - sum(1 for day in agreed_on if day > on - A_YEAR))


def is_over(months_minor: Sequence[int], usual_minor: int, months: int, percent: int) -> bool:
    """F6: back to normal once so many months in a row brought that part of what is usual."""
    recent = months_minor[-months:]
    return len(recent) == months and all(month > 0 and month * 100 >= usual_minor * percent for month in recent)

"""What an owner changes of a plan by dates by themselves: the weights of the months (大小月), the day of the month, a
month in which only interest is asked for (喘息期), fewer or lower instalments after a part prepayment. Each change is
another path for the due days that nobody was told of yet; what was announced stays, and what was signed of rate and
kind stays for ever.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from lending.calendars import BusinessCalendar, DayRule, add_months
from lending.cycles import MONTH_DAYS, Breathing
from lending.minimum_path import TOLD_BEFORE
from lending.money import divide_half_even
from lending.paths import Path, spread, units_at
from lending.plans import Change, ChangeKind, SelfService, days_left
from lending.products import RepaymentKind
from lending.refusals import (
    BreathingTooSoon,
    BreathingUsedUp,
    LoanIsLate,
    NothingChanges,
    PlanChangedLately,
)
from lending.refusals_of_plans import DueDaysTooNear, WeightsTooUneven
from lending.terms import Terms

MONTHS = 12
A_MONTH = 31


@dataclass(frozen=True, slots=True)
class Dated:
    """A plan by dates as it stands. ``path``, ``weights`` and ``due_day`` (0: the day of the money) are in force;
    ``open_on``: the first day that no close has taken."""

    terms: Terms
    live_on: date
    open_on: date
    past_due: bool
    path: Path
    weights: tuple[int, ...]
    due_day: int
    changes: tuple[Change, ...]
    calendar: BusinessCalendar
    principal_minor: int = 0  # as it stands; what was prepaid of late, and what it was worth before
    prepaid_minor: int = 0

    @property
    def first(self) -> int:
        """The first due day, from 0, that no letter has told of yet."""
        told = (on - TOLD_BEFORE < self.open_on for on in self.path.due_on)
        return sum(told)


def weigh(rules: SelfService, loan: Dated, weights: tuple[int, ...]) -> Change:
    """Other weights for the calendar months, from the next due day on that is not announced."""
    if loan.terms.repayment is not RepaymentKind.WEIGHTED or weights == loan.weights:
        raise NothingChanges
    if len(weights) != MONTHS or min(weights) < 1 or max(weights) > rules.heaviest:
        raise WeightsTooUneven(least_percent=f"{rules.small_month_at_least:.0%}", heaviest=rules.heaviest)
    if min(weights) < max(weights) * rules.small_month_at_least:
        raise WeightsTooUneven(least_percent=f"{rules.small_month_at_least:.0%}", heaviest=rules.heaviest)
    _not_lately(rules, loan, ChangeKind.WEIGHTS)
    days = loan.path.due_on[loan.first :]
    return Change(ChangeKind.WEIGHTS, loan.open_on, path=_anew(loan, days, weights), weights=weights)


def move_due_day(rules: SelfService, loan: Dated, day: int) -> Change:
    """Another day of the month; the due days stay in their months, so that no change puts the end off."""
    _not_relieved(loan)
    if not 1 <= day <= MONTH_DAYS or day == (loan.due_day or loan.live_on.day):
        raise NothingChanges
    _not_lately(rules, loan, ChangeKind.DUE_DAY)
    first = loan.first
    days = [due_day_of(loan, number, day) for number in range(first, len(loan.path.due_on))]
    if days and days[0] - TOLD_BEFORE < loan.open_on:
        days[0] = loan.path.due_on[first]  # it could not be announced any more: that one stays where it is
    before = loan.path.due_on[first - 1] if first else loan.live_on
    if not days:
        raise NothingChanges
    for earlier, later in pairwise((before, *days)):
        if later - earlier < TOLD_BEFORE:
            raise DueDaysTooNear(
                earlier_on=earlier.isoformat(), later_on=later.isoformat(), days=TOLD_BEFORE.days
            )  # fmt: skip
    return Change(ChangeKind.DUE_DAY, loan.open_on, path=_anew(loan, days, loan.weights), cycle_day=day)


def rest(rules: SelfService, loan: Dated) -> Change:
    """The next due day asks for interest alone, and all principal comes a month later."""
    _not_relieved(loan)
    if loan.past_due:
        raise LoanIsLate
    first = loan.first
    earliest = loan.live_on + timedelta(days=rules.not_before_days)
    if loan.open_on < earliest:
        raise BreathingTooSoon(from_on=earliest.isoformat(), to_on=loan.path.due_on[-1].isoformat())
    if first >= len(loan.path.due_on):
        raise NothingChanges
    before = [change.breathing for change in loan.changes if change.breathing is not None]
    on = loan.path.due_on[first]
    space = Breathing(on - timedelta(days=A_MONTH - 1), on)
    if any(old.last_on >= on for old in before):
        raise BreathingTooSoon(from_on=(on + timedelta(days=1)).isoformat(), to_on=loan.path.due_on[-1].isoformat())
    left = days_left(rules, before, space.first_on)
    if left < A_MONTH:
        raise BreathingUsedUp(days=left, a_year=rules.days_a_year)
    days = [*loan.path.due_on[first:], due_day_of(loan, len(loan.path.due_on), loan.due_day)]
    balance = loan.path.left_minor[first - 1] if first else loan.terms.amount_minor
    units = units_at(loan.path, loan.terms, loan.live_on, first)
    since = loan.path.due_on[first - 1] if first else loan.live_on
    units += balance * loan.terms.rate_units * (on - since).days
    left_minor = (balance, *spread(loan.terms, on, balance, units, days[1:], loan.weights))
    kept = loan.path.due_on[:first], loan.path.left_minor[:first]
    path = Path((*kept[0], *days), (*kept[1], *left_minor))
    return Change(ChangeKind.REST, loan.open_on, path=path, breathing=space)


def lower(rules: SelfService, loan: Dated) -> Change:
    """After a part prepayment the same due days with less on each, instead of the next ones paid ahead (H6)."""
    days = _prepaid(rules, loan)
    return Change(
        ChangeKind.LOWER_INSTALMENTS, loan.open_on, path=_anew(loan, days, loan.weights, loan.principal_minor)
    )


def shorter(rules: SelfService, loan: Dated) -> Change:
    """After a part prepayment as few due days as can be with no instalment above what it was for its day (H6)."""
    days = _prepaid(rules, loan)
    before = _asked_for(loan, loan.path)
    for count in range(1, len(days)):
        path = _anew(loan, days[:count], loan.weights, loan.principal_minor)
        asked = _asked_for(loan, path, loan.principal_minor)
        if all(amount <= was for amount, was in zip(asked, before, strict=False)):
            return Change(ChangeKind.SHORTER_TERM, loan.open_on, path=path)
    raise NothingChanges


def _prepaid(rules: SelfService, loan: Dated) -> Sequence[date]:
    """The due days that a part prepayment may change; refuses what is too little, late, or interest first, of which
    all principal is due at the end whatever was paid."""
    if loan.past_due:
        raise LoanIsLate
    was = loan.principal_minor + loan.prepaid_minor
    days = loan.path.due_on[loan.first :]
    enough = 0 < loan.prepaid_minor >= was * rules.prepaid_at_least
    if not enough or len(days) < 2 or loan.terms.repayment is RepaymentKind.INTEREST_FIRST:
        raise NothingChanges
    if loan.principal_minor >= (loan.path.left_minor[loan.first - 1] if loan.first else loan.terms.amount_minor):
        raise NothingChanges  # it only made up for what was missing, or for what is announced
    return days


def _asked_for(loan: Dated, path: Path, balance_minor: int | None = None) -> list[int]:
    """What each due day asks for from the first one on that nobody was told of; of so much, or of what the path has."""
    first, terms = loan.first, loan.terms
    balance = path.left_minor[first - 1] if first else terms.amount_minor
    balance = balance if balance_minor is None else min(balance, balance_minor)
    at = path.due_on[first - 1] if first else loan.live_on
    found: list[int] = []
    for on, left in zip(path.due_on[first:], path.left_minor[first:], strict=True):
        interest = divide_half_even(balance * terms.rate_units * (on - at).days, terms.units_per_minor)
        found.append(max(0, balance - left) + interest)
        balance, at = min(balance, left), on
    return found


def _anew(loan: Dated, days: Sequence[date], weights: Sequence[int], at_most_minor: int | None = None) -> Path:
    """The path with other steps from the first due day on that nobody was told of; of what it has left there, or of
    less where that was prepaid."""
    first = loan.first
    if not days:
        raise NothingChanges
    kept_on, kept = loan.path.due_on[:first], loan.path.left_minor[:first]
    from_on = kept_on[-1] if kept_on else loan.live_on
    balance = kept[-1] if kept else loan.terms.amount_minor
    balance = balance if at_most_minor is None else min(balance, at_most_minor)
    units = units_at(loan.path, loan.terms, loan.live_on, first)
    resting = _still_resting(loan, first)
    if resting:
        # A month of interest alone that was agreed stays one.
        on = days[0]
        units += balance * loan.terms.rate_units * (on - from_on).days
        after = (balance, *spread(loan.terms, on, balance, units, days[1:], weights)) if len(days) > 1 else (0,)
        return Path((*kept_on, *days), (*kept, *after))
    return Path((*kept_on, *days), (*kept, *spread(loan.terms, from_on, balance, units, days, weights)))


def _still_resting(loan: Dated, first: int) -> bool:
    spaces = (change.breathing for change in loan.changes if change.breathing is not None)
    return any(space.last_on == loan.path.due_on[first] for space in spaces)


def due_day_of(loan: Dated, number: int, day: int) -> date:
    """Due day ``number`` (from 0) on another day of its month; 0 is the day of the money."""
    base = add_months(loan.live_on, number + 1)
    if day:
        base = base.replace(day=min(day, monthrange(base.year, base.month)[1]))
    return loan.calendar.moved(base, DayRule.FOLLOWING)


def _not_lately(rules: SelfService, loan: Dated, kind: ChangeKind) -> None:
    last = max((change.effective_on for change in loan.changes if change.kind is kind), default=None)
    if last is not None and loan.open_on < (again := last + timedelta(days=rules.rhythm_every_days)):
        raise PlanChangedLately(from_on=again.isoformat())


def _not_relieved(loan: Dated) -> None:
    """Due days that relief moved lie in other months than they were signed for: counting the months from the start
    would take back what was agreed."""
    if any(change.kind is ChangeKind.RELIEF for change in loan.changes):
        raise NothingChanges

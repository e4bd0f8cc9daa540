"""How a living loan is repaid and what its owner changes of it by themselves: the rhythm of the debits, breathing
space, a window put off. A change lowers or moves what is asked, and never turns a share of revenue into fixed payments
(journey E6).

The plan is a fold over what was agreed: each change takes effect with the first day that no close has taken yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from lending.calendars import BusinessCalendar
from lending.cycles import MONTH_DAYS, Breathing, Cycle
from lending.minimum_path import window_ends
from lending.paths import Path, path_from, path_json
from lending.products import ShareRange
from lending.refusals import (
    BreathingTooLong,
    BreathingTooSoon,
    BreathingUsedUp,
    LoanIsLate,
    NothingChanges,
    PlanChangedLately,
    WindowsPutOff,
)
from lending.refusals_of_plans import ReminderAtNight

A_YEAR = timedelta(days=365)
ONE_DAY = timedelta(days=1)


class ChangeKind(StrEnum):
    """What an owner may change by themselves."""

    BREATHING = "breathing"
    RHYTHM = "rhythm"
    NEXT_WINDOW = "next_window"
    LOWER_SHARE = "lower_share"
    WEIGHTS = "weights"
    DUE_DAY = "due_day"
    REST = "rest"
    REMINDER_HOUR = "reminder_hour"
    SHORTER_TERM = "shorter_term"
    LOWER_INSTALMENTS = "lower_instalments"
    RELIEF = "relief"  # offered by a rule or by the desk, never taken alone


# What a plan by dates may become after a part prepayment (H6): each the path that its owner chose.
AFTER_PREPAYING = (ChangeKind.SHORTER_TERM, ChangeKind.LOWER_INSTALMENTS)


@dataclass(frozen=True, slots=True)
class Change:
    """One change as it was agreed; ``effective_on``: the first day that was open then.

    ``breathing`` of a breathing space; ``cycle`` and ``cycle_day`` of a rhythm; ``window``: the one whose end is not
    looked at, since its least progress may be made up for by the end of the next; ``share`` as it was lowered after a
    part prepayment (H6). Of a plan by dates ``path`` is what the change makes of it, by other ``weights``, another day
    of the month (``cycle_day``), a month of interest alone or what was chosen after a part prepayment; ``hour`` in
    which letters leave.
    """

    kind: ChangeKind
    effective_on: date
    breathing: Breathing | None = None
    cycle: Cycle = Cycle.DAY
    cycle_day: int = 0
    window: int = 0
    share: Decimal | None = None
    path: Path | None = None
    weights: tuple[int, ...] = ()
    hour: int = 0
    way: str = ""  # of relief; ``window`` is how many have ended then, ``later_days`` for how long it had been late
    later_days: int = 0


class Plan(NamedTuple):
    """What is in force: the rhythm of the debits, breathing spaces, windows that are put off."""

    cycle: Cycle
    cycle_day: int
    breathings: tuple[Breathing, ...] = ()
    put_off: tuple[int, ...] = ()
    share: Decimal | None = None  # None: as signed
    path: Path | None = None  # of a plan by dates; None: as signed
    weights: tuple[int, ...] = ()
    due_day: int = 0
    reminder_hour: int | None = None
    later: tuple[tuple[date, int], ...] = ()  # days that it was late when relief was agreed

    def shift_days(self, on: date) -> int:
        """By so many days of breathing space, begun by ``on``, the minimum path is later; and by what relief gave."""
        days = sum(space.days for space in self.breathings if space.first_on <= on)
        return days + sum(more for since, more in self.later if since <= on)


AS_SIGNED = Plan(Cycle.DAY, 0)


def plan_on(changes: Iterable[Change], on: date, *, signed: Cycle = Cycle.DAY) -> Plan:
    """The plan for the close of ``on``: everything agreed that had taken effect by then, in order."""
    cycle, day = signed, 0
    breathings: list[Breathing] = []
    put_off: list[int] = []
    share: Decimal | None = None
    path: Path | None = None
    weights: tuple[int, ...] = ()
    due_day, hour = 0, None
    later: list[tuple[date, int]] = []
    for change in changes:
        if change.effective_on > on:
            continue
        path = change.path or path
        if change.later_days:
            later.append((change.effective_on, change.later_days))
        if change.kind is ChangeKind.REMINDER_HOUR:
            hour = change.hour
        elif change.kind is ChangeKind.WEIGHTS:
            weights = change.weights
        elif change.kind is ChangeKind.DUE_DAY:
            due_day = change.cycle_day
        elif change.kind is ChangeKind.REST or change.kind in AFTER_PREPAYING:
            continue
        elif change.breathing is not None:
            breathings.append(change.breathing)
        elif change.kind is ChangeKind.RHYTHM:
            cycle, day = change.cycle, change.cycle_day
        elif change.kind is ChangeKind.NEXT_WINDOW:
            put_off.append(change.window)
        elif change.kind is ChangeKind.LOWER_SHARE:
            share = change.share
    return Plan(cycle, day, tuple(breathings), tuple(put_off), share, path, weights, due_day, hour, tuple(later))


def resting(plan: Plan, on: date) -> Breathing | None:
    """The breathing space that ``on`` lies in, if any."""
    return next((space for space in plan.breathings if space.first_on <= on <= space.last_on), None)


@dataclass(frozen=True, slots=True)
class SelfService:
    """Within what an owner changes a plan without asking anybody (policies/self_service.yaml).

    ``factors``: which part of the revenue may count in a breathing space; ``longest_days`` of one, ``days_a_year`` of
    all that began within a year; ``not_before_days`` after the money came. ``rhythms``: how often a debit may come;
    ``rhythm_every_days`` between two changes of it. ``windows_put_off``: how many of a loan's windows.
    ``small_month_at_least`` of a big one, ``heaviest``: the biggest weight of a month (大小月); ``reminder_from`` and
    ``_to``: in which hours letters may leave. ``prepaid_at_least``: from which part of the principal on, paid by
    oneself within so many days, the share may be lowered.
    """

    factors: tuple[Decimal, ...]
    longest_days: int
    days_a_year: int
    not_before_days: int
    starts_within_days: int
    rhythms: tuple[Cycle, ...]
    rhythm_every_days: int
    windows_put_off: int
    prepaid_at_least: Decimal
    prepaid_within_days: int
    small_month_at_least: Decimal
    heaviest: int
    reminder_from: int
    reminder_to: int


@dataclass(frozen=True, slots=True)
class Loan:
    """What the rules need to know of a loan. ``open_on``: the first day that no close has taken; ``past_due``: its
    window ended below the path; ``share`` as it is now; ``prepaid_minor``: what was paid by oneself lately and lowered
    no share yet; ``behind``: its principal is above what the running window's end allows."""

    live_on: date
    open_on: date
    past_due: bool
    behind: bool
    windows: int
    windows_passed: int
    signed: Cycle
    changes: tuple[Change, ...]
    share: Decimal = Decimal(0)
    principal_minor: int = 0
    prepaid_minor: int = 0


def breathe(rules: SelfService, loan: Loan, *, first_on: date, days: int, factor: Decimal) -> Change:
    """A breathing space (喘息期) from ``first_on`` for so many days; refuses what the rules do not allow."""
    if loan.past_due:
        raise LoanIsLate
    earliest = max(loan.open_on, loan.live_on + timedelta(days=rules.not_before_days))
    latest = max(earliest, loan.open_on + timedelta(days=rules.starts_within_days))
    if not earliest <= first_on <= latest:
        raise BreathingTooSoon(from_on=earliest.isoformat(), to_on=latest.isoformat())
    if not 1 <= days <= rules.longest_days:
        raise BreathingTooLong(days=rules.longest_days)
    if factor not in rules.factors:
        raise NothingChanges
    space = Breathing(first_on, first_on + timedelta(days=days - 1), factor)
    before = [change.breathing for change in loan.changes if change.breathing is not None]
    last = max((old.last_on for old in before), default=date.min)
    if first_on <= last:
        raise BreathingTooSoon(from_on=(last + ONE_DAY).isoformat(), to_on=latest.isoformat())
    left = days_left(rules, before, first_on)
    if days > left:
        raise BreathingUsedUp(days=left, a_year=rules.days_a_year)
    return Change(ChangeKind.BREATHING, loan.open_on, breathing=space)


def days_left(rules: SelfService, before: Iterable[Breathing], first_on: date) -> int:
    """How many days of breathing space may still begin on ``first_on``: those of the year before it are used."""
    used = sum(old.days for old in before if old.first_on > first_on - A_YEAR)
    return max(0, rules.days_a_year - used)


def beat(rules: SelfService, loan: Loan, *, cycle: Cycle, cycle_day: int) -> Change:
    """Another rhythm of the debits: the same share of the same sales, asked for less often or on another day."""
    allowed = {Cycle.DAY: range(1), Cycle.WEEK: range(1, 8), Cycle.MONTH: range(MONTH_DAYS + 1)}[cycle]
    now = plan_on(loan.changes, date.max, signed=loan.signed)
    if cycle not in rules.rhythms or cycle_day not in allowed or (cycle, cycle_day) == (now.cycle, now.cycle_day):
        raise NothingChanges
    last = max((change.effective_on for change in loan.changes if change.kind is ChangeKind.RHYTHM), default=date.min)
    if last > date.min and loan.open_on < (again := last + timedelta(days=rules.rhythm_every_days)):
        raise PlanChangedLately(from_on=again.isoformat())
    return Change(ChangeKind.RHYTHM, loan.open_on, cycle=cycle, cycle_day=cycle_day)


def put_off(rules: SelfService, loan: Loan) -> Change:
    """The running window's least progress moves to the end of the next one (E5); the last window has no next."""
    if loan.past_due:
        raise LoanIsLate
    if not loan.behind:
        raise NothingChanges
    used = sum(change.kind is ChangeKind.NEXT_WINDOW for change in loan.changes)
    running = loan.windows_passed + 1
    if used >= rules.windows_put_off or running >= loan.windows:
        raise WindowsPutOff(times=rules.windows_put_off)
    return Change(ChangeKind.NEXT_WINDOW, loan.open_on, window=running)


def lowest_share(rules: SelfService, loan: Loan, shares: ShareRange) -> Decimal | None:
    """The share with which the loan goes on as long as it would have without the part prepayment (H6); None where too
    little was paid, or the share cannot be lower."""
    before = loan.principal_minor + loan.prepaid_minor
    if loan.prepaid_minor <= 0 or loan.prepaid_minor < before * rules.prepaid_at_least:
        return None
    lowest = shares.up_to_step(loan.share * loan.principal_minor / before)
    return lowest if lowest < loan.share else None


def lower(rules: SelfService, loan: Loan, shares: ShareRange, share: Decimal) -> Change:
    """Less of each day's sales after a part prepayment, instead of an earlier end."""
    if loan.past_due:
        raise LoanIsLate
    lowest = lowest_share(rules, loan, shares)
    if lowest is None or not lowest <= share < loan.share or share % shares.step:
        raise NothingChanges
    return Change(ChangeKind.LOWER_SHARE, loan.open_on, share=share)


def next_look_on(
    loan: Loan, window_months: int, plan: Plan, calendar: BusinessCalendar | None = None
) -> date | None:  # fmt: skip
    """When progress is looked at next, with every breathing space that is agreed; None after the last window.
    ``calendar``: where windows end on working days (P9)."""
    number = loan.windows_passed + 1
    while number in plan.put_off:
        number += 1
    shift = plan.shift_days(date.max)
    if number > loan.windows:
        return None
    return window_ends(loan.live_on, window_months, loan.windows, calendar, shift)[number - 1]


def remind(rules: SelfService, now: Plan, open_on: date, hour: int) -> Change:
    """The hour of the owner's zone in which letters about the plan leave; quiet hours hold whatever it is."""
    if not rules.reminder_from <= hour <= rules.reminder_to:
        raise ReminderAtNight(from_hour=rules.reminder_from, to_hour=rules.reminder_to)
    if hour == now.reminder_hour:
        raise NothingChanges
    return Change(ChangeKind.REMINDER_HOUR, open_on, hour=hour)


def plan_json(plan: Plan) -> dict[str, object]:
    """A plan as its loan's row carries it for the close; the inverse of :func:`plan_from`."""
    return {
        "cycle": plan.cycle.value,
        "cycle_day": plan.cycle_day,
        "breathings": [[s.first_on.isoformat(), s.last_on.isoformat(), str(s.factor)] for s in plan.breathings],
        "put_off": list(plan.put_off),
        "share": None if plan.share is None else str(plan.share),
        **({"path": path_json(plan.path), "weights": list(plan.weights), "due_day": plan.due_day} if plan.path else {}),
        **({} if plan.reminder_hour is None else {"reminder_hour": plan.reminder_hour}),
        **({"later": [[since.isoformat(), days] for since, days in plan.later]} if plan.later else {}),
    }


def plan_from(said: Mapping[str, Any]) -> Plan:
    """The plan that a loan's row carries."""
    return Plan(
        Cycle(said["cycle"]),
        said["cycle_day"],
        tuple(
            Breathing(date.fromisoformat(first), date.fromisoformat(last), Decimal(factor))
            for first, last, factor in said["breathings"]
        ),
        tuple(said["put_off"]),
        Decimal(said["share"]) if said.get("share") else None,
        path_from(said["path"]) if said.get("path") else None,
        tuple(said.get("weights", ())),
        said.get("due_day", 0),
        said.get("reminder_hour"),
        tuple((date.fromisoformat(since), days) for since, days in said.get("later", ())),
    )

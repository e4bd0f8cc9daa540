"""The schedule of an instalment loan before anything happens: dates, principal and interest to the fen.

Interest of a period is the balance times the rate times its part of a year, rounded once; the last instalment takes the
rounding, so that the principal returns exactly. All arithmetic is on whole numbers; only the equal instalment is
solved in Decimal. The living loan is :mod:`lending.servicing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from itertools import pairwise
from math import gcd
from operator import sub
from typing import NamedTuple

from lending.calendars import BusinessCalendar, DayRule
from lending.money import apportion, divide_half_even, round_half_even
from lending.rates import RATE_SCALE, DayCount, days_30_360, rate_units
from lending.spans import Span, Unit, ends_of, shifted

PRECISION = Context(prec=34, rounding=ROUND_HALF_EVEN)
# 365 and 366 days have this common multiple: actual/actual on whole numbers.
BOTH_YEARS = 365 * 366
# More instalments than a lifetime of days is a typing error.
INSTALMENTS_AT_MOST = 10_000


class ScheduleError(ValueError):
    """A plan that has no schedule; names the field and what is allowed."""


class Shape(StrEnum):
    """How principal and interest are spread over the instalments."""

    EQUAL_INSTALMENTS = "equal_instalments"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    INTEREST_FIRST = "interest_first"  # 先息后本
    BULLET = "bullet"  # 到期一次还本付息
    WEIGHTED = "weighted"  # 大小月: instalments in proportion to the borrower's weights
    CUSTOM = "custom"  # the principal of each instalment is given


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule depends on; amounts in minor units, ``annual_rate`` as a fraction.

    ``principal_grace`` and ``interest_grace``: so many first instalments ask for no principal, for no interest (it is
    asked for with the first one after). ``interest_free``: so many first periods earn none. ``weights``: one per
    instalment, for ``WEIGHTED``. ``principals``: one per instalment, for ``CUSTOM``. ``flat``: interest on what was
    lent, whatever is repaid. ``dates``: due dates of one's own, one per instalment, as they are.
    """

    principal_minor: int
    annual_rate: Decimal
    day_count: DayCount
    start: date
    count: int
    shape: Shape = Shape.EQUAL_INSTALMENTS
    every: int = 1
    unit: Unit = Unit.MONTHS
    flat: bool = False
    principal_grace: int = 0
    interest_grace: int = 0
    interest_free: int = 0
    multiple_minor: int = 0
    fixed_length: int | None = None
    first_due_on: date | None = None
    dates: tuple[date, ...] = ()
    weights: tuple[int, ...] = ()
    principals: tuple[int, ...] = ()
    calendar: BusinessCalendar | None = None
    day_rule: DayRule = DayRule.FOLLOWING

    def __post_init__(self) -> None:
        if self.principal_minor <= 0:
            raise ScheduleError("principal: above zero")
        if not 0 <= self.annual_rate <= 10:
            raise ScheduleError("annual_rate: from 0 to 10 (10 is 1,000 % a year)")
        rate_units(self.annual_rate)
        if not 1 <= self.count <= INSTALMENTS_AT_MOST or not 1 <= self.every <= INSTALMENTS_AT_MOST:
            raise ScheduleError(f"count, every: from 1 to {INSTALMENTS_AT_MOST}")
        for name in ("principal_grace", "interest_grace"):
            if not 0 <= getattr(self, name) < self.count:
                raise ScheduleError(f"{name}: from 0 to {self.count - 1}")
        if not 0 <= self.interest_free <= self.count:
            raise ScheduleError(f"interest_free: from 0 to {self.count}")
        if self.multiple_minor < 0:
            raise ScheduleError("multiple_minor: not negative")
        if self.shape is Shape.WEIGHTED and (
            len(self.weights) != self.count or min(self.weights) < 0 or not any(self.weights)
        ):
            raise ScheduleError(f"weights: {self.count} of them, none negative, not all zero")
        if self.shape is Shape.CUSTOM and (
            len(self.principals) != self.count
            or min(self.principals) < 0
            or sum(self.principals) != self.principal_minor
        ):
            raise ScheduleError(f"principals: {self.count} of them, none negative, together the principal")
        if self.first_due_on is not None and self.first_due_on <= self.start:
            raise ScheduleError("first_due_on: after the start")
        if self.dates and (
            len(self.dates) != self.count or any(end <= begin for begin, end in pairwise((self.start, *self.dates)))
        ):
            raise ScheduleError(f"dates: {self.count} of them, each after the one before, the first after the start")

    @property
    def dates_follow_the_start(self) -> bool:
        """Whether every due date is so many whole periods after the start, and nothing moves it."""
        moved = self.calendar is not None and self.day_rule is not DayRule.NONE
        return not (moved or self.dates or self.first_due_on is not None or self.fixed_length is not None)


class Row(NamedTuple):
    """One instalment; ``balance_minor`` is the principal left after it."""

    number: int
    from_on: date
    due_on: date
    days: int
    principal_minor: int
    interest_minor: int
    balance_minor: int

    @property
    def payment_minor(self) -> int:
        return self.principal_minor + self.interest_minor

    @property
    def span(self) -> Span:
        return Span(self.from_on, self.due_on)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule by columns, one entry per instalment; amounts in minor units. ``rows()`` turns it round."""

    start: date
    due_on: list[date]
    days: list[int]
    principal_minor: list[int]
    interest_minor: list[int]
    balance_minor: list[int]

    def rows(self) -> list[Row]:
        numbers = range(1, len(self.due_on) + 1)
        starts = [self.start, *self.due_on[:-1]]
        columns = (self.due_on, self.days, self.principal_minor, self.interest_minor, self.balance_minor)
        # A named tuple made bare: rows are made by the million.
        made = zip(numbers, starts, *columns, strict=True)
        return [tuple.__new__(Row, row) for row in made]  # pyright: ignore[reportUnknownMemberType]

    @property
    def total_interest_minor(self) -> int:
        return sum(self.interest_minor)


def schedule(plan: Plan) -> Schedule:
    """All instalments of the plan, in order."""
    ends = due_dates(plan)
    ordinals = [plan.start.toordinal(), *map(date.toordinal, ends)]
    days = list(map(sub, ordinals[1:], ordinals))
    parts, denominator = _year_parts(plan, ends, days)
    if plan.interest_free:
        parts[: plan.interest_free] = [0] * plan.interest_free
    # One unit of the balance earns this much in each period, over this denominator: all on whole numbers, kept small.
    rate = rate_units(plan.annual_rate)
    denominator *= RATE_SCALE
    shared = gcd(denominator, *(rate * part for part in set(parts)))
    denominator //= shared
    by_part = {part: rate * part // shared for part in set(parts)}
    weights = [by_part[part] for part in parts]
    match plan.shape:
        case Shape.EQUAL_INSTALMENTS | Shape.WEIGHTED:
            asked = _instalments(plan, weights, denominator)
            interests, balances = _by_instalment(plan, weights, denominator, asked)
        case Shape.EQUAL_PRINCIPAL:
            principals = [0] * plan.principal_grace + list(_in_parts(plan, plan.count - plan.principal_grace))
            interests, balances = _by_principal(plan, weights, denominator, principals)
        case Shape.INTEREST_FIRST | Shape.BULLET:
            once = [0] * (plan.count - 1) + [plan.principal_minor]
            interests, balances = _by_principal(plan, weights, denominator, once)
        case Shape.CUSTOM:
            interests, balances = _by_principal(plan, weights, denominator, plan.principals)
    asks_from = plan.count - 1 if plan.shape is Shape.BULLET else plan.interest_grace
    if asks_from:
        interests[asks_from] += sum(interests[:asks_from])
        interests[:asks_from] = [0] * asks_from
    # The last instalment takes what is left: the rounding, and all that grace put off.
    balances[-1] = 0
    principals = list(map(sub, [plan.principal_minor, *balances], balances))
    return Schedule(plan.start, ends, days, principals, interests, balances)


def due_dates(plan: Plan) -> list[date]:
    """When each instalment is due; a due date on a holiday is moved by the rule, the next is counted as before."""
    if plan.dates:
        return list(plan.dates)
    if plan.first_due_on is None:
        ends = ends_of(plan.start, plan.count, plan.every, plan.unit)
    else:
        ends = [plan.first_due_on, *ends_of(plan.first_due_on, plan.count - 1, plan.every, plan.unit)]
    if plan.fixed_length is not None:
        ends[-1] = shifted(plan.start, plan.fixed_length, plan.unit)
    if plan.calendar is None or plan.day_rule is DayRule.NONE:
        return ends
    return [plan.calendar.moved(end, plan.day_rule) for end in ends]


def _year_parts(plan: Plan, ends: list[date], days: list[int]) -> tuple[list[int], int]:
    """The part of a year that each period is, exact: numerators and their common denominator."""
    match plan.day_count:
        case DayCount.ACT_365 | DayCount.ACT_360:
            return days.copy(), plan.day_count.days_in_year
        case DayCount.THIRTY_360:
            if plan.unit is Unit.MONTHS and plan.start.day <= 28 and plan.dates_follow_the_start:
                return [30 * plan.every] * plan.count, 360
            return [days_30_360(begin, end) for begin, end in zip([plan.start, *ends], ends, strict=False)], 360
        case DayCount.ACT_ACT:
            return [
                _days_in_both_years(begin, end) for begin, end in zip([plan.start, *ends], ends, strict=False)
            ], BOTH_YEARS


def _days_in_both_years(begin: date, end: date) -> int:
    numerator = 0
    while begin.year < end.year:
        new_year = date(begin.year + 1, 1, 1)
        numerator += (new_year - begin).days * _other_year(begin.year)
        begin = new_year
    return numerator + (end - begin).days * _other_year(begin.year)


def _other_year(year: int) -> int:
    """What turns a day of this year into a part of both years' common multiple."""
    return 365 if (date(year + 1, 1, 1) - date(year, 1, 1)).days == 366 else 366


def _in_parts(plan: Plan, count: int) -> Sequence[int]:
    """The principal in equal parts: rounded, in multiples if the plan has one, the last taking what is left."""
    part = divide_half_even(plan.principal_minor, count)
    if plan.multiple_minor:
        part = divide_half_even(part, plan.multiple_minor) * plan.multiple_minor or part
    parts = [min(part, max(0, plan.principal_minor - part * number)) for number in range(count)]
    parts[-1] += plan.principal_minor - sum(parts)
    return parts


# Interest earned in each period, and the balance left after its instalment.
Columns = tuple[list[int], list[int]]


def _by_principal(plan: Plan, weights: Sequence[int], denominator: int, asked: Sequence[int]) -> Columns:
    """The principal of each instalment is given; interest as it is earned."""
    interests: list[int] = []
    balances: list[int] = []
    balance = plan.principal_minor
    for weight, wanted in zip(weights, asked, strict=True):
        base = plan.principal_minor if plan.flat else balance
        interests.append(divide_half_even(base * weight, denominator))
        balance -= min(balance, wanted)
        balances.append(balance)
    return interests, balances


def _by_instalment(plan: Plan, weights: Sequence[int], denominator: int, asked: Sequence[int]) -> Columns:
    """The instalment is given; principal is what interest leaves of it."""
    if not (plan.flat or plan.principal_grace) and min(asked) > 0:
        return _falling(plan.principal_minor, weights, denominator, asked)
    interests: list[int] = []
    balances: list[int] = []
    balance = plan.principal_minor
    for number, weight in enumerate(weights):
        base = plan.principal_minor if plan.flat else balance
        earned = divide_half_even(base * weight, denominator)
        if number >= plan.principal_grace:
            balance -= min(balance, max(0, asked[number] - earned))
        interests.append(earned)
        balances.append(balance)
    return interests, balances


def _falling(balance: int, weights: Sequence[int], denominator: int, asked: Sequence[int]) -> Columns:
    """The loop of millions of schedules, kept bare: half-even is half-up, less one where a tie made an odd number."""
    interests: list[int] = []
    balances: list[int] = []
    double = 2 * denominator
    for weight, instalment in zip(weights, asked, strict=True):
        earned, rest = divmod(2 * balance * weight + denominator, double)
        if not rest and earned & 1:
            earned -= 1
        if earned < instalment:
            balance += earned - instalment
            if balance < 0:
                balance = 0
        interests.append(earned)
        balances.append(balance)
    return interests, balances


def _instalments(plan: Plan, weights: Sequence[int], denominator: int) -> list[int]:
    """What each instalment asks for, so that all of them, discounted at their own rates, are worth the principal."""
    grace, count = plan.principal_grace, plan.count - plan.principal_grace
    if plan.flat:
        interest = sum(divide_half_even(plan.principal_minor * weight, denominator) for weight in weights)
        shares = apportion(plan.principal_minor + interest, plan.weights[grace:] or [1] * count)
        return [0] * grace + [_in_multiples(share, plan.multiple_minor) for share in shares]
    with localcontext(PRECISION):
        if plan.shape is Shape.EQUAL_INSTALMENTS and len(set(weights[grace:])) == 1:
            base = _even(plan.principal_minor, weights[-1], denominator, count)
        else:
            discount, worth = Decimal(1), Decimal(0)
            mine = plan.weights[grace:] or (1,) * count
            for weight, borrowers in zip(weights[grace:], mine, strict=True):
                discount = discount * denominator / (denominator + weight)
                worth += borrowers * discount
            base = plan.principal_minor / worth
        if plan.shape is Shape.EQUAL_INSTALMENTS:
            return [_in_multiples(round_half_even(base), plan.multiple_minor)] * plan.count
        return [_in_multiples(round_half_even(base * weight), plan.multiple_minor) for weight in plan.weights]


def _even(principal: int, weight: int, denominator: int, count: int) -> Decimal:
    """The equal instalment at one rate for all periods."""
    if weight == 0:
        return Decimal(principal) / count
    rate = Decimal(weight) / denominator
    growth = (1 + rate) ** count
    return principal * rate * growth / (growth - 1)


def _in_multiples(amount: int, multiple: int) -> int:
    """The amount in whole multiples, unless that would make it nothing."""
    if not multiple:
        return amount
    return divide_half_even(amount, multiple) * multiple or amount

"""Signs that a borrower is getting into difficulty, while there is still time to help (lending-practice P23, P33).

Each sign is a figure beside its threshold; thresholds are policy. A warning is a reason to call, never to punish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from lending.verdicts import RegisterState

RECENT = timedelta(days=28)  # four whole weeks: a weekend more or less would look like a trend
BEFORE = timedelta(days=84)
LEAST_DAYS = 56  # of history, below which four weeks have nothing to be compared with


class Cause(StrEnum):
    """What a warning is about; a loan has at most one open warning of each."""

    SALES_DOWN = "sales_down"
    BELOW_FORECAST = "below_forecast"
    NO_SALES = "no_sales"
    REFUNDS_UP = "refunds_up"
    NEW_DEBT = "new_debt"
    REGISTER = "register"
    RED_INK = "red_ink"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``full_days``: how many full days must have been told since the payout before their sales are compared with what
    is usual; ``sales_fall``: part of usual sales that is gone; ``silent_days`` in a row without a sale; ``refund_rate``
    of sales and how many ``refund_times`` the usual; ``new_debt`` as a part of usual monthly sales.
    """

    full_days: int
    sales_fall: Decimal
    silent_days: int
    refund_rate: Decimal
    refund_times: Decimal
    new_debt: Decimal


@dataclass(frozen=True, slots=True)
class Day:
    """What came in and went back on one day, in minor units, both without sign."""

    on: date
    sales_minor: int
    refunds_minor: int


@dataclass(frozen=True, slots=True)
class Borrower:
    """What is known of a borrower at the end of ``as_of``.

    ``since``: the first whole day that was told; days from it on that are not in ``days`` had no sales.
    ``forecast_low_minor``: what the forecast expects at the least (P10) of the days that :func:`compared` counts, None
    without one. ``holidays``: days that are like no other day of the week, and are compared with none.
    ``new_debt_minor``: lent by others since the loan began. ``red_ink``: of the sales invoices before the decision the
    percent, and the amount, that red ink took back after it. ``register``: codes of what courts and registers say now
    and did not say before.
    """

    as_of: date
    since: date
    days: Sequence[Day]
    forecast_low_minor: int | None = None
    new_debt_minor: int = 0
    register: tuple[str, ...] = ()
    red_ink: tuple[int, int] | None = None
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """What courts and the company register say of a firm and its owner; amounts in minor units. None: not answered."""

    dishonest: bool | None = None
    enforced_minor: int | None = None
    claims_minor: int | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Warning:
    """One sign, with the figures that it rests on."""

    cause: Cause
    figures: Mapping[str, int | str]


def compared(as_of: date, since: date, rules: Thresholds) -> int:
    """How many of the last days are compared with what was to be expected of the same days: whole weeks, so that each
    day of the week is in them as often, at most four. 0: too few whole days were told yet."""
    told = (as_of - since).days + 1
    return 0 if told < rules.full_days else min(RECENT.days, told // 7 * 7)


def warnings(borrower: Borrower, rules: Thresholds) -> tuple[Warning, ...]:
    """Every sign that shows at the end of the day; none of days that are not known."""
    found: list[Warning] = []
    cut = borrower.as_of - RECENT
    recent = [day for day in borrower.days if cut < day.on <= borrower.as_of]
    before = [day for day in borrower.days if cut - BEFORE < day.on <= cut]
    days_before = min(BEFORE.days, (cut - borrower.since).days + 1)
    usual_minor = 0
    if days_before + RECENT.days >= LEAST_DAYS:
        recent_minor, usual_minor, like = _alike(borrower, days_before)
        found += _sales(recent_minor, usual_minor, rules)
        found += _refunds(recent, before, rules)
        usual_minor = usual_minor * RECENT.days // max(like, 1)
    if told := compared(borrower.as_of, borrower.since, rules):
        start = borrower.as_of - timedelta(days=told)
        found += _forecast(_net([day for day in recent if day.on > start]), borrower)
    found += _silence(borrower, rules)
    if usual_minor > 0 and borrower.new_debt_minor > usual_minor * rules.new_debt:
        figures = {"new_debt_minor": borrower.new_debt_minor, "usual_minor": usual_minor}
        found.append(Warning(Cause.NEW_DEBT, figures))
    if borrower.red_ink:
        percent, amount_minor = borrower.red_ink
        found.append(Warning(Cause.RED_INK, {"percent": percent, "amount_minor": amount_minor}))
    if borrower.register:
        found.append(Warning(Cause.REGISTER, {"codes": ",".join(sorted(borrower.register))}))
    return tuple(found)


def new_entries(now: PublicRecord, known: PublicRecord, claims_from_minor: int) -> tuple[str, ...]:
    """Codes of what is said now and was not known at the decision; claims only where they reach ``claims_from_minor``.

    A source that did not answer says nothing, and what nobody had asked for at the decision is new.
    """
    found: list[str] = []
    if now.dishonest and not known.dishonest:
        found.append("dishonest_list")
    if (now.enforced_minor or 0) > (known.enforced_minor or 0):
        found.append("enforced_debtor")
    claims_minor = now.claims_minor or 0
    if claims_minor > (known.claims_minor or 0) and claims_minor >= claims_from_minor:
        found.append("open_claims")
    if now.state not in (None, RegisterState.NORMAL, known.state):
        found.append(f"register_{now.state}")
    return tuple(found)


def _alike(borrower: Borrower, days_before: int) -> tuple[int, int, int]:
    """(what came in on the recent days that are no holidays, what such days of the week brought in before, how many
    they are): a closed Monday is compared with closed Mondays, and a festival with nothing."""
    net = {day.on: day.sales_minor - day.refunds_minor for day in borrower.days}
    cut = borrower.as_of - RECENT
    usual: dict[int, list[int]] = {}
    for n in range(days_before):
        if (on := cut - timedelta(days=n)) not in borrower.holidays:
            usual.setdefault(on.weekday(), []).append(net.get(on, 0))
    like = [
        on
        for n in range(RECENT.days)
        if (on := borrower.as_of - timedelta(days=n)) not in borrower.holidays and on.weekday() in usual
    ]
    expected = sum(Fraction(sum(usual[on.weekday()]), len(usual[on.weekday()])) for on in like)
    return sum(net.get(on, 0) for on in like), int(expected), len(like)


def _net(days: Sequence[Day]) -> int:
    return sum(day.sales_minor - day.refunds_minor for day in days)


def _sales(recent_minor: int, usual_minor: int, rules: Thresholds) -> list[Warning]:
    if usual_minor <= 0 or recent_minor >= usual_minor * (1 - rules.sales_fall):
        return []
    fall = (usual_minor - max(recent_minor, 0)) * 100 // usual_minor
    return [Warning(Cause.SALES_DOWN, {"recent_minor": recent_minor, "usual_minor": usual_minor, "fall_percent": fall})]


def _forecast(recent_minor: int, borrower: Borrower) -> list[Warning]:
    low = borrower.forecast_low_minor
    if low is None or recent_minor >= low:
        return []
    return [Warning(Cause.BELOW_FORECAST, {"recent_minor": recent_minor, "low_minor": low})]


def _silence(borrower: Borrower, rules: Thresholds) -> list[Warning]:
    sold = [day.on for day in borrower.days if day.sales_minor > 0 and day.on <= borrower.as_of]
    last = max(sold, default=borrower.since - timedelta(days=1))
    silent = (borrower.as_of - last).days
    if silent < rules.silent_days:
        return []
    return [Warning(Cause.NO_SALES, {"days": silent, "last_on": last.isoformat()})]


def _refunds(recent: Sequence[Day], before: Sequence[Day], rules: Thresholds) -> list[Warning]:
    sales, back = sum(day.sales_minor for day in recent), sum(day.refunds_minor for day in recent)
    usual_sales, usual_back = sum(day.sales_minor for day in before), sum(day.refunds_minor for day in before)
    if sales <= 0 or usual_sales <= 0 or back < sales * rules.refund_rate:
        return []
    if back * usual_sales < rules.refund_times * usual_back * sales:
        return []
    now, usual = back * 1000 // sales, usual_back * 1000 // usual_sales
    return [Warning(Cause.REFUNDS_UP, {"refunds_permille": now, "usual_permille": usual})]

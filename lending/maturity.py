"""The end of a loan before it comes: asked sixty days ahead, answered by twenty days before it (P27).

无还本续贷: a new contract before maturity repays the old one the same day, of a borrower who is not late. 借新还旧: any
other new loan that pays an old one off. 展期: the same contract, a later end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from lending.calendars import add_months

ASKED_BEFORE = timedelta(days=60)
ANSWER_BEFORE = timedelta(days=20)
# What a lead has, from the hour at which a promise was missed: told to the owner as the new time.
LATE_FOR = timedelta(days=1)
# Bills older than this say nothing of a firm today.
FRESH = timedelta(days=35)
# [R] 贷款通则 12: of a loan up to a year, as long as its own term in all; up to five years, half of it; above, three
# years.
SHORT_MONTHS, MIDDLE_MONTHS, LONG_EXTENSION = 12, 60, 36


class Wish(StrEnum):
    """What an owner wants at the end."""

    RENEW = "renew"
    EXTEND = "extend"
    PAY_OFF = "pay_off"


class Verdict(StrEnum):
    """What we say to it."""

    RENEW = "renew"
    EXTEND = "extend"
    NONE = "none"


class Label(StrEnum):
    """What a loan's end was in the books and in every report."""

    RENEWAL = "renewal"  # 无还本续贷
    REFINANCING = "refinancing"  # 借新还旧
    EXTENSION = "extension"  # 展期


class Class(StrEnum):
    """The five classes (金融资产风险分类办法 2023), best first."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


# Days past due from which a class begins.
BY_DAYS = (
    (361, Class.LOSS),
    (271, Class.DOUBTFUL),
    (91, Class.SUBSTANDARD),
    (1, Class.SPECIAL_MENTION),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A live loan at its radar: ``bills_until``: the last day that its owner's bills or sales tell of."""

    past_due: bool
    allowed: bool
    bills_until: date | None


def label_of(*, past_due: bool, on: date, matures_on: date) -> Label:
    """How a new loan that pays an old one off on ``on`` is called: a renewal only before the end and if not late."""
    early = matures_on - ASKED_BEFORE <= on <= matures_on
    return Label.RENEWAL if early and not past_due else Label.REFINANCING


def class_of(days_past_due: int, label: Label | None = None) -> Class:
    """A loan's class: by its lateness; what was refinanced or extended is no longer normal, what was renewed may be."""
    by_days = next((found for days, found in BY_DAYS if days_past_due >= days), Class.NORMAL)
    if label in (Label.REFINANCING, Label.EXTENSION) and by_days is Class.NORMAL:
        return Class.SPECIAL_MENTION
    return by_days


def missing(standing: Standing, today: date) -> tuple[str, ...]:
    """What stands in the way of a renewal today (差什么), by code; nothing: 能续."""
    old = standing.bills_until is None or standing.bills_until < today - FRESH
    found = ((standing.past_due, "past_due"), (not standing.allowed, "consent"), (old, "bills"))
    return tuple(code for there, code in found if there)


def answer_by(matures_on: date) -> date:
    """The last day on which whether it is renewed may be said (最晚哪天定)."""
    return matures_on - ANSWER_BEFORE


def reminded_at(wished_at: datetime, promised_at: datetime) -> datetime:
    """When the desk is reminded of a wish that nobody answered."""
    whole = max(timedelta(0), promised_at - wished_at)
    return wished_at + whole * 3 / 4


def longest_extension(months: int) -> int:
    """By how many months in all a loan of so many may be extended."""
    if months <= SHORT_MONTHS:
        return months
    return months // 2 if months <= MIDDLE_MONTHS else LONG_EXTENSION


def extensions(term_months: int, window_months: int, extended_months: int = 0) -> Sequence[int]:
    """What may be added to a term now: whole windows within what is left of the longest extension."""
    left = longest_extension(term_months) - extended_months
    return tuple(range(window_months, left + 1, window_months))


def extended(matures_on: date, months: int) -> date:
    """The later end."""
    return add_months(matures_on, months)


def most_interest(principal_minor: int, annual_rate: Decimal, matures_on: date, until: date) -> int:
    """Interest for the added time if nothing is repaid in it, in minor units, rounded up: it costs no more."""
    exact = principal_minor * annual_rate * (until - matures_on).days / Decimal(365)
    return int(exact.to_integral_value(rounding="ROUND_CEILING"))

"""Business days: which date it is where the loan lives, and what comes a month later."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum

# So many days without business are no gap: a weekend and a holiday.
CLOSED_DAYS = timedelta(days=3)


class NaiveInstant(ValueError):
    """An instant without a zone, which is no instant."""


class Jurisdiction(StrEnum):
    """Whose law and whose midnight. Offsets are fixed: China keeps one time and has had no summer time since 1991."""

    CN = "CN"

    @property
    def utc_offset(self) -> timedelta:
        match self:
            case Jurisdiction.CN:
                return timedelta(hours=8)


# The wall clock of the one jurisdiction: opening hours, and what a camera wrote.
BEIJING = timezone(Jurisdiction.CN.utc_offset)


def business_date(instant: datetime, jurisdiction: Jurisdiction) -> date:
    """The date on the wall calendar of the jurisdiction at this instant."""
    if instant.tzinfo is None:
        raise NaiveInstant(f"an instant needs a zone: {instant.isoformat()}")
    return instant.astimezone(timezone(jurisdiction.utc_offset)).date()


def midnight_after(day: date, jurisdiction: Jurisdiction) -> datetime:
    """The instant at which ``day`` ends (24:00 local), in UTC."""
    local = datetime.combine(day + timedelta(days=1), time(), tzinfo=timezone(jurisdiction.utc_offset))
    return local.astimezone(UTC)


def add_months(day: date, months: int, *, anchor: int | None = None) -> date:
    """The same day ``months`` later; a 29th to 31st falls back to the month's last day.

    ``anchor`` is the day of the month to aim at (default: that of ``day``): a plan that began on the 31st is asked
    again on the 31st after passing through a shorter month.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor or day.day, monthrange(year, month + 1)[1]))


def whole_months(first: date, last: date) -> int:
    """How many months lie between two days of business, both counted: a part of a month is none.

    A shop that is closed on the first and the last days of a month shows that month all the same.
    """
    end = last + timedelta(days=1) + CLOSED_DAYS
    months = (end.year - first.year) * 12 + end.month - first.month
    return max(0, months if add_months(first, months) <= end else months - 1)


def months_told(first: date, last: date, seen: int) -> int:
    """Whole months from the first to the last day of which bills tell something in ``seen`` calendar months."""
    spanned = (last.year - first.year) * 12 + last.month - first.month + 1
    return max(0, whole_months(first, last) - (spanned - seen))


class DayRule(StrEnum):
    """What becomes of a due date that is no business day."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = (
        "modified_following"  # the next business day, unless that is in the next month: then the one before
    )
    PRECEDING = "preceding"


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Business days of a jurisdiction: weekdays, less holidays, and the weekend days that are worked instead.

    Years after ``published_until`` are provisional: weekdays and the statutory holidays, until the notice with the days
    that are swapped around them is published.
    """

    holidays: frozenset[date]
    workdays: frozenset[date]
    published_until: int

    def is_business_day(self, day: date) -> bool:
        return day in self.workdays or (day.weekday() < 5 and day not in self.holidays)

    def is_provisional(self, day: date) -> bool:
        return day.year > self.published_until

    def moved(self, day: date, rule: DayRule) -> date:
        """The business day on which something of ``day`` happens."""
        match rule:
            case DayRule.NONE:
                return day
            case DayRule.FOLLOWING:
                return self._next(day, 1)
            case DayRule.PRECEDING:
                return self._next(day, -1)
            case DayRule.MODIFIED_FOLLOWING:
                following = self._next(day, 1)
                return following if following.month == day.month else self._next(day, -1)

    def _next(self, day: date, step: int) -> date:
        while not self.is_business_day(day):
            day += timedelta(days=step)
        return day

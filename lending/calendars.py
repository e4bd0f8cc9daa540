"""Business days: which date it is where the loan lives, and what comes a month later."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum


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

"""The book as one thing: in which bucket of lateness its loans stand, how they roll from month to month, and how much
of each vintage ever came to be late. Counted from stretches of lateness, so that the past is read and never stored.

Buckets are those of the trade (30, 60, 90 days past due); a loan within its days of grace is not late.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from lending.calendars import add_months

# A loan that was so many days past due once counts for its vintage from then on.
EVER_DAYS = 30


class Bucket(StrEnum):
    """Where a loan stands at the end of a day."""

    CURRENT = "current"
    TO_30 = "to_30"
    TO_60 = "to_60"
    TO_90 = "to_90"
    OVER_90 = "over_90"
    PAID = "paid"


LATE: tuple[Bucket, ...] = (Bucket.TO_30, Bucket.TO_60, Bucket.TO_90, Bucket.OVER_90)
_UP_TO = ((30, Bucket.TO_30), (60, Bucket.TO_60), (90, Bucket.TO_90))


def bucket_of(days_past_due: int) -> Bucket:
    """The bucket of so many days past due."""
    if days_past_due <= 0:
        return Bucket.CURRENT
    return next((bucket for most, bucket in _UP_TO if days_past_due <= most), Bucket.OVER_90)


@dataclass(frozen=True, slots=True)
class Late:
    """One stretch of lateness: the due date that was missed, from when on it was past its grace, and the day on which
    it ended (None: it lasts). Of a loan of ``lent_minor`` that lived from ``live_on`` to ``closed_on``."""

    loan_id: UUID
    lent_minor: int
    live_on: date
    closed_on: date | None
    since: date
    opened_on: date
    ended_on: date | None

    def at(self, day: date) -> int:
        """Days past due at the end of a day; 0 where this stretch does not hold."""
        holds = self.opened_on <= day and (self.ended_on is None or self.ended_on > day)
        return (day - self.since).days if holds else 0

    @property
    def ever_on(self) -> date | None:
        """The day on which it had lasted so long that its vintage counts it; None if it never did."""
        day = self.since + timedelta(days=EVER_DAYS + 1)
        return day if self.ended_on is None or self.ended_on > day else None


@dataclass(frozen=True, slots=True)
class Living:
    """Loans between the ends of two months: ``live`` at the first end, and those of them that were ``paid`` since."""

    live: int
    paid: int


@dataclass(frozen=True, slots=True)
class Roll:
    """How loans moved between the ends of two months, by (from, to); ``share`` of a bucket that rolled one further."""

    first: date
    last: date
    moved: Mapping[tuple[Bucket, Bucket], int]

    def of(self, bucket: Bucket) -> int:
        """How many stood in a bucket at the first end."""
        return sum(n for (begun, _), n in self.moved.items() if begun is bucket)

    def share(self, bucket: Bucket) -> Decimal | None:
        """What part of a bucket stands further back a month later; None where it was empty."""
        whole = self.of(bucket)
        if not whole or bucket in (Bucket.OVER_90, Bucket.PAID):
            return None
        order = (Bucket.CURRENT, *LATE)
        worse = set(order[order.index(bucket) + 1 :])
        return Decimal(sum(n for (begun, ended), n in self.moved.items() if begun is bucket and ended in worse)) / whole


def month_ends(as_of: date, months: int) -> tuple[date, ...]:
    """The ends of the last so many months that are over by the end of ``as_of``, the oldest first."""
    last = as_of.replace(day=monthrange(as_of.year, as_of.month)[1])
    if last > as_of:
        last = as_of.replace(day=1) - timedelta(days=1)
    ends = [last]
    while len(ends) < months:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return tuple(reversed(ends))


def roll(first: date, last: date, living: Living, stretches: Iterable[Late]) -> Roll:
    """From the end of ``first`` to the end of ``last``: late loans one by one, all others in one sum."""
    by_loan: dict[UUID, list[Late]] = defaultdict(list)
    for one in stretches:
        if one.live_on <= first and (one.closed_on is None or one.closed_on > first):
            by_loan[one.loan_id].append(one)
    moved: Counter[tuple[Bucket, Bucket]] = Counter()
    paid_late = 0
    for parts in by_loan.values():
        begun = bucket_of(max(part.at(first) for part in parts))
        closed = parts[0].closed_on is not None and parts[0].closed_on <= last
        ended = Bucket.PAID if closed else bucket_of(max(part.at(last) for part in parts))
        moved[begun, ended] += 1
        paid_late += closed
    others_paid = max(0, living.paid - paid_late)
    moved[Bucket.CURRENT, Bucket.PAID] += others_paid
    moved[Bucket.CURRENT, Bucket.CURRENT] += max(0, living.live - len(by_loan) - others_paid)
    return Roll(first, last, {move: n for move, n in moved.items() if n})


@dataclass(frozen=True, slots=True)
class Vintage:
    """Loans whose money left in one quarter: what was lent, and by full months on book the part of it that was ever
    more than 30 days past due."""

    begun: date
    loans: int
    lent_minor: int
    ever: tuple[Decimal, ...]


def vintages(
    lent: Mapping[date, tuple[int, int]], stretches: Iterable[Late], as_of: date, months: int = 12
) -> tuple[Vintage, ...]:
    """``lent``: by first day of a quarter, (loans, minor units). A month counts once the whole quarter has lived it."""
    first_on: dict[UUID, tuple[date, Late]] = {}
    for one in stretches:
        day = one.ever_on
        if day is not None and day <= as_of and (one.loan_id not in first_on or day < first_on[one.loan_id][0]):
            first_on[one.loan_id] = (day, one)
    found: list[Vintage] = []
    for begun, (loans, minor) in sorted(lent.items()):
        last = add_months(begun, 3) - timedelta(days=1)
        ever: list[Decimal] = []
        for month in range(1, months + 1):
            if add_months(last, month) > as_of:
                break
            late = sum(
                one.lent_minor
                for day, one in first_on.values()
                if quarter(one.live_on) == begun and day <= add_months(one.live_on, month)
            )
            ever.append(Decimal(late) / minor if minor else Decimal(0))
        found.append(Vintage(begun, loans, minor, tuple(ever)))
    return tuple(found)


def quarter(day: date) -> date:
    """The first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def bucketed(rows: Sequence[tuple[int, int, int]]) -> dict[Bucket, tuple[int, int]]:
    """(days past due, loans, principal) of live loans summed into buckets: (loans, minor units)."""
    sums: dict[Bucket, tuple[int, int]] = dict.fromkeys((Bucket.CURRENT, *LATE), (0, 0))
    for days, loans, minor in rows:
        bucket = bucket_of(days)
        sums[bucket] = (sums[bucket][0] + loans, sums[bucket][1] + minor)
    return sums

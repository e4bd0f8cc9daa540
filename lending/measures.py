"""What service costs in time, reckoned from rows: answers, first contacts, stages, hands on a case (P36, B2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from math import ceil

from lending.maturity import ANSWER_BEFORE

# A question that comes back within a week was not resolved the first time.
COMES_BACK = timedelta(days=7)
# Between two looks at one case somebody was at it, unless they were apart by more than this.
AT_IT = timedelta(minutes=10)
# A look by itself is a minute: nobody opens a case for less.
A_LOOK = timedelta(minutes=1)
A_SECOND = timedelta(seconds=1)
# Where each stage begins and ends, by the lines of the story; a stage that a case did not have is not counted.
# One that has not ended, or that ended otherwise, is not counted either.
STAGES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("identity", ("began",), ("identity_proven",)),
    ("evidence", ("identity_proven",), ("submitted",)),
    ("decision", ("submitted",), ("approved", "declined", "review_opened", "offline_asked")),
    ("people", ("review_opened", "offline_asked"), ("approved", "declined")),
    ("signing", ("approved",), ("signed",)),
    ("payout", ("signed",), ("payout_credited",)),
    ("whole", ("began",), ("payout_credited",)),
)


@dataclass(frozen=True, slots=True)
class Word:
    """One message: by the customer or by the lender."""

    ours: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer's question: when, when it was answered (None: not yet), and whether it came back."""

    asked_at: datetime
    answered_at: datetime | None
    came_back: bool


def contacts(words: Sequence[Word]) -> tuple[Contact, ...]:
    """The questions of one thread, in the order of time. What a customer writes before anybody answers is one question;
    what they write within a week of the answer is the same one, come back."""
    found: list[Contact] = []
    asked: datetime | None = None
    for word in sorted(words, key=lambda one: one.at):
        if not word.ours and asked is None:
            last = found[-1] if found else None
            if last is not None and last.answered_at is not None and word.at - last.answered_at <= COMES_BACK:
                found[-1] = Contact(last.asked_at, last.answered_at, came_back=True)
            asked = word.at
        elif word.ours and asked is not None:
            found.append(Contact(asked, word.at, came_back=False))
            asked = None
    if asked is not None:
        found.append(Contact(asked, None, came_back=False))
    return tuple(found)


def resolved(found: Sequence[Contact], now: datetime) -> tuple[int, int]:
    """(resolved with the first answer, all that can be told): what was answered within a week may still come back."""
    told = [
        one for one in found if one.answered_at is not None and (one.came_back or now - one.answered_at > COMES_BACK)
    ]
    return sum(not one.came_back for one in told), len(told)


def stretch(story: Mapping[str, datetime], begins: Iterable[str], ends: Iterable[str]) -> timedelta | None:
    """How long a stage took: from the first line that begins it to the first after it that ends it; None: not there."""
    began = min((story[kind] for kind in begins if kind in story), default=None)
    if began is None:
        return None
    ended = min((story[kind] for kind in ends if kind in story and story[kind] >= began), default=None)
    return None if ended is None else ended - began


def hands_on(looks: Sequence[datetime]) -> timedelta:
    """How long people were at a case, from their looks and acts: short gaps were work, long ones were not."""
    ordered = sorted(set(looks))
    if not ordered:
        return timedelta()
    gaps = [after - before for before, after in pairwise(ordered)]
    return A_LOOK * (1 + sum(gap > AT_IT for gap in gaps)) + sum((gap for gap in gaps if gap <= AT_IT), timedelta())


@dataclass(frozen=True, slots=True)
class Costs:
    """What people cost the lender, in minor units: a minute at a case, one way to a customer."""

    currency: str
    minute_minor: int
    visit_minor: int


def per_loan(costs: Costs, hands: Iterable[timedelta], visits: int, loans: int) -> int | None:
    """Minor units of people's time for each loan that was paid, half to even. Cases that led to none cost too: they are
    in it, so that fewer of them show. None: nothing was paid."""
    if loans <= 0:
        return None
    minutes = sum((Decimal(one // A_SECOND) / 60 for one in hands), Decimal(0))
    whole = minutes * costs.minute_minor + visits * costs.visit_minor
    return int((whole / loans).quantize(Decimal(1), ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True)
class Lent:
    """A loan for its measures. ``due``: a part of it was due by now; ``was_late``: past due beyond its grace, ever;
    ``decided_on``: the day of the first answer to whether it is renewed."""

    shape: str
    due: bool
    was_late: bool
    matures_on: date | None
    closed_on: date | None
    decided_on: date | None


def kept_by_shape(loans: Iterable[Lent]) -> Mapping[str, tuple[int, int]]:
    """By plan shape: (never late, all of which a part was due)."""
    found: dict[str, tuple[int, int]] = {}
    for loan in loans:
        if loan.due:
            kept, whole = found.get(loan.shape, (0, 0))
            found[loan.shape] = kept + (not loan.was_late), whole + 1
    return dict(sorted(found.items()))


def answered_by(loans: Iterable[Lent], since: date, today: date) -> tuple[int, int]:
    """(answered, all) of the loans that came within twenty days of their end since then and still ran.

    Whether a loan is renewed is said by T-20 (P27); paid off by that day, it needs no answer.
    """
    reached = [
        (loan, on)
        for loan in loans
        if loan.matures_on is not None
        and since <= (on := loan.matures_on - ANSWER_BEFORE) <= today
        and (loan.closed_on is None or loan.closed_on > on)
    ]
    return sum(loan.decided_on is not None and loan.decided_on <= on for loan, on in reached), len(reached)


def quantile(values: Sequence[timedelta], part: Decimal) -> timedelta | None:
    """The value below which ``part`` of them lie, the nearest rank; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(1, ceil(part * len(values))) - 1]

"""Who is late and why, and what is done about it: help before demand, and nothing for those who pay by themselves.

A segment is willingness times means times stage (journey 7, G1). Each rests on figures that are kept with it, is
reckoned anew every day and at every event, and only chooses a treatment, which is data; whether a step of it may be
taken at an instant is for :mod:`lending.contact_policy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from lending.contact_policy import Channel, Purpose


class Segment(StrEnum):
    """Why somebody is late, as far as anything shows."""

    SELF_CURER = "self_curer"  # was late before and paid within days, unasked
    FORGETFUL = "forgetful"  # earns as usual and was never late: it slipped
    SQUEEZED = "squeezed"  # wants to and cannot: sales are down
    DISPUTING = "disputing"  # says that it is not owed
    UNREACHABLE = "unreachable"  # nothing that was sent was answered, on any channel
    UNWILLING = "unwilling"  # earns as usual, and breaks promises or answers nobody


class Stage(StrEnum):
    """How late, by the buckets of the book."""

    DUE = "due"
    EARLY = "early"
    MIDDLE = "middle"
    LATE = "late"


class CaseEnd(StrEnum):
    """How a stretch of lateness ended."""

    CURED = "cured"
    PAID = "paid"
    RELIEVED = "relieved"  # relief was agreed: from then on nothing is past due


class DisputeReason(StrEnum):
    """What the borrower says is wrong."""

    PAID_ALREADY = "paid_already"
    WRONG_SUM = "wrong_sum"
    NOT_MINE = "not_mine"
    GOODS = "goods"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``cures_within_days``: who paid every earlier lateness by then cures by themselves. ``squeezed_below``: recent
    sales as a part of usual ones. ``broken_promises``, ``unanswered`` contacts on ``channels``: from how many.
    ``stages``: from how many days past due each begins."""

    cures_within_days: int
    squeezed_below: Decimal
    broken_promises: int
    unanswered: int
    channels: int
    promise_days: int
    dispute_days: int
    stages: Mapping[Stage, int]


@dataclass(frozen=True, slots=True)
class Late:
    """What is known of a loan past due at the end of a day; amounts in minor units.

    ``earlier``: days that each earlier lateness of the person's loans lasted. ``unaided``: how many of those ended
    without a contact by a person. ``recent_minor``, ``usual_minor``: sales of the last four weeks and of four usual
    ones, None where too little is known. ``unanswered``: contacts since it was due that nobody answered, by channel.
    """

    days_past_due: int
    past_due_minor: int
    earlier: Sequence[int] = ()
    unaided: int = 0
    recent_minor: int | None = None
    usual_minor: int | None = None
    promises_broken: int = 0
    promises_kept: int = 0
    disputed: bool = False
    unanswered: Mapping[Channel, int] = field(default_factory=dict[Channel, int])
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Assigned:
    """A segment and stage, with the figures that chose them."""

    segment: Segment
    stage: Stage
    reason: str
    figures: Mapping[str, int | str]


def assign(late: Late, rules: Thresholds) -> Assigned:
    """The segment of a late loan. The first that holds, from what the person says to what only their habits tell:
    nobody is called unwilling whose sales are down, and nobody unreachable who answered."""
    stage = stage_of(late.days_past_due, rules)
    if late.disputed:
        return Assigned(Segment.DISPUTING, stage, "says_it_is_not_owed", {})
    part = _part_of_usual(late)
    if part is not None and part < rules.squeezed_below:
        figures = {"recent_minor": late.recent_minor or 0, "usual_minor": late.usual_minor or 0}
        return Assigned(Segment.SQUEEZED, stage, "sales_are_down", figures)
    if late.promises_broken >= rules.broken_promises:
        return Assigned(Segment.UNWILLING, stage, "promises_broken", {"promises": late.promises_broken})
    silent = sum(late.unanswered.values())
    if not late.answered and silent >= rules.unanswered:
        tried = sum(1 for count in late.unanswered.values() if count)
        figures = {"contacts": silent, "channels": tried}
        if tried >= rules.channels:
            return Assigned(Segment.UNREACHABLE, stage, "nothing_was_answered", figures)
    if late.earlier and late.unaided == len(late.earlier) and max(late.earlier) <= rules.cures_within_days:
        figures = {"times": len(late.earlier), "days": max(late.earlier)}
        return Assigned(Segment.SELF_CURER, stage, "paid_by_themselves_before", figures)
    if not late.earlier and stage in (Stage.DUE, Stage.EARLY):
        return Assigned(Segment.FORGETFUL, stage, "never_late_before", {})
    if part is None:
        # Nothing is known of their means: whoever cannot be told from somebody in need is helped first.
        return Assigned(Segment.SQUEEZED, stage, "means_unknown", {})
    figures = {"times": len(late.earlier), "days": late.days_past_due}
    return Assigned(Segment.UNWILLING if stage is Stage.LATE else Segment.FORGETFUL, stage, "earns_as_usual", figures)


def stage_of(days_past_due: int, rules: Thresholds) -> Stage:
    """The last stage that has begun."""
    return max((stage for stage, first in rules.stages.items() if days_past_due >= first), key=rules.stages.__getitem__)


def _part_of_usual(late: Late) -> Decimal | None:
    if late.recent_minor is None or not late.usual_minor or late.usual_minor < 0:
        return None
    return Decimal(max(late.recent_minor, 0)) / Decimal(late.usual_minor)


# --- treatments -------------------------------------------------------------------------------------------------------


class Does(StrEnum):
    """What a step is."""

    LETTER = "letter"  # a message of ours
    CALL = "call"  # a task for a person
    VISIT = "visit"
    LEGAL = "legal"  # the bundle is made ready, and a person decides


@dataclass(frozen=True, slots=True)
class Step:
    """From ``day`` past due on. ``offers_relief``: the menu of relief comes with it."""

    name: str
    day: int
    does: Does
    purpose: Purpose
    channel: Channel
    kind: str
    offers_relief: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """The steps of one segment, by their days. ``version`` goes with every step that is taken."""

    segment: Segment
    version: str
    steps: tuple[Step, ...]


def next_step(treatment: Treatment, days_past_due: int, taken: frozenset[str]) -> Step | None:
    """The earliest step whose day has come and that was not taken in this lateness, whatever segment took it: whoever
    moves between segments hears nothing twice."""
    return next((step for step in treatment.steps if step.day <= days_past_due and step.name not in taken), None)


def next_day(treatment: Treatment, days_past_due: int, taken: frozenset[str]) -> int | None:
    """On which day past due the next step comes, None if there is none."""
    return min(
        (step.day for step in treatment.steps if step.name not in taken and step.day > days_past_due), default=None
    )

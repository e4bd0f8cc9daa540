"""May this person be contacted now: the one question that every message, call and visit of the lender answers first.

Sources: GB/T 45251-2025 and the banking association's working guide of 2026-01-30 (hours, tries for each number,
third parties, who promised is left alone); Regulation F, 12 CFR 1006.6(b)(1) and 1006.14(b)(2) (hours, seven calls in
seven days, seven days after a talk); our own limits are narrower where both speak. What is refused for now is told
with the first instant at which it may be asked again: blocked means later, never dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from uuid import UUID

from lending.calendars import BusinessCalendar

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# A promise is kept until its day is over, and a day more for the money to come in.
PROMISE_GRACE = DAY


class Purpose(StrEnum):
    """Why somebody is contacted."""

    TOLD = "told"  # what one waits for, or must know of one's own money: at once, at any hour
    NEWS = "news"  # what is owed to one but can wait for the morning; no cap holds it back
    REMINDER = "reminder"  # to do something in time
    DEMAND = "demand"  # what is past due
    OFFER = "offer"  # more credit


class Channel(StrEnum):
    """How."""

    APP = "app"
    MESSAGE = "message"
    CALL = "call"
    VISIT = "visit"


# Rings at a number, by which law counts tries.
RINGS = frozenset({Channel.CALL, Channel.MESSAGE})
PRESSING = frozenset({Purpose.REMINDER, Purpose.DEMAND, Purpose.OFFER})


class Whom(StrEnum):
    """Who would hear it, to the debt."""

    OWNER = "owner"  # the borrower and joint borrowers
    BOUND = "bound"  # who answers for it by their own signature
    THIRD = "third"  # anybody else


class Because(StrEnum):
    """Which rule stands in the way; the first that does, in this order."""

    THIRD_PARTY = "third_party"
    OPTED_OUT = "opted_out"
    NOTHING_OWED = "nothing_owed"
    DISPUTED = "disputed"
    RELIEVED = "relieved"
    COMPLAINED = "complained"
    PROMISED = "promised"
    IGNORED = "ignored"
    AFTER_A_TALK = "after_a_talk"
    OTHER_CHANNEL = "other_channel"
    TRIES_AT_NUMBER = "tries_at_number"
    CALLS_IN_A_WEEK = "calls_in_a_week"
    DAY_IS_FULL = "day_is_full"
    WEEK_IS_FULL = "week_is_full"
    HOLIDAY = "holiday"
    QUIET_HOURS = "quiet_hours"


# No clock ends these; whoever asks looks again each day.
UNTIL_SOMEBODY_ACTS = frozenset({Because.DISPUTED, Because.RELIEVED})


@dataclass(frozen=True, slots=True)
class Rules:
    """One jurisdiction's law and our own limits together, the narrower of each.

    ``quiet``: the first time is quiet, the second no longer; past midnight if the first is later. ``a_day`` counts
    within any 24 hours, ``a_week`` and ``calls_a_week`` within any seven days, all channels together and calls alone.
    ``after_talk``: how long nobody calls after a conversation. ``one_channel``: how long a second channel waits for an
    answer on the first. ``complaint``: how long nobody presses after a complaint.
    """

    quiet: tuple[time, time]
    a_day: int
    a_week: int
    tries_at_number_a_day: int
    one_channel: timedelta
    complaint: timedelta
    calls_a_week: int | None = None
    after_talk: timedelta | None = None
    calendar: BusinessCalendar | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One that took place. ``number``: which number or address, by any token of it; ``talked``: somebody answered."""

    at: datetime
    purpose: Purpose
    channel: Channel
    number: str
    talked: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the person and the debt. ``offset``: of their wall clock from UTC. ``owed``: anything at all;
    ``past_due``: something that a demand may speak of. ``promised_on``: the day for which they promised to pay.
    ``silent``: kinds of messages that they ignored three times, until when."""

    offset: timedelta
    owed: bool = True
    past_due: bool = True
    promised_on: date | None = None
    disputed: bool = False
    relieved: bool = False
    complained_at: datetime | None = None
    opted_out: frozenset[Purpose | Channel] = frozenset()
    silent: dict[str, datetime] = field(default_factory=dict[str, datetime])


@dataclass(frozen=True, slots=True)
class Wish:
    """What would be said, how and to whom. ``kind``: the kind of message, for what is ignored."""

    purpose: Purpose
    channel: Channel
    number: str
    whom: Whom = Whom.OWNER
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """``because`` None: now. Else ``at``: when to ask again; None of both: never."""

    because: Because | None = None
    at: datetime | None = None

    @property
    def now(self) -> bool:
        """Whether it may be said at this instant."""
        return self.because is None

    @property
    def never(self) -> bool:
        """Whether asking again would change nothing."""
        return self.because is not None and self.at is None


NOW = Answer()


@dataclass(frozen=True, slots=True)
class ContactToken:
    """That one contact may take place, and under which rules it was answered: without one no message is an order."""

    contact_id: UUID
    purpose: Purpose
    rules: str


def may_contact(wish: Wish, standing: Standing, past: Sequence[Contact], rules: Rules, now: datetime) -> Answer:
    """Answer for one instant. ``past``: the person's contacts of the last seven days at least, all debts together, in
    the order in which they took place; what was told at once counts in no cap. Pure."""
    if wish.whom is Whom.THIRD:
        return Answer(Because.THIRD_PARTY)
    if wish.purpose is Purpose.TOLD:
        return NOW
    if wish.purpose is Purpose.NEWS:
        return _by_the_clock(wish, standing, rules, now) or NOW
    if wish.purpose in standing.opted_out or wish.channel in standing.opted_out:
        return Answer(Because.OPTED_OUT)
    pressed = [one for one in past if one.purpose in PRESSING and now - one.at < WEEK]
    return (
        _by_the_debt(wish, standing, now)
        or _by_the_person(wish, standing, rules, now)
        or _by_what_was(wish, pressed, rules, now)
        or _by_the_clock(wish, standing, rules, now)
        or NOW
    )


def first_allowed(wish: Wish, standing: Standing, past: Sequence[Contact], rules: Rules, now: datetime) -> Answer:
    """The first instant from ``now`` at which nothing stands in the way, as things are: ``NOW``, a time, or never."""
    first = answer = may_contact(wish, standing, past, rules, now)
    asked = now
    while answer.at is not None and answer.because not in UNTIL_SOMEBODY_ACTS:
        asked = answer.at
        answer = may_contact(wish, standing, past, rules, asked)
    return Answer(first.because, asked) if answer.now and not first.now else answer


def _by_the_debt(wish: Wish, standing: Standing, now: datetime) -> Answer | None:
    if wish.purpose is Purpose.OFFER:
        return None
    if not standing.owed:
        return Answer(Because.NOTHING_OWED)
    if wish.purpose is not Purpose.DEMAND:
        return None
    if not standing.past_due:
        return Answer(Because.NOTHING_OWED)
    if standing.disputed:
        return Answer(Because.DISPUTED, now + DAY)
    return Answer(Because.RELIEVED, now + DAY) if standing.relieved else None


def _by_the_person(wish: Wish, standing: Standing, rules: Rules, now: datetime) -> Answer | None:
    complained = standing.complained_at
    if complained is not None and now < complained + rules.complaint:
        return Answer(Because.COMPLAINED, complained + rules.complaint)
    if standing.promised_on is not None and wish.purpose is not Purpose.OFFER:
        over = _midnight_after(standing.promised_on + PROMISE_GRACE, standing.offset)
        if now < over:
            return Answer(Because.PROMISED, over)
    silent = standing.silent.get(wish.kind)
    return Answer(Because.IGNORED, silent) if silent is not None and now < silent else None


def _by_what_was(wish: Wish, pressed: Sequence[Contact], rules: Rules, now: datetime) -> Answer | None:
    if not pressed:
        return None
    if wish.channel is Channel.CALL and rules.after_talk is not None:
        talks = [one.at for one in pressed if one.talked]
        if talks and now - talks[-1] < rules.after_talk:
            return Answer(Because.AFTER_A_TALK, talks[-1] + rules.after_talk)
    last = pressed[-1]
    if last.channel is not wish.channel and not last.talked and now - last.at < rules.one_channel:
        return Answer(Because.OTHER_CHANNEL, last.at + rules.one_channel)
    today = [one for one in pressed if now - one.at < DAY]
    if wish.channel in RINGS:
        tries = [one.at for one in today if one.number == wish.number and one.channel in RINGS]
        if len(tries) >= rules.tries_at_number_a_day:
            return Answer(Because.TRIES_AT_NUMBER, _room(tries, rules.tries_at_number_a_day, DAY))
    if wish.channel is Channel.CALL and rules.calls_a_week is not None:
        calls = [one.at for one in pressed if one.channel is Channel.CALL]
        if len(calls) >= rules.calls_a_week:
            return Answer(Because.CALLS_IN_A_WEEK, _room(calls, rules.calls_a_week, WEEK))
    if len(today) >= rules.a_day:
        return Answer(Because.DAY_IS_FULL, _room([one.at for one in today], rules.a_day, DAY))
    if len(pressed) >= rules.a_week:
        return Answer(Because.WEEK_IS_FULL, _room([one.at for one in pressed], rules.a_week, WEEK))
    return None


def _room(times: Sequence[datetime], most: int, within: timedelta) -> datetime | None:
    """When fewer than ``most`` of these lie within; None where none ever may."""
    return times[-most] + within if most > 0 else None


def _by_the_clock(wish: Wish, standing: Standing, rules: Rules, now: datetime) -> Answer | None:
    zone = timezone(standing.offset)
    local = now.astimezone(zone)
    begins, ends = rules.quiet
    clock = local.time()
    if rules.calendar is not None and wish.purpose is Purpose.DEMAND and _is_holiday(rules.calendar, local.date()):
        day = local.date() + DAY
        while _is_holiday(rules.calendar, day):
            day += DAY
        return Answer(Because.HOLIDAY, datetime.combine(day, time(), zone).astimezone(UTC))
    if begins <= clock < ends if begins <= ends else clock >= begins or clock < ends:
        day = local.date() if clock < ends else local.date() + DAY
        return Answer(Because.QUIET_HOURS, datetime.combine(day, ends, zone).astimezone(UTC))
    return None


def _is_holiday(calendar: BusinessCalendar, day: date) -> bool:
    """A public holiday, or a weekend beside one; any other weekend is a day on which shops are open."""
    if calendar.is_business_day(day):
        return False
    return day in calendar.holidays or any(_free_until_holiday(calendar, day, step) for step in (DAY, -DAY))


def _free_until_holiday(calendar: BusinessCalendar, day: date, step: timedelta) -> bool:
    while not calendar.is_business_day(day):
        if day in calendar.holidays:
            return True
        day += step
    return False


def _midnight_after(day: date, offset: timedelta) -> datetime:
    return datetime.combine(day + DAY, time(), timezone(offset)).astimezone(UTC)

"""Steps that a person takes outside: what each kind asks for, when it can be booked, and when it is done.

Large loans still need a visit, a valuation, a registration (线上辅助线下). The kinds are data, and what follows
from them is here. A recorded live video visit equals a visit (lending practice P33).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from lending.calendars import BEIJING
from lending.places import NearPolicy, is_far


class Way(StrEnum):
    """How the task is done."""

    ON_SITE = "on_site"
    VIDEO = "video"


class Captured(StrEnum):
    """What a person brings home from a task."""

    PHOTO = "photo"
    SERIAL = "serial"  # the number on a machine's plate
    NOTE = "note"
    RECORDING = "recording"  # a video note, or a recorded live visit
    REFERENCE = "reference"  # the number that an outside body gave


class Result(StrEnum):
    """How a task ended by a person's word."""

    DONE = "done"
    NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True, slots=True)
class Asked:
    """When a rule asks for a task: of these products, above so many minor units."""

    products: frozenset[str]
    above_minor: int


@dataclass(frozen=True, slots=True)
class Needs:
    """How many of each a finished task has at least."""

    of_each: Mapping[Captured, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of task. ``outside``: others than we make it wait; ``by_video``: what a live video needs to equal it;
    ``on_its_day``: an hour is arranged first, and it is not done before that day; ``placed``: its photos count only
    where they say where and when they were taken, near the address."""

    id: str
    role: str
    within: timedelta
    kept_open: timedelta
    booked: bool
    outside: bool
    needs: Needs
    by_video: Needs | None
    questions: tuple[str, ...]
    asked: tuple[Asked, ...]
    on_its_day: bool = False
    placed: bool = False

    @property
    def ways(self) -> tuple[Way, ...]:
        """How it can be done."""
        return (Way.ON_SITE, Way.VIDEO) if self.by_video is not None else (Way.ON_SITE,)


@dataclass(frozen=True, slots=True)
class Slots:
    """When a manager goes out: hours of a working day, one visit each ``every``, none nearer than ``not_before``."""

    opens: time
    closes: time
    every: timedelta
    not_before: timedelta
    offered: int
    pack_before: timedelta


@dataclass(frozen=True, slots=True)
class AroundHour:
    """From how long before an arranged hour until how long after it a photo is of that hour."""

    before: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class Packed:
    """One line of a pack: what is known or to be verified, as a code with its figures."""

    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """When the room of a live video opens before the hour, and how long after it."""

    opens_before: timedelta
    open_for: timedelta


@dataclass(frozen=True, slots=True)
class OfflinePolicy:
    """All kinds, when a visit can be booked, how near a photo is to be and how close to the hour, and when the room of
    a video is open. ``clock_off``: how wrong a phone's clock may be."""

    version: str
    kinds: tuple[Kind, ...]
    slots: Slots
    near: NearPolicy
    live: LiveRoom
    around: AroundHour
    clock_off: timedelta = timedelta(0)

    def kind(self, name: str) -> Kind | None:
        """The kind of that name."""
        return next((one for one in self.kinds if one.id == name), None)

    def asked_of(self, product_id: str, amount_minor: int) -> tuple[Kind, ...]:
        """What the rules ask for before a person decides on so much, in minor units."""
        return tuple(
            kind
            for kind in self.kinds
            if any(product_id in rule.products and amount_minor > rule.above_minor for rule in kind.asked)
        )


def short_of(kind: Kind, way: Way, captured: Collection[Captured]) -> dict[str, int]:
    """How many of each a task still needs before it counts as done, by code in the order of the kind: ``photo``, …

    ``captured``: each thing brought home that counts.
    """
    needs = kind.by_video if way is Way.VIDEO else kind.needs
    if needs is None:
        return {"way": 1}
    have = list(captured)
    found = {what.value: many - have.count(what) for what, many in needs.of_each.items()}
    return {code: many for code, many in found.items() if many > 0}


def asked_of(kind: Kind, way: Way) -> dict[str, int]:
    """How many of each thing there are to be in all, done that way, by the codes of :func:`short_of`."""
    needs = kind.by_video if way is Way.VIDEO else kind.needs
    if needs is None:
        return {"way": 1}
    return {what.value: many for what, many in needs.of_each.items()}


def free_slots(
    slots: Slots, now: datetime, is_working: Callable[[date], bool], taken: Collection[datetime] = ()
) -> tuple[datetime, ...]:
    """The next hours in which somebody can come, in UTC, the soonest first; ``taken``: this person's other visits."""
    at = (now + slots.not_before).astimezone(BEIJING)
    at = at.replace(minute=0, second=0, microsecond=0)
    found: list[datetime] = []
    while len(found) < slots.offered:
        if not is_working(at.date()) or at.time() >= slots.closes:
            at = datetime.combine(at.date() + timedelta(days=1), slots.opens, BEIJING)
        elif at.time() < slots.opens:
            at = datetime.combine(at.date(), slots.opens, BEIJING)
        else:
            if at >= now + slots.not_before and all(abs(at - other) >= slots.every for other in taken):
                found.append(at.astimezone(UTC))
            at += slots.every
    return tuple(found)


def too_early(kind: Kind, way: Way, slot_at: datetime | None, now: datetime) -> bool:
    """Whether nobody can have been there yet: what needs an hour has none, or the arranged hour is still to come. A
    film has its own hour, that of its recording."""
    if way is Way.VIDEO or (slot_at is None and not kind.on_its_day):
        return False
    return slot_at is None or now < slot_at


class Unproven(StrEnum):
    """Why a photo does not show by itself that somebody was there."""

    PLACELESS = "placeless"  # it says no place, or the phone was too unsure of it
    TIMELESS = "timeless"
    UNMEASURED = "unmeasured"  # no map has the address exactly enough
    FAR = "far"
    UNBOOKED = "unbooked"  # no hour was arranged yet
    OFF_HOUR = "off_hour"  # it was taken at another time than the arranged one
    ELSEWHERE = "elsewhere"  # what is looked at is known to be at another door


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a photo says that it was taken: how unsure the phone was, and how far from the address in metres, None
    while that is not known."""

    doubt_m: float
    metres: int | None


def unproven(policy: NearPolicy, spot: Spot | None, precision: str | None, *, timed: bool) -> Unproven | None:
    """Why a photo does not count by itself; None: it shows where and when it was taken, near the address.

    ``precision``: how exactly the address was found, None where nobody found it yet; ``timed``: it says when.
    """
    if spot is None or spot.doubt_m > policy.phone_m:
        return Unproven.PLACELESS
    if not timed:
        return Unproven.TIMELESS
    if spot.metres is None or precision is None or precision not in policy.unsure_m:
        return Unproven.UNMEASURED
    return Unproven.FAR if is_far(policy, spot.metres, precision, spot.doubt_m) else None


def off_hour(around: AroundHour, taken_at: datetime, slot_at: datetime | None) -> Unproven | None:
    """Why a photo is not of the hour that was arranged; None: it is. Whatever was taken for an earlier hour is not of
    the one that was arranged instead."""
    if slot_at is None:
        return Unproven.UNBOOKED
    return None if slot_at - around.before <= taken_at <= slot_at + around.after else Unproven.OFF_HOUR


class Untimely(StrEnum):
    """Why a moment cannot be when something was captured."""

    BEFORE = "before"  # the task was not open
    AHEAD = "ahead"  # it is still to come


def untimely(taken_at: datetime, opened_at: datetime, received_at: datetime, off: timedelta) -> Untimely | None:
    """Whether something can have been captured then: between the opening of its task and the moment it reaches us, as
    far as a phone's clock is right. A phone without a net brings it days later, but never from before."""
    if taken_at < opened_at - off:
        return Untimely.BEFORE
    return Untimely.AHEAD if taken_at > received_at + off else None


def pack_at(slots: Slots, slot_at: datetime, now: datetime) -> datetime:
    """When a visit's pack is built: ``pack_before`` ahead of the visit at the latest, at once where that is past."""
    return max(now, slot_at - slots.pack_before - PACK_MARGIN)


# Built so much earlier than promised, that a worker which is down for a while still keeps the promise.
PACK_MARGIN = timedelta(hours=12)


class Whose(StrEnum):
    """Whose time a task takes; where several have something to do in an hour, the first of these has it."""

    OURS = "ours"
    OUTSIDE = "outside"  # registries, valuers, notaries
    CUSTOMER = "customer"  # until the hour that they chose


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of one task's life."""

    begun_at: datetime
    ended_at: datetime
    whose: Whose


def spells(created_at: datetime, slot_at: datetime | None, ended_at: datetime, *, outside: bool) -> tuple[Spell, ...]:
    """One task's life: until the hour that the customer chose it waits for them, then for us or an outside body."""
    whose = Whose.OUTSIDE if outside else Whose.OURS
    if slot_at is None or slot_at <= created_at:
        return (Spell(created_at, ended_at, whose),)
    came_at = min(slot_at, ended_at)
    return (Spell(created_at, came_at, Whose.CUSTOMER), Spell(came_at, ended_at, whose))


def times(lived: Sequence[Spell]) -> dict[Whose, timedelta]:
    """How long one loan's tasks took, by whose time it was (journey 2, B2); an hour counts once."""
    taken: dict[Whose, timedelta] = {}
    before = timedelta()
    seen: list[tuple[datetime, datetime]] = []
    for whose in Whose:
        seen += [(one.begun_at, one.ended_at) for one in lived if one.whose is whose]
        whole = sum((end - begin for begin, end in _merged(seen)), timedelta())
        taken[whose], before = whole - before, whole
    return taken


def _merged(stretches: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(stretches):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found

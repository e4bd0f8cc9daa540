"""Tasks outside: what the manager and the customer see of them, with the same clock."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from api.views.reason import Reason


@dataclass(frozen=True, slots=True)
class Still:
    """How many of a thing are still to be brought home."""

    code: str
    many: int


@dataclass(frozen=True, slots=True)
class LateTask:
    """A task that was handed up: who leads it, who has it, and by when it is done now."""

    task_id: UUID
    kind: str
    lead: str | None
    owner: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OfflineCard:
    """A task outside in the inbox. ``needs``: what is to be brought home, ``still``: how many of each; ``due_at``: as
    the customer reads it; ``piece``: the workshop, machine or invoice that it is about, empty for none; ``lead``: who
    was named when it was late; ``late_minutes``: by how much what was promised is past, None while it lies ahead;
    ``missed``: the hour that was arranged has passed."""

    task_id: UUID
    kind: str
    application_id: UUID
    number: int
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)
    why: str
    due_at: datetime
    created_at: datetime
    slot_at: datetime | None
    way: str | None
    needs: tuple[str, ...]
    owner: str | None
    handed_from: str | None
    mine: bool
    reminded: bool
    escalated: bool
    piece: str = field(default="", repr=False)
    still: tuple[Still, ...] = ()
    lead: str | None = None
    late_minutes: int | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class VisitPack:
    """What somebody takes along: what is known, what is to be verified, what to ask."""

    built_at: datetime
    known: tuple[Reason, ...]
    verify: tuple[Reason, ...]
    questions: tuple[Reason, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class LiveVisit:
    """The live video of a task, as one of the two sees it. ``link``: theirs, None until there is a room and, for the
    customer, until they agreed; ``words`` are what they agree to, by ``sha256``; it opens at ``opens_at``."""

    opens_at: datetime
    words: str
    sha256: str
    agreed_at: datetime | None
    link: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class BroughtHome:
    """One thing that was brought home. ``place_source``: the picture itself, or the page that sent it. ``distance_m``:
    from the address in metres, as far as both are known; ``far``: more than the policy lets pass unsaid. A recording
    of a live video has its provider's ``reference``, its end and when was agreed to it. ``doubt``: why it does not
    speak for its task as it is, in words; ``differs``: a number that is not the piece's (which is ``said``), that
    nobody explained or copied anew; ``explained``: what was said of it, by whom and when. ``counts``: whether it speaks
    for its task; ``another``: another person may take it as evidence, ``may_vouch``: whoever looks is one who may."""

    id: UUID
    kind: str
    words: str = field(repr=False)
    latitude: str | None = field(repr=False)
    longitude: str | None = field(repr=False)
    place_source: str | None
    taken_at: datetime | None
    received_at: datetime
    sha256: str | None
    media_type: str | None
    size: int | None
    distance_m: int | None = None
    far: bool = False
    reference: str | None = None
    ended_at: datetime | None = None
    agreed_at: datetime | None = None
    doubt: str = ""
    differs: bool = False
    said: str = field(default="", repr=False)
    explained: str = field(default="", repr=False)
    explained_by: str | None = None
    explained_at: datetime | None = None
    counts: bool = True
    another: bool = False
    may_vouch: bool = False


@dataclass(frozen=True, slots=True)
class OfflineCase:
    """One task outside, with all that belongs to it. ``ways``: how it can be done; ``slots``: when it can be booked;
    ``precision``: how exactly its address was found (None: not looked for yet); ``known_place``: where, as far as
    anything said so before; ``number``: which number of the thing
    is copied there (its certificate's, its plate's, …); ``may_act``, ``may_bring``: whether whoever looks may go on
    with it, or add what they saw;
    ``may_explain``: or say, also when it is over, why a number is not the piece's; ``placed``: its photos count only
    with a place and a time. ``registered``: where the company register has the firm, by which answer of when;
    ``on_file``: where its own file has the piece; ``differs``: where somebody comes is elsewhere, ``place_why``: what a
    manager said of that."""

    card: OfflineCard
    state: str
    phone: str = field(repr=False)
    place: str = field(repr=False)
    booked: bool
    ways: tuple[str, ...]
    slots: tuple[datetime, ...]
    pack: VisitPack | None
    evidence: tuple[BroughtHome, ...]
    result: str | None
    words: str
    precision: str | None = None
    live: LiveVisit | None = None
    known_place: str = field(default="", repr=False)
    number: str = "serial"
    may_act: bool = True
    may_bring: bool = True
    may_explain: bool = False
    placed: bool = False
    registered: str = field(default="", repr=False)
    registered_at: datetime | None = None
    registered_by: str = ""
    differs: bool = False
    place_why: str = field(default="", repr=False)
    on_file: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OutsideDone:
    """What a case has of one task outside: how it ended, what was said of it, and how many things were brought home.
    ``farthest_m``: of its photos from the address in metres, ``far``: how many the policy does not let pass unsaid.
    ``doubts``: what of it does not speak for itself, in words: a picture that served before, a number that is not the
    piece's, with what was said of it."""

    task_id: UUID
    kind: str
    state: str
    result: str | None
    way: str | None
    words: str
    who: str | None
    things: int
    ended_at: datetime | None
    farthest_m: int | None = None
    far: int = 0
    doubts: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class OutsideMeasures:
    """Of a year: applications with tasks outside, how many visits the most visited had, and the median days by whose
    time it was (None: no such application). ``on_time``: tasks that ended by their first promise."""

    applications: int
    tasks: int
    on_time: int
    visits_most: int
    ours_days_p50: str | None
    outside_days_p50: str | None
    customer_days_p50: str | None


@dataclass(frozen=True, slots=True)
class LeaveView:
    """A leave that is not over: who stands in, when the tasks went over, and whether somebody else said it."""

    id: UUID
    begins_at: datetime
    ends_at: datetime
    deputy: str
    handed_at: datetime | None
    said_by_other: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may stand in."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class OfflineStep:
    """A task outside as its customer sees it: who comes, by when, and when it was arranged. ``known_place``: where, as
    far as anything said so before; ``together``: others that are not booked yet and can be seen on the same visit;
    ``lead``, ``late_minutes``, ``missed``: as for :class:`OfflineCard`."""

    task_id: UUID
    application_id: UUID
    kind: str
    title: str
    state: str
    who: str | None
    due_at: datetime
    slot_at: datetime | None
    way: str | None
    place: str = field(repr=False)
    ways: tuple[str, ...]
    slots: tuple[datetime, ...]
    outside: bool
    result: str | None
    live: LiveVisit | None = None
    known_place: str = field(default="", repr=False)
    together: tuple[UUID, ...] = ()
    lead: str | None = None
    late_minutes: int | None = None
    missed: bool = False

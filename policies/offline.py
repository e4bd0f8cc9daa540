"""The file of steps that need a person outside, as the rules take it."""

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from lending.money import Money
from lending.offline import AroundHour, Asked, Captured, Kind, LiveRoom, Needs, OfflinePolicy, Slots
from lending.places import NearPolicy
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount

Times = Annotated[int, Field(ge=0, le=50)]
Span = Annotated[timedelta, Field(gt=timedelta(0))]
A_DAY = timedelta(days=1)


class SlotsSection(Section):
    opens: time
    closes: time
    every: Span
    not_before: Span
    pack_before: Span
    offered: Annotated[int, Field(ge=1, le=20)]


class NeedsSection(Section):
    photo: Times = 0
    serial: Times = 0
    note: Times = 0
    recording: Times = 0
    reference: Times = 0


Metres = Annotated[int, Field(ge=10, le=100_000)]


class UnsureSection(Section):
    house: Metres
    street: Metres


class NearSection(Section):
    far: Metres
    unsure: UnsureSection
    phone: Metres


class LiveSection(Section):
    opens_before: Span
    open_for: Span


class PhonesSection(Section):
    clock_off: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(hours=2))]


class AroundSection(Section):
    before: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(hours=12))]
    after: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(hours=48))]


class AskedSection(Section):
    products: Annotated[tuple[str, ...], Field(min_length=1)]
    above: Amount


class KindSection(Section):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    role: Literal["manager", "officer"]
    within: Span
    kept_open: Span
    booked: bool
    on_its_day: bool = False
    placed: bool = False
    outside: bool
    needs: NeedsSection
    by_video: NeedsSection | None = None
    questions: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")], ...]
    asked: tuple[AskedSection, ...]


class OfflineFile(PolicyFile):
    """All kinds of tasks outside, and when a visit can be booked."""

    currency: Literal["CNY"]
    slots: SlotsSection
    near: NearSection
    live: LiveSection
    around: AroundSection
    phones: PhonesSection
    kinds: Annotated[tuple[KindSection, ...], Field(min_length=1)]


def offline_policy(file: OfflineFile, automatic_limit_minor: int) -> OfflinePolicy:
    """As the rules take it. Raises :class:`PolicyError` for what contradicts itself or asks in vain."""
    ids = [one.id for one in file.kinds]
    if twice := next((one for one in ids if ids.count(one) > 1), None):
        raise PolicyError("offline.yaml", f"kinds.{twice}", "stands here twice")
    if file.slots.pack_before < A_DAY:
        raise PolicyError("offline.yaml", "slots.pack_before", "the pack is built at least 24 hours before")
    if file.slots.not_before < file.slots.pack_before:
        raise PolicyError("offline.yaml", "slots.not_before", "a visit this near would have no pack in time")
    for one in file.kinds:
        if one.on_its_day and not one.booked:
            raise PolicyError("offline.yaml", f"kinds.{one.id}.on_its_day", "no hour can be arranged for it (booked)")
        for rule in one.asked:
            if Money.parse(rule.above).minor < automatic_limit_minor:
                problem = "below the automatic limit (risk_tiers.yaml) no person decides on what was seen"
                raise PolicyError("offline.yaml", f"kinds.{one.id}.asked", problem)
    return OfflinePolicy(
        version=file.version,
        kinds=tuple(_kind(one) for one in file.kinds),
        slots=Slots(**file.slots.model_dump()),
        near=NearPolicy(file.near.far, file.near.unsure.model_dump(), file.near.phone),
        live=LiveRoom(file.live.opens_before, file.live.open_for),
        around=AroundHour(file.around.before, file.around.after),
        clock_off=file.phones.clock_off,
    )


def _kind(one: KindSection) -> Kind:
    return Kind(
        id=one.id,
        role=one.role,
        within=one.within,
        kept_open=one.kept_open,
        booked=one.booked,
        on_its_day=one.on_its_day,
        placed=one.placed,
        outside=one.outside,
        needs=_needs(one.needs),
        by_video=_needs(one.by_video) if one.by_video else None,
        questions=one.questions,
        asked=tuple(Asked(frozenset(rule.products), Money.parse(rule.above).minor) for rule in one.asked),
    )


def _needs(section: NeedsSection) -> Needs:
    counts = {what: getattr(section, what.value) for what in Captured}
    return Needs({what: many for what, many in counts.items() if many})

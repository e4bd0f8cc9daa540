"""The file of who is late and why, and of what is done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from lending.collecting import Does, Segment, Stage, Step, Thresholds, Treatment
from lending.contact_policy import Channel, Purpose
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Fraction

Days = Annotated[int, Field(ge=0, le=720)]
Times = Annotated[int, Field(ge=1, le=50)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
# G2: nobody is called by a person before this day who cures by themselves.
NO_CALL_BEFORE = 5


class ThresholdsSection(Section):
    cures_within_days: Days
    squeezed_below: Fraction
    broken_promises: Times
    unanswered: Times
    channels: Times
    promise_days: Times
    dispute_days: Times
    stages: dict[Stage, Days]


class StepSection(Section):
    name: Name
    day: Days
    does: Does
    purpose: Purpose
    channel: Channel
    kind: Name
    offers_relief: bool = False


class CollectionsFile(PolicyFile):
    thresholds: ThresholdsSection
    treatments: dict[Segment, tuple[StepSection, ...]]


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """Thresholds, and the treatment of each segment."""

    thresholds: Thresholds
    treatments: dict[Segment, Treatment]


def collection_rules(file: CollectionsFile, purposes: Mapping[str, Purpose], in_app: frozenset[str]) -> CollectionRules:
    """Raises :class:`PolicyError` for a segment or stage without words, steps out of order or called alike, a letter
    whose kind has another purpose or channel at the sender, a demand before help for the squeezed (G3), and a call of
    a self-curer before its day (G2)."""
    told = file.thresholds
    if missing := [stage for stage in Stage if stage not in told.stages]:
        raise PolicyError("collections.yaml", "thresholds.stages", f"no day for {', '.join(missing)}")
    if list(told.stages.values()) != sorted(set(told.stages.values())) or told.stages[Stage.DUE] != 0:
        raise PolicyError(
            "collections.yaml", "thresholds.stages", "the first begins on day 0, each later than the last"
        )
    if missing := [segment for segment in Segment if segment not in file.treatments]:
        raise PolicyError("collections.yaml", "treatments", f"no treatment for {', '.join(missing)}")
    thresholds = Thresholds(
        told.cures_within_days,
        told.squeezed_below,
        told.broken_promises,
        told.unanswered,
        told.channels,
        told.promise_days,
        told.dispute_days,
        told.stages,
    )
    for segment, sections in file.treatments.items():
        for one in sections:
            if one.does is Does.LETTER and purposes.get(one.kind) is not one.purpose:
                told_as = purposes.get(one.kind, "unknown")
                raise PolicyError("collections.yaml", f"treatments.{segment}", f"{one.kind} is {told_as} at the sender")
            if one.does is Does.LETTER and (one.kind in in_app) is not (one.channel is Channel.APP):
                raise PolicyError("collections.yaml", f"treatments.{segment}", f"{one.kind} goes by another channel")
    return CollectionRules(
        thresholds, {segment: _treatment(segment, file.version, file.treatments[segment]) for segment in Segment}
    )


def _treatment(segment: Segment, version: str, sections: tuple[StepSection, ...]) -> Treatment:
    key = f"treatments.{segment}"
    steps = tuple(
        Step(one.name, one.day, one.does, one.purpose, one.channel, one.kind, one.offers_relief) for one in sections
    )
    if [step.day for step in steps] != sorted(step.day for step in steps):
        raise PolicyError("collections.yaml", key, "steps stand in the order of their days")
    if len({step.name for step in steps}) != len(steps):
        raise PolicyError("collections.yaml", key, "two steps have one name")
    helped = False
    for step in steps:
        helped = helped or step.offers_relief
        if segment is Segment.SQUEEZED and step.purpose is Purpose.DEMAND and not helped:
            raise PolicyError("collections.yaml", key, f"{step.name} demands before help was offered")
        if segment is Segment.SELF_CURER and step.does is not Does.LETTER and step.day < NO_CALL_BEFORE:
            raise PolicyError("collections.yaml", key, f"{step.name} calls before day {NO_CALL_BEFORE}")
    return Treatment(segment, version, steps)

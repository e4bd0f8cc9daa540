"""What still lies between a case and its money, in order: only the steps that this very case has (X2).

A step's usual time is data (``policies/workbench.yaml``); by when it is done is said only where somebody promised it.
"""

from dataclasses import dataclass
from enum import StrEnum

from lending.applications import Stage


class Way(StrEnum):
    """Steps that are no stage of their own."""

    VISIT = "visit"
    VALUATION = "valuation"
    COMMITTEE = "committee"
    REGISTRATION = "registration"
    CONDITIONS = "conditions"
    RELEASE = "release"


# The way to the money with everything that can be on it, in order.
ORDER: tuple[Stage | Way, ...] = (
    Stage.IDENTITY,
    Stage.CONSENT,
    Stage.EVIDENCE,
    Stage.DECIDING,
    Way.VISIT,
    Way.VALUATION,
    Way.COMMITTEE,
    Stage.OFFERED,
    Stage.SIGNING,
    Way.REGISTRATION,
    Way.CONDITIONS,
    Way.RELEASE,
    Stage.PAYING,
    Stage.FUNDED,
)


@dataclass(frozen=True, slots=True)
class Open:
    """Which of these ways a case has before it, what is done left out; ``now``: the one that it waits for right now."""

    ways: frozenset[Way] = frozenset()
    now: Way | None = None


def ahead(stage: Stage, open_: Open) -> tuple[Stage | Way, ...]:
    """What comes after ``stage``, in order; what a case waits for now is not ahead of it."""
    if stage in (Stage.OPENED, Stage.FUNDED, Stage.DECLINED, Stage.WITHDRAWN, Stage.LAPSED):
        return ()
    begin = {Stage.DRAFT: -1, Stage.REVIEW: ORDER.index(Stage.DECIDING), Stage.PAYING: ORDER.index(Stage.SIGNING)}
    later = ORDER[begin.get(stage, ORDER.index(stage) if stage in ORDER else -1) + 1 :]
    waits = stage is not Stage.PAYING or bool(open_.ways)
    return tuple(one for one in later if _is_ahead(one, open_, waits=waits))


def _is_ahead(one: Stage | Way, open_: Open, *, waits: bool) -> bool:
    match one:
        case Way():
            return one in open_.ways and one is not open_.now
        case Stage.PAYING:
            return waits
        case _:
            return True

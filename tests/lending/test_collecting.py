"""Journey 7: who is late and why, and what is done about it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.collecting import Assigned, Does, Late, Segment, Stage, assign, next_day, next_step, stage_of
from lending.contact_policy import Channel, Purpose
from policies.book import load
from policies.collections import CollectionsFile, collection_rules
from policies.files import PolicyError

RULES = load(date(2026, 12, 1)).collections
FIRST = Late(days_past_due=5, past_due_minor=100_000, recent_minor=2_000_000, usual_minor=2_000_000)


def told(**changed: Any) -> Assigned:
    return assign(replace(FIRST, **changed), RULES.thresholds)


@pytest.mark.parametrize(
    ("changed", "segment", "reason"),
    [
        ({}, Segment.FORGETFUL, "never_late_before"),
        ({"earlier": (3, 6), "unaided": 2}, Segment.SELF_CURER, "paid_by_themselves_before"),
        ({"earlier": (3, 6), "unaided": 1}, Segment.FORGETFUL, "earns_as_usual"),
        ({"earlier": (3, 8), "unaided": 2}, Segment.FORGETFUL, "earns_as_usual"),
        ({"recent_minor": 1_399_999}, Segment.SQUEEZED, "sales_are_down"),
        ({"recent_minor": 1_400_000}, Segment.FORGETFUL, "never_late_before"),
        ({"recent_minor": -5}, Segment.SQUEEZED, "sales_are_down"),
        ({"recent_minor": None, "earlier": (40,)}, Segment.SQUEEZED, "means_unknown"),
        ({"disputed": True, "recent_minor": 0}, Segment.DISPUTING, "says_it_is_not_owed"),
        ({"promises_broken": 2}, Segment.UNWILLING, "promises_broken"),
        ({"promises_broken": 2, "recent_minor": 0}, Segment.SQUEEZED, "sales_are_down"),
        ({"unanswered": {Channel.CALL: 2, Channel.MESSAGE: 2}}, Segment.UNREACHABLE, "nothing_was_answered"),
        ({"unanswered": {Channel.CALL: 9}}, Segment.FORGETFUL, "never_late_before"),
        ({"unanswered": {Channel.CALL: 2, Channel.MESSAGE: 2}, "answered": True}, Segment.FORGETFUL, "never_late_before"),  # noqa: E501
        ({"days_past_due": 61, "earlier": (40,)}, Segment.UNWILLING, "earns_as_usual"),
    ],
)  # fmt: skip
def test_g1_the_segment_follows_from_what_is_said_the_means_and_the_habits(
    changed: dict[str, Any], segment: Segment, reason: str
) -> None:
    found = told(**changed)
    assert (found.segment, found.reason) == (segment, reason)


def test_g1_the_reason_keeps_the_figures_that_it_rests_on() -> None:
    assert told(recent_minor=600_000).figures == {"recent_minor": 600_000, "usual_minor": 2_000_000}
    assert told(earlier=(2, 7), unaided=2).figures == {"times": 2, "days": 7}


@given(
    days=st.integers(0, 900), recent=st.integers(-10, 10**10), usual=st.integers(1, 10**10), broken=st.integers(0, 9)
)
def test_g3_nobody_whose_sales_are_down_is_called_unwilling_and_each_late_day_has_a_stage(
    days: int, recent: int, usual: int, broken: int
) -> None:
    found = told(days_past_due=days, recent_minor=recent, usual_minor=usual, promises_broken=broken)
    if Decimal(recent) < usual * RULES.thresholds.squeezed_below:
        assert found.segment is Segment.SQUEEZED
    assert stage_of(days, RULES.thresholds) is found.stage


def test_g2_who_pays_by_themselves_hears_one_notice_and_no_call_before_day_five() -> None:
    treatment = RULES.treatments[Segment.SELF_CURER]
    before = [step for step in treatment.steps if step.day < 5]
    assert [(step.does, step.channel) for step in before] == [(Does.LETTER, Channel.APP)]


def test_g3_the_squeezed_are_offered_help_before_anything_is_demanded() -> None:
    steps = RULES.treatments[Segment.SQUEEZED].steps
    first_demand = next(n for n, step in enumerate(steps) if step.purpose is Purpose.DEMAND)
    assert any(step.offers_relief for step in steps[:first_demand])


def test_whoever_moves_between_segments_hears_nothing_twice() -> None:
    taken: set[str] = set()
    for day, segment in ((1, Segment.FORGETFUL), (4, Segment.FORGETFUL), (9, Segment.UNWILLING)):
        step = next_step(RULES.treatments[segment], day, frozenset(taken))
        assert step is not None
        assert step.name not in taken
        taken.add(step.name)
    assert taken == {"notice", "letter", "call"}
    assert next_day(RULES.treatments[Segment.UNWILLING], 9, frozenset(taken)) == 15
    assert next_step(RULES.treatments[Segment.UNWILLING], 9, frozenset(taken)) is None


def test_a_stage_begins_on_its_day() -> None:
    assert [stage_of(day, RULES.thresholds) for day in (0, 3, 4, 30, 31, 60, 61)] == [
        *(Stage.DUE, Stage.DUE, Stage.EARLY, Stage.EARLY, Stage.MIDDLE, Stage.MIDDLE, Stage.LATE),
    ]


PURPOSES, IN_APP = load().purposes, load().in_app
STEP = {"name": "call", "day": 1, "does": "call", "purpose": "demand", "channel": "call", "kind": "late_call"}


@pytest.mark.parametrize(
    ("segment", "steps", "said"),
    [
        ("self_curer", [STEP], "call calls before day 5"),
        ("squeezed", [STEP], "call demands before help was offered"),
        ("unwilling", [STEP | {"day": 9}, STEP | {"name": "again", "day": 2}], "in the order of their days"),
        ("unwilling", [STEP, STEP], "two steps have one name"),
    ],
)
def test_a_treatment_that_would_do_harm_stops_the_start(segment: str, steps: list[Any], said: str) -> None:
    from policies.book import ROOT
    from policies.files import read_file

    file = read_file(ROOT / "collections.yaml", CollectionsFile)
    changed = file.model_dump(mode="json")
    changed["treatments"][segment] = steps
    with pytest.raises(PolicyError, match=said):
        collection_rules(CollectionsFile.model_validate(changed), PURPOSES, IN_APP)

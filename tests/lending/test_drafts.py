"""Drafts: two people at once lose nothing, and a reminder never nags."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.application_steps import KEPT, MOST_PAGES, MOST_TYPED, STEPS, Channel, step_of, steps_of, typed
from lending.applications import RULES, Actor, Stage
from lending.drafts import REMIND_AFTER, Differs, Draft, NoSuchField, reminds, save
from policies.book import load

AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
NAMES = st.sampled_from(KEPT)
TEXTS = st.text(alphabet="abc小满12", max_size=4)


def test_a2_one_graph_has_at_most_seven_pages_twenty_five_typed_fields_and_one_authentication() -> None:
    assert len(STEPS) <= MOST_PAGES == 7
    for profile in load().profiles.values():
        assert len(steps_of(profile)) == len(STEPS)
        assert typed(profile) <= MOST_TYPED == 25, profile.kind
    assert [step.name for step in STEPS if any(field.name == "phone" for field in step.fields)] == ["sign_in"]


def test_every_stage_in_which_the_owner_acts_has_its_page() -> None:
    for stage, rule in RULES.items():
        if rule.actor is Actor.OWNER:
            assert step_of(stage) is not None, stage
    assert step_of(Stage.FUNDED) is None


def test_no_code_no_password_and_no_consent_is_ever_kept_in_a_draft() -> None:
    assert not {"code", "password", "consent", "phone", "files"} & set(KEPT)
    with pytest.raises(NoSuchField):
        save(Draft({}), {"code": "123456"}, seen=0, channel=Channel.OWNER)


def test_different_fields_of_two_channels_are_both_kept() -> None:
    begun = save(Draft({}), {"name": "陈小满"}, seen=0, channel=Channel.OWNER)
    owner = save(begun, {"bank": "工商银行"}, seen=1, channel=Channel.OWNER)
    both = save(owner, {"firm_name": "小满面馆"}, seen=1, channel=Channel.MANAGER)
    assert {name: one.value for name, one in both.fields.items()} == {
        "name": "陈小满",
        "bank": "工商银行",
        "firm_name": "小满面馆",
    }
    assert both.fields["firm_name"].channel is Channel.MANAGER


def test_the_same_field_of_two_channels_is_shown_to_the_second_and_not_overwritten() -> None:
    begun = save(Draft({}), {"bank": "工商银行"}, seen=0, channel=Channel.OWNER)
    theirs = save(begun, {"bank": "农业银行"}, seen=1, channel=Channel.MANAGER)
    with pytest.raises(Differs) as no:
        save(theirs, {"bank": "建设银行", "name": "陈小满"}, seen=1, channel=Channel.OWNER)
    (one,) = no.value.differences
    assert (one.name, one.theirs, one.channel, one.mine) == ("bank", "农业银行", Channel.MANAGER, "建设银行")
    decided = save(theirs, {"bank": "建设银行", "name": "陈小满"}, seen=theirs.version, channel=Channel.OWNER)
    assert decided.fields["bank"].value == "建设银行"


@given(st.lists(st.tuples(st.integers(0, 5), st.dictionaries(NAMES, TEXTS, max_size=3)), max_size=12))
def test_whoever_saves_what_nothing_is_lost_unseen(saves: list[tuple[int, dict[str, str]]]) -> None:
    """Whatever a save replaces, its author had seen; a save that is refused changes nothing."""
    draft = Draft({})
    for behind, fields in saves:
        seen, before = max(0, draft.version - behind), draft
        try:
            draft = save(draft, fields, seen=seen, channel=Channel.OWNER)
        except Differs:
            assert draft is before
            continue
        for name, one in before.fields.items():
            if draft.fields[name].value != one.value:
                assert one.version <= seen


@pytest.mark.parametrize(("text", "code"), [("x" * 201, "too_long"), ("a\x00b", "not_text")])
def test_what_is_no_answer_to_any_field_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(NoSuchField) as no:
        save(Draft({}), {"name": text}, seen=0, channel=Channel.OWNER)
    assert (no.value.name, no.value.code) == ("name", code)


@given(st.lists(st.floats(min_value=0.1, max_value=40), min_size=1, max_size=60), st.booleans())
def test_reminders_are_never_two_in_a_day_never_more_than_three_and_none_after_opt_out(
    hours: list[float], wanted: bool
) -> None:
    now, reminded, last, sent = AT, 0, None, []
    for pause in hours:
        now += timedelta(hours=pause)
        if reminds(now, changed_at=AT, reminded=reminded, reminded_at=last, wanted=wanted):
            sent.append(now)
            reminded, last = reminded + 1, now
    assert all(second - first >= REMIND_AFTER for first, second in itertools.pairwise(sent))
    assert len(sent) <= 3
    assert wanted or not sent

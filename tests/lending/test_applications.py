import copy
import pickle
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from lending import refusals
from lending.applications import RULES, Actor, FiveStages, Stage, advance, is_over, next_stages
from lending.consents import TERMS, Consent, Purpose, missing, require, text_hash
from lending.refusals import (
    ALL_REFUSALS,
    ConsentMissing,
    NotEnoughHistory,
    NotInThisStage,
    Refusal,
    WrongCode,
    refusal_from,
)

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


# --- stages ----------------------------------------------------------------------------------------------------------
def test_every_stage_says_who_acts_by_when_and_what_the_public_sees() -> None:
    assert set(RULES) == set(Stage)
    for stage, rule in RULES.items():
        assert isinstance(rule.public, FiveStages)
        assert (rule.answer_within is None) == is_over(stage) == (rule.actor is Actor.NOBODY)


def test_the_straight_way_leads_to_the_money() -> None:
    way = [
        Stage.DRAFT, Stage.IDENTITY, Stage.CONSENT, Stage.EVIDENCE, Stage.DECIDING,
        Stage.OFFERED, Stage.SIGNING, Stage.PAYING, Stage.FUNDED,
    ]  # fmt: skip
    for here, there in pairwise(way):
        assert advance(here, there) is there


def test_nobody_skips_a_stage_nor_leaves_an_end() -> None:
    with pytest.raises(NotInThisStage):
        advance(Stage.DRAFT, Stage.OFFERED)
    with pytest.raises(NotInThisStage):
        advance(Stage.FUNDED, Stage.PAYING)
    with pytest.raises(NotInThisStage):
        advance(Stage.PAYING, Stage.SIGNING)


def test_from_every_stage_the_application_can_end() -> None:
    ends = {stage for stage in Stage if is_over(stage)}
    for stage in Stage:
        reached, frontier = {stage}, [stage]
        while frontier:
            for following in next_stages(frontier.pop()):
                if following not in reached:
                    reached.add(following)
                    frontier.append(following)
        assert reached & ends


def test_until_money_moves_the_owner_may_always_withdraw() -> None:
    for stage, rule in RULES.items():
        if not is_over(stage):
            assert Stage.WITHDRAWN in rule.leads_to, stage


# --- refusals --------------------------------------------------------------------------------------------------------
def test_refusals_have_one_stable_code_each() -> None:
    codes = [refusal.code for refusal in refusals.type_of.values()]
    assert len(codes) == len(set(codes)) >= len(ALL_REFUSALS)
    with pytest.raises(TypeError, match="share the code"):
        type("Another", (Refusal,), {}, code="wrong_code")


def test_a_refusal_crosses_a_process_border() -> None:
    for refusal in ALL_REFUSALS:
        said = refusal(**dict.fromkeys(refusal.params_needed, 3))
        back = refusal_from(type(said).__name__, str(said))
        assert type(back) is refusal
        assert back.params == said.params
        assert type(pickle.loads(pickle.dumps(said))) is refusal  # noqa: S301
        assert copy.copy(said).params == said.params


def test_what_is_no_refusal_is_not_made_one() -> None:
    assert refusal_from("ValueError", "{}") is None
    assert refusal_from("WrongCode", "not json") is None


def test_a_refusal_takes_what_its_text_needs() -> None:
    assert NotEnoughHistory(months_seen=1, months_needed=3).params == {"months_seen": 1, "months_needed": 3}
    with pytest.raises(TypeError, match="tries_left"):
        WrongCode()
    with pytest.raises(TypeError, match="takes"):
        WrongCode(tries_left=1, phone="no personal data")


# --- consents --------------------------------------------------------------------------------------------------------
def test_a_consent_allows_its_purpose_until_it_ends_or_is_taken_back() -> None:
    given = Consent(Purpose.BUREAU_QUERY, "h", NOW)
    assert require(Purpose.BUREAU_QUERY, [given], NOW) is given
    for when in (NOW - timedelta(seconds=1), NOW + timedelta(days=30)):
        with pytest.raises(ConsentMissing):
            require(Purpose.BUREAU_QUERY, [given], when)
    with pytest.raises(ConsentMissing):
        require(Purpose.SHARING, [given], NOW)
    revoked = Consent(Purpose.BUREAU_QUERY, "h", NOW, NOW + timedelta(hours=1))
    assert require(Purpose.BUREAU_QUERY, [revoked], NOW) is revoked
    with pytest.raises(ConsentMissing) as refusal:
        require(Purpose.BUREAU_QUERY, [revoked], NOW + timedelta(hours=1))
    assert refusal.value.params == {"purpose": "bureau_query"}


def test_the_newest_consent_counts_and_the_missing_are_named() -> None:
    old = Consent(Purpose.SHARING, "old", NOW - timedelta(days=9))
    new = Consent(Purpose.SHARING, "new", NOW)
    assert require(Purpose.SHARING, [new, old], NOW) is new
    assert missing([new], NOW) == (Purpose.FLOWS_ANALYSIS, Purpose.BUREAU_QUERY)


def test_other_words_are_another_consent() -> None:
    asked = TERMS[Purpose.SHARING]
    assert text_hash(asked, "a") != text_hash(asked, "b") != text_hash(TERMS[Purpose.BUREAU_QUERY], "b")

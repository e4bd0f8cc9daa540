"""P34: the committee's vote, counted by rules that are data, each vote bound to the case as voted on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.committee import Outcome, Say, Vote, convene, count, everybody_spoke
from lending.refusals import CommitteeTooSmall
from policies.book import load

RULES = load().committee
CASE, OTHER = "a" * 64, "b" * 64
MEMBERS = ("chair", "li", "wang", "zhao", "qian")


def words(**said: str) -> list[Vote]:
    """Each member's word on the case as it is; ``x`` before it: on another one."""
    return [Vote(who, Say(say.removeprefix("x")), OTHER if say.startswith("x") else CASE) for who, say in said.items()]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"chair": "yes", "li": "yes", "wang": "yes"}, Outcome.PASSED),
        ({"chair": "yes", "li": "yes", "wang": "no"}, Outcome.PASSED),
        ({"chair": "yes", "li": "no", "wang": "no"}, Outcome.REFUSED),
        ({"chair": "no", "li": "yes", "wang": "yes", "zhao": "yes", "qian": "yes"}, Outcome.REFUSED),
        ({"chair": "yes", "li": "yes"}, Outcome.NO_QUORUM),
        ({"chair": "yes", "li": "yes", "wang": "abstain", "zhao": "recused"}, Outcome.NO_QUORUM),
        ({"chair": "yes", "li": "yes", "wang": "xyes"}, Outcome.VOID),
        ({"chair": "xyes", "li": "yes", "wang": "yes", "zhao": "yes"}, Outcome.PASSED),
    ],
)
def test_p34_votes_are_counted_with_quorum_recusal_and_the_chairs_no(said: dict[str, str], outcome: Outcome) -> None:
    assert count(words(**said), chair="chair", case_hash=CASE, rules=RULES).outcome is outcome


def test_p34_the_chair_does_not_override_a_no_unless_the_rule_says_so() -> None:
    said = words(chair="yes", li="no", wang="no", zhao="no")
    assert count(said, chair="chair", case_hash=CASE, rules=RULES).outcome is Outcome.REFUSED
    lax = replace(RULES, chair_overrides=True)
    assert count(said, chair="chair", case_hash=CASE, rules=lax).outcome is Outcome.PASSED
    no_veto = replace(RULES, chair_stops=False)
    assert count(words(chair="no", li="yes", wang="yes"), chair="chair", case_hash=CASE, rules=no_veto).outcome is (
        Outcome.PASSED
    )


def test_p34_a_changed_case_voids_votes_by_name_and_the_last_word_of_a_member_counts() -> None:
    said = [*words(chair="yes", li="yes", wang="xyes"), Vote("li", Say.NO, CASE, n=2)]
    tally = count(said, chair="chair", case_hash=CASE, rules=RULES)
    assert (tally.yes, tally.no, tally.void, tally.outcome) == (("chair",), ("li",), ("wang",), Outcome.VOID)
    again = [*said, Vote("wang", Say.YES, CASE, n=2)]
    assert count(again, chair="chair", case_hash=CASE, rules=RULES).outcome is Outcome.PASSED
    assert not everybody_spoke(said, ("chair", "li", "wang"), CASE)
    assert everybody_spoke(again, ("chair", "li", "wang"), CASE)


def test_p34_a_committee_has_its_members_each_person_once_and_its_chair_among_them() -> None:
    assert convene(("li", "wang", "li"), "chair", RULES) == ("chair", "li", "wang")
    with pytest.raises(CommitteeTooSmall) as no:
        convene(("li", "li"), "chair", RULES)
    assert no.value.params == {"least": 3}


@given(st.lists(st.tuples(st.sampled_from(MEMBERS), st.sampled_from(list(Say)), st.sampled_from([CASE, OTHER]))))
def test_p34_nothing_passes_without_its_quorum_nor_against_the_chair(said: list[tuple[str, Say, str]]) -> None:
    votes = [Vote(who, say, hash_, n) for n, (who, say, hash_) in enumerate(said, start=1)]
    tally = count(votes, chair="chair", case_hash=CASE, rules=RULES)
    spoke = {*tally.yes, *tally.no, *tally.abstained, *tally.recused, *tally.void}
    assert spoke == {vote.employee for vote in votes}
    if tally.outcome is Outcome.PASSED:
        assert len(tally.yes) + len(tally.no) >= RULES.quorum
        assert 3 * len(tally.yes) >= 2 * (len(tally.yes) + len(tally.no))
        assert "chair" not in tally.no

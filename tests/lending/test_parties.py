"""Parties by role (P2): no money before every party has signed these very terms, and a part that ends has a name."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.consents import ROLE_PURPOSE, TERMS
from lending.judging import conditions, judge
from lending.parties import GUARANTEE_ASKED, INVITED, LIVES, Liability, Party, PartyState, Role, in_the_way, part_hash
from lending.verdicts import GuarantorRule, Outcome, Ratios, Request, Score, ScoreReason
from policies.book import load

PARTIES = st.lists(
    st.builds(
        Party,
        role=st.sampled_from(INVITED),
        state=st.sampled_from(PartyState),
        required=st.booleans(),
        signed_for=st.sampled_from((None, "these", "others")),
    ),
    max_size=5,
)
SIGNED = Party(Role.GUARANTOR, PartyState.SIGNED, signed_for="these")


def test_p2_whoever_was_invited_stands_in_the_way_until_they_have_signed_these_very_terms() -> None:
    for state in LIVES:
        awaited = Party(Role.GUARANTOR, state, signed_for="others" if state is PartyState.SIGNED else None)
        assert in_the_way([awaited], "these") == (Role.GUARANTOR,)
    assert in_the_way([SIGNED], "these") == ()
    assert in_the_way([SIGNED], "a plan that was chosen later") == (Role.GUARANTOR,)
    assert in_the_way([], "these") == ()


@pytest.mark.parametrize("end", [PartyState.DECLINED, PartyState.LAPSED, PartyState.REMOVED])
def test_a_part_that_ended_is_in_nobodys_way_unless_the_decision_asks_for_it(end: PartyState) -> None:
    assert in_the_way([Party(Role.GUARANTOR, end)], "these") == ()
    asked = Party(Role.GUARANTOR, end, required=True)
    assert in_the_way([asked], "these") == (Role.GUARANTOR,)
    assert in_the_way([asked, SIGNED], "these") == ()


def test_an_agent_needs_the_legal_representative() -> None:
    required = (Role.REPRESENTATIVE,)
    assert in_the_way([], "these", required) == required
    gives = Party(Role.REPRESENTATIVE, PartyState.SIGNED, signed_for="these")
    assert in_the_way([gives], "these", required) == ()


@given(PARTIES)
def test_money_moves_only_where_every_living_and_every_required_part_is_signed(parties: list[Party]) -> None:
    def signed(party: Party) -> bool:
        return party.state in (PartyState.SIGNED, PartyState.BOUND) and party.signed_for == "these"

    free = not in_the_way(parties, "these")
    living = all(signed(party) for party in parties if party.state in LIVES)
    covered = all(any(signed(one) and one.role is party.role for one in parties) for party in parties if party.required)
    assert free == (living and covered)


def test_each_part_has_its_own_words_and_a_guarantee_always_says_which() -> None:
    asked = {(role, None) for role in INVITED if role is not Role.GUARANTOR}
    asked |= {(Role.GUARANTOR, one) for one in Liability}
    assert set(ROLE_PURPOSE) == asked
    assert (Role.GUARANTOR, None) not in ROLE_PURPOSE
    assert all(TERMS[purpose].of_role for purpose in ROLE_PURPOSE.values())


def test_what_a_party_signs_differs_in_whatever_it_answers_for() -> None:
    kinds = [(Role.CO_BORROWER, None), *((Role.GUARANTOR, one) for one in Liability)]
    hashes = {
        part_hash(party_id=who, terms_hash=terms, role=role, liability=liability, amount_minor=amount)
        for who, terms, (role, liability), amount in product("ab", "xy", kinds, (None, 1, 2))
    }
    assert len(hashes) == 2 * 2 * 3 * 3


@pytest.mark.parametrize(
    ("grade", "amount_minor", "asked"),
    [
        ("A", 250_000_00, False),
        ("A", 250_000_01, True),
        ("C", 200_000_00, False),
        ("C", 200_000_01, True),
        ("B", 200_000_01, False),
        ("D", 300_000_00, True),
    ],
)
def test_p2_a_row_of_the_policy_asks_for_a_guarantor_by_itself(grade: str, amount_minor: int, asked: bool) -> None:
    policy = load().policy("revenue_linked_working_capital")
    found = [reason.code for reason in conditions(policy, grade, amount_minor)]
    assert found == ([GUARANTEE_ASKED] if asked else [])


def test_p2_a_machines_yes_says_the_guarantor_first_and_a_grade_that_is_none_is_refused() -> None:
    policy = load().policy("revenue_linked_working_capital")
    asks = replace(policy, guarantors=(GuarantorRule(1_000_00),))
    firm = Ratios(14, 6_000_000, months_in_trade=40, kind="company", trade="catering", area="330106")
    score = Score(Decimal("0.01"), "A", Decimal("0.9"), (ScoreReason("steady_sales", Decimal(-1)),))
    yes = judge(score, firm, asks, Request(50_000_00, 12))
    assert (yes.outcome, [reason.code for reason in yes.reasons]) == (
        Outcome.APPROVE,
        [GUARANTEE_ASKED, "steady_sales"],
    )
    assert judge(score, firm, policy, Request(50_000_00, 12)).reasons[0].code == "steady_sales"
    with pytest.raises(ValueError, match="no such grade: Z"):
        replace(policy, guarantors=(GuarantorRule(1, ("Z",)),))

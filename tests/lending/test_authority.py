"""P34: who may approve what, as a table; what is above somebody goes up; nobody approves what they have a part in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.authority import AuthorityTable, Exceeds, Exceptional, Involved, Row, Wanted, exceeded, goes_to, require
from lending.case_changes import Change, case_hash, changes
from lending.conditions import ConditionKind, Owner, Proof, Shown, prove
from lending.refusals import AuthorityExceeded, ManagerOfCase, ProofDoesNotFit, SelfApproval
from policies.book import load

TABLE = load().authority
SMALL = Wanted(amount_minor=8_000_000, group_minor=8_000_000, grade="B", secured=False)
NOBODY = Involved()


@pytest.mark.parametrize(
    ("changed", "above", "role"),
    [
        ({}, (), "manager"),
        ({"amount_minor": 20_000_001}, (Exceeds.AMOUNT,), "officer"),
        ({"amount_minor": 20_000_001, "secured": True}, (), "manager"),
        ({"amount_minor": 25_000_001}, (Exceeds.AMOUNT,), "committee"),
        ({"group_minor": 50_000_001}, (Exceeds.GROUP,), "officer"),
        ({"grade": "E"}, (Exceeds.GRADE,), "officer"),
        ({"grade": None, "exceptions": frozenset({Exceptional.NO_SCORE})}, (), "manager"),
        ({"exceptions": frozenset({Exceptional.WARNED})}, (Exceeds.EXCEPTION,), "officer"),
        ({"exceptions": frozenset({Exceptional.LIMIT_BROKEN})}, (Exceeds.EXCEPTION,), "committee"),
        ({"amount_minor": 90_000_000, "grade": "E"}, (Exceeds.AMOUNT, Exceeds.GRADE), "committee"),
    ],
)
def test_p34_the_authority_table_weighs_amount_group_grade_security_and_exceptions(
    changed: dict[str, object], above: tuple[Exceeds, ...], role: str
) -> None:
    wanted = replace(SMALL, **changed)
    assert exceeded(TABLE.by_role["manager"], wanted) == above
    assert goes_to(TABLE, wanted).role == role


def test_p34_a_yes_above_somebody_is_refused_by_name_and_says_whose_it_is() -> None:
    large = replace(SMALL, amount_minor=24_000_000)
    with pytest.raises(AuthorityExceeded) as no:
        require(TABLE, large, roles={"manager"}, employee="mei", involved=NOBODY)
    assert no.value.params == {"exceeds": "amount", "goes_to": "officer"}
    assert require(TABLE, large, roles={"officer"}, employee="li", involved=NOBODY).role == "officer"
    with pytest.raises(AuthorityExceeded):
        require(TABLE, SMALL, roles={"operations"}, employee="wu", involved=NOBODY)


@pytest.mark.parametrize(
    ("involved", "no"),
    [(Involved(managers=frozenset({"li"})), ManagerOfCase), (Involved(tied=frozenset({"li"})), SelfApproval)],
)
def test_p34_nobody_approves_their_own_nor_what_they_brought_as_its_manager(
    involved: Involved, no: type[Exception]
) -> None:
    with pytest.raises(no):
        require(TABLE, SMALL, roles={"officer"}, employee="li", involved=involved)
    assert require(TABLE, SMALL, roles={"officer"}, employee="wang", involved=involved).role == "officer"


AMOUNTS = st.integers(min_value=1, max_value=10**10)


@given(
    amount=AMOUNTS,
    more=AMOUNTS,
    group=AMOUNTS,
    grade=st.sampled_from([None, *"ABCDE"]),
    secured=st.booleans(),
    exceptions=st.frozensets(st.sampled_from(list(Exceptional))),
)
def test_p34_everything_has_a_role_that_may_decide_it_and_more_never_needs_less(
    amount: int, more: int, group: int, grade: str | None, secured: bool, exceptions: frozenset[Exceptional]
) -> None:
    wanted = Wanted(amount, group, grade, secured, exceptions)
    order = [row.role for row in TABLE.rows]
    here = order.index(goes_to(TABLE, wanted).role)
    larger = replace(wanted, amount_minor=amount + more, group_minor=group + more)
    assert order.index(goes_to(TABLE, larger).role) >= here
    assert order.index(goes_to(TABLE, replace(wanted, secured=True)).role) <= here or not secured


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((Row("manager", 1, 1, 1, None, None, False),), "committee's"),
        (
            (
                Row("manager", 2, 2, 2, None, None, False),
                Row("officer", 1, 2, 2, None, None, True),
                Row("committee", None, None, None, None, None, True),
            ),
            "officer: may approve at least",
        ),
        ((Row("committee", 5, None, None, None, None, True),), "no limit"),
    ],
)
def test_a_table_in_which_the_higher_may_less_is_refused(rows: tuple[Row, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        AuthorityTable(rows)


# --- what changed -----------------------------------------------------------------------------------------------------

SEEN = {"asked.amount_minor": "8000000", "check.face": "asked", "around.messages": "1"}


def test_p34_what_changed_is_told_field_by_field() -> None:
    now = {"asked.amount_minor": "9000000", "check.face": "asked", "bill.ab12cd34": "read", "around.messages": "2"}
    assert changes({**SEEN, "paper.lease.1": "received"}, now) == (
        Change("around.messages", "1", "2"),
        Change("asked.amount_minor", "8000000", "9000000"),
        Change("bill.ab12cd34", None, "read"),
        Change("paper.lease.1", "received", None),
    )
    assert changes(SEEN, dict(SEEN)) == ()


def test_p34_a_message_makes_no_other_case_and_any_figure_does() -> None:
    assert case_hash({**SEEN, "around.messages": "9"}) == case_hash(SEEN)
    assert case_hash({**SEEN, "check.face": "match"}) != case_hash(SEEN)
    assert case_hash({"a": "b", "c": ""}) != case_hash({"a": "", "c": "b"})


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=5), st.text(max_size=6), st.text(max_size=6))
def test_a_field_more_or_another_value_is_another_hash(fields: dict[str, str], name: str, value: str) -> None:
    name = f"x.{name}"
    if fields.get(name) != value:
        assert case_hash({**fields, name: value}) != case_hash(fields)


# --- conditions -------------------------------------------------------------------------------------------------------

ASKED = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
KIND = ConditionKind("claim_ended", Owner.CUSTOMER, frozenset({Proof.REGISTER, Proof.DOCUMENT}), timedelta(days=15))


@pytest.mark.parametrize(
    ("shown", "problem"),
    [
        (Shown(Proof.SIGNED, ASKED + timedelta(days=1)), "another_kind"),
        (Shown(Proof.DOCUMENT, ASKED + timedelta(days=1), accepted=False), "not_accepted"),
        (Shown(Proof.REGISTER, ASKED), "older"),
        (Shown(Proof.DOCUMENT, ASKED - timedelta(days=3)), "older"),
    ],
)
def test_p34_a_condition_takes_a_proof_of_its_kind_accepted_and_nothing_from_before_it(
    shown: Shown, problem: str
) -> None:
    with pytest.raises(ProofDoesNotFit) as no:
        prove(KIND, ASKED, shown)
    assert no.value.params == {"proof_problem": problem}


def test_p34_a_register_or_a_paper_that_comes_after_the_yes_proves_it() -> None:
    prove(KIND, ASKED, Shown(Proof.REGISTER, ASKED + timedelta(seconds=1)))
    prove(KIND, ASKED, Shown(Proof.DOCUMENT, ASKED + timedelta(days=3)))

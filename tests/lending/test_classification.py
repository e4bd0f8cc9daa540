"""P30: what the law makes of a loan, what people may add, and that the books beside the claim always tie."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending import impairment
from lending.accounts import Account
from lending.classification import Because, Facts, Said, classify, debtor_is_bad, may_be_said, provision, worse
from lending.ledger import EntryKind, trial_balance
from lending.maturity import Class, Label
from policies.book import ROOT, load
from policies.classification import ClassificationFile, class_rules
from policies.files import PolicyError, read_file

RULES = load().classes
ON = date(2027, 6, 1)
AT = datetime(2027, 6, 1, 20, tzinfo=UTC)
LOAN = UUID(int=7)


@pytest.mark.parametrize(
    ("days", "klass", "accrues"),
    [
        (0, Class.NORMAL, True),
        (1, Class.SPECIAL_MENTION, True),
        (89, Class.SPECIAL_MENTION, True),
        (90, Class.SPECIAL_MENTION, False),
        (91, Class.SUBSTANDARD, False),
        (270, Class.SUBSTANDARD, False),
        (271, Class.DOUBTFUL, False),
        (360, Class.DOUBTFUL, False),
        (361, Class.LOSS, False),
    ],
)
def test_p30_days_past_due_make_the_class_and_end_the_income(days: int, klass: Class, accrues: bool) -> None:
    made = classify(Facts(days), ON, RULES)
    assert (made.klass, made.accrues) == (klass, accrues)


def test_p30_what_was_refinanced_or_extended_is_not_normal_and_what_was_renewed_may_be() -> None:
    assert classify(Facts(0, label=Label.REFINANCING), ON, RULES).because is Because.REFINANCED
    assert classify(Facts(0, label=Label.EXTENSION), ON, RULES).klass is Class.SPECIAL_MENTION
    assert classify(Facts(0, label=Label.RENEWAL), ON, RULES).klass is Class.NORMAL


def test_p30_bad_becomes_good_only_after_six_months_as_agreed() -> None:
    paid = Facts(0, was=Class.LOSS, last_late_on=date(2027, 1, 10))
    assert classify(paid, date(2027, 7, 9), RULES).because is Because.OBSERVED
    assert classify(paid, date(2027, 7, 9), RULES).klass is Class.SUBSTANDARD
    assert classify(paid, date(2027, 7, 10), RULES).klass is Class.NORMAL
    assert not may_be_said(Class.NORMAL, paid, date(2027, 7, 9), RULES), "and no two people shorten it"


def test_p30_more_than_a_tenth_of_a_firms_debt_bad_makes_all_of_it_bad() -> None:
    assert not debtor_is_bad([(Class.NORMAL, 900), (Class.SUBSTANDARD, 100)], RULES)
    assert debtor_is_bad([(Class.NORMAL, 899), (Class.SUBSTANDARD, 101)], RULES)
    made = classify(Facts(0), ON, RULES, debtor_is_bad=True)
    assert (made.klass, made.because, made.accrues) == (Class.SUBSTANDARD, Because.DEBTOR, False)


@given(
    days=st.integers(0, 500),
    said=st.sampled_from(list(Class)),
    label=st.sampled_from([None, *Label]),
    was=st.sampled_from(list(Class)),
    ago=st.one_of(st.none(), st.integers(0, 400)),
    bad=st.booleans(),
)
def test_p30_people_make_a_class_worse_and_never_better_than_the_law_but_for_a_technical_lateness(
    days: int, said: Class, label: Label | None, was: Class, ago: int | None, bad: bool
) -> None:
    late_on = None if ago is None else ON - timedelta(days=ago)
    facts = Facts(days, ON - timedelta(days=days) if days else None, label, was, late_on)
    alone = classify(facts, ON, RULES, debtor_is_bad=bad)
    together = classify(replace(facts, said=Said(said, facts.past_due_since)), ON, RULES, debtor_is_bad=bad)
    if worse(alone.klass, together.klass):
        assert (together.klass, alone.because) == (Class.NORMAL, Because.DAYS) or days <= RULES.technical_days
        assert days <= RULES.technical_days
    else:
        assert together.klass is max(alone.klass, said, key=list(Class).index)


def test_p30_what_was_said_of_one_lateness_is_not_said_of_the_next() -> None:
    first = Facts(3, date(2027, 5, 29), said=Said(Class.NORMAL, date(2027, 5, 29)))
    assert classify(first, ON, RULES).klass is Class.NORMAL
    assert classify(replace(first, past_due_since=date(2027, 5, 30)), ON, RULES).klass is Class.SPECIAL_MENTION
    assert classify(replace(first, days_past_due=8), ON, RULES).klass is Class.SPECIAL_MENTION, "an eighth day is late"
    refinanced = replace(first, label=Label.REFINANCING)
    assert classify(refinanced, ON, RULES).klass is Class.SPECIAL_MENTION, "a machine's fault hides no refinancing"


def test_p30_each_class_is_provided_by_its_stage_rounded_once() -> None:
    assert [provision(klass, 1_000_050, RULES) for klass in Class] == [10_000, 20_001, 250_012, 500_025, 1_000_050]
    assert [RULES.stages[klass] for klass in Class] == [1, 2, 3, 3, 3]


LENIENT = {
    "from_days": {**{klass.value: day for klass, day in RULES.from_days.items()}, "substandard": 92},
    "observed_months": 5,
    "technical_days": 8,
    "debtor_share": "0.11",
    "non_accrual_days": 120,
    "rates": {"normal": "0.03", "special_mention": "0.02", "substandard": "0.25", "doubtful": "0.5", "loss": "1"},
}


@pytest.mark.parametrize("key", LENIENT)
def test_p30_no_file_is_more_lenient_than_the_law(key: str) -> None:
    told = read_file(ROOT / "classification.yaml", ClassificationFile).model_dump(mode="json")
    with pytest.raises(PolicyError, match=key):
        class_rules(ClassificationFile.model_validate({**told, key: LENIENT[key]}))


nights = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=12)


@given(principal=st.integers(1, 5_000), nights=nights)
def test_g8_after_a_write_off_what_came_is_recovery_and_the_books_balance_to_the_fen(
    principal: int, nights: list[tuple[int, int, int]]
) -> None:
    """Each night: principal paid, interest grown and paid, principal let go; in the end nothing stands beside a claim
    that is not owed."""
    booked: list[Any] = []
    owed, suspended, waived_in_all, recovered = principal, 0, 0, 0
    booked += [impairment.provisioned(principal, currency="CNY", on=ON, at=AT)]
    booked += [impairment.written_off(principal, loan_id=LOAN, cause="c", on=ON, at=AT)]
    for n, (paid, interest, waived) in enumerate(nights, start=1):
        on = ON + timedelta(days=n)
        paid = min(paid, owed)
        waived = min(waived, owed - paid)
        grown, paid_interest = interest, min(interest, suspended)
        owed, recovered, waived_in_all = owed - paid - waived, recovered + paid + paid_interest, waived_in_all + waived
        booked += [impairment.suspended(grown, product_id="p", currency="CNY", on=on, at=AT)]
        booked += impairment.recovered(paid, paid_interest, waived, loan_id=LOAN, on=on, at=AT)
        suspended += grown - paid_interest
    entries = [one for one in booked if one]
    sums = trial_balance(entries)
    assert sum(sums.values()) == 0
    assert sums.get(Account.LOANS_WRITTEN_OFF, 0) == -owed, "what stands against the claim is the claim"
    assert sums.get(Account.INTEREST_SUSPENDED, 0) == -suspended
    assert sums.get(Account.INCOME_RECOVERIES, 0) == -recovered
    assert sums.get(Account.COST_WAIVERS, 0) == -waived_in_all, "what was let go was our cost once"
    assert sums.get(Account.LOANS_ALLOWANCE, 0) == 0
    assert len({one.id for one in entries}) == len(entries)
    assert all(one.loan_id is None for one in entries), "no line of the lender's own is on the borrower's statement"
    assert {one.kind for one in entries} <= {
        EntryKind.PROVISIONED,
        EntryKind.CHARGED_OFF,
        EntryKind.NON_ACCRUAL,
        EntryKind.RECOVERY,
    }


def test_p30_a_night_without_a_change_books_nothing() -> None:
    assert impairment.provisioned(0, currency="CNY", on=ON, at=AT) is None
    assert impairment.suspended(0, product_id="p", currency="CNY", on=ON, at=AT) is None
    assert provision(Class.NORMAL, 50, replace(RULES, rates={Class.NORMAL: Decimal("0.01")})) == 0

"""Subsidies: who may have one, what it pays, never two for one interest, and nothing that has ended is ever shown."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policies
from lending.subsidies import Applicant, Granted, Scheme, best, claimable, may_have, pays

ON = date(2026, 11, 21)
SCHEME = Scheme("a", Decimal("0.01"), 100_000, 12, 20_000_000, date(2026, 1, 1), date(2026, 12, 31))
OWNER = Applicant("sole_trader", "catering", "330106")
RATE = Decimal("0.073")
INTEREST = [40_000, 36_000, 30_000]
catalogue = policies.load().subsidies
days = st.dates(date(2025, 1, 1), date(2029, 1, 1))


@given(days, st.integers(1, 40_000_000), st.sampled_from(["company", "sole_trader", "self_employed"]))
def test_p6_an_ended_scheme_is_never_shown_and_no_interest_is_subsidised_twice(
    on: date, amount: int, kind: str
) -> None:
    asked = {"amount_minor": amount, "annual_rate": RATE, "interest_by_month_minor": INTEREST, "on": on}
    applicant = Applicant(kind, "noodle_shop", None)
    found = best(catalogue, applicant, **asked)  # type: ignore[arg-type]
    each = [pays(one, RATE, INTEREST) for one in catalogue if may_have(one, applicant, amount_minor=amount, on=on)]
    if found is None:
        assert not any(each)
        return
    assert found.scheme.first_on <= on <= found.scheme.last_on
    assert found.pays_minor == max(each), "one scheme, the one that pays most, and not their sum"
    assert found.pays_minor <= sum(INTEREST)


@given(
    st.decimals("0.001", "0.3", places=4), st.lists(st.integers(0, 500_000), max_size=30), st.integers(1, 24),
    st.integers(1, 1_000_000),
)  # fmt: skip
def test_p6_a_scheme_pays_its_points_of_its_months_up_to_its_cap_and_never_more_than_the_interest(
    rate: Decimal, interest: list[int], months: int, cap: int
) -> None:
    paid = pays(replace(SCHEME, months=months, cap_minor=cap), rate, interest)
    assert 0 <= paid <= min(cap, sum(interest[:months]))
    if SCHEME.points < rate:
        assert paid <= sum(interest[:months]) * SCHEME.points / rate


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"last_on": ON}, True),
        ({"last_on": ON - timedelta(days=1)}, False),
        ({"first_on": ON + timedelta(days=1)}, False),
        ({"most_minor": 7_999_999}, False),
        ({"kinds": frozenset({"company"})}, False),
        ({"trades": frozenset({"catering"})}, True),
        ({"trades": frozenset({"retail"})}, False),
        ({"regions": ("3301",)}, True),
        ({"regions": ("4401",)}, False),
    ],
)
def test_p6_each_condition_of_a_scheme_counts(change: dict[str, object], expected: bool) -> None:
    assert may_have(replace(SCHEME, **change), OWNER, amount_minor=8_000_000, on=ON) is expected  # type: ignore[arg-type]


def test_what_is_not_known_of_a_firm_promises_nothing() -> None:
    unknown = Applicant("sole_trader", None, None)
    for change in ({"trades": frozenset({"catering"})}, {"regions": ("3301",)}):
        assert not may_have(replace(SCHEME, **change), unknown, amount_minor=8_000_000, on=ON)  # type: ignore[arg-type]


def test_p6_one_point_of_seven_point_three_in_figures() -> None:
    assert pays(SCHEME, RATE, [73_000]) == 10_000
    assert pays(replace(SCHEME, cap_minor=9_000), RATE, [73_000]) == 9_000
    assert pays(replace(SCHEME, points=Decimal("0.2")), RATE, [73_000]) == 73_000


@given(
    st.decimals("0.001", "0.3", places=4), st.lists(st.integers(0, 500_000), min_size=1, max_size=30),
    st.integers(1, 24), st.integers(1, 1_000_000),
)  # fmt: skip
def test_p6_the_claims_of_a_loans_life_add_up_to_what_its_offer_showed(
    rate: Decimal, interest: list[int], months: int, cap: int
) -> None:
    granted, claimed = Granted("a", SCHEME.points, cap, months), 0
    for month in range(1, len(interest) + 1):
        due = claimable(granted, rate, sum(interest[: min(month, months)]), claimed)
        assert due >= 0
        claimed += due
    assert claimed == pays(replace(SCHEME, months=months, cap_minor=cap), rate, interest)
    assert claimable(granted, rate, sum(interest[:months]), claimed) == 0, "nothing twice"

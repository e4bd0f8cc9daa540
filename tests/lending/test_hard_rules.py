"""Hard rules, eligibility, price and exposure: one row a rule, and that no worse fact is ever answered better."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.decisions import decide
from lending.exposure import group_minor
from lending.judging import judge
from lending.offers import make_offers
from lending.replaying import without_model
from lending.verdicts import (
    Eligibility,
    Exposure,
    HardRules,
    Outcome,
    Policy,
    Ratios,
    ReasonCode,
    RegisterState,
    Request,
    Route,
    Score,
    ScoreReason,
)

GOOD = Ratios(
    months_of_history=14,
    monthly_net_revenue_minor=6_000_000,
    revenue_p10_minor=4_500_000,
    months_in_trade=40,
    kind="company",
    trade="catering",
    area="330106",
    book_minor=900_000_000,
    trade_book_minor=100_000_000,
    buyer_book_minor=10_000_000,
)
YEAR = 12 * 6_000_000
START = date(2026, 11, 20)


@pytest.fixture
def strict(policy: Policy) -> Policy:
    return _strict(policy)


def _strict(policy: Policy) -> Policy:
    rates = ("0.073", "0.0913", "0.1095", "0.146", "0.146")
    terms = (24, 20, 18, 12, 12)
    return replace(
        policy,
        grades=tuple(
            replace(rule, annual_rate=Decimal(rate), longest_months=months)
            for rule, rate, months in zip(policy.grades, rates, terms, strict=True)
        ),
        hard_rules=HardRules(
            overdue_run_24_up_to=2,
            company_overdue_up_to_minor=0,
            company_enquiries_90d_up_to=10,
            enforced_up_to_minor=0,
            claims_up_to=Decimal("0.2"),
            guarantees_up_to=Decimal(1),
            months_in_trade=6,
            areas=("33", "3205"),
        ),
        eligibility=Eligibility(
            kinds=("company", "sole_trader"),
            trades_not_served=("gambling",),
            forbidden_purposes=("property", "securities"),
            assets_bought_up_to=Decimal("0.1"),
        ),
        exposure=Exposure(
            group_up_to_minor=50_000_000,
            guarantee_part=Decimal("0.2"),
            trade_up_to=Decimal("0.3"),
            buyer_up_to=Decimal("0.1"),
            book_at_least_minor=100_000_000,
        ),
        debt_service_in_bad_months_up_to=Decimal("0.45"),
    )


def scored(grade: str = "A") -> Score:
    reasons = (ScoreReason("sales_falling", Decimal("0.7")), ScoreReason("steady_sales", Decimal("-0.5")))
    return Score(Decimal("0.01"), grade, Decimal("0.9"), reasons)


@pytest.mark.parametrize(
    ("fact", "bearable", "unbearable", "code", "figures"),
    [
        ("dishonest", False, True, "dishonest_list", {}),
        ("register_state", "normal", "abnormal", "register_abnormal", {}),
        ("register_state", "normal", "revoked", "register_revoked", {}),
        ("register_state", "normal", "cancelled", "register_cancelled", {}),
        ("register_state", "normal", "not_found", "not_in_the_register", {}),
        ("enforced_minor", 0, 1, "enforced_debtor", {"amount_minor": "1"}),
        ("current_overdue_minor", 0, 5, "current_overdue", {"amount_minor": "5"}),
        ("company_overdue_minor", 0, 7, "company_overdue", {"amount_minor": "7"}),
        ("overdue_months_24", 5, 6, "many_overdues", {"months": "6", "most": "5"}),
        ("company_overdue_months_24", 5, 6, "many_overdues", {"months": "6", "most": "5"}),
        ("overdue_run_24", 2, 3, "overdues_in_a_row", {"months": "3", "most": "2"}),
        ("company_overdue_run_24", 2, 4, "overdues_in_a_row", {"months": "4", "most": "2"}),
        ("enquiries_90d", 10, 11, "many_enquiries", {"count": "11", "most": "10"}),
        ("company_enquiries_90d", 10, 12, "many_enquiries", {"count": "12", "most": "10"}),
        ("claims_minor", YEAR // 5, YEAR // 5 + 1, "lawsuits_too_large",
         {"amount_minor": str(YEAR // 5 + 1), "most_minor": str(YEAR // 5)}),
        ("guarantees_minor", YEAR, YEAR + 1, "guarantees_too_large",
         {"amount_minor": str(YEAR + 1), "most_minor": str(YEAR)}),
        ("area", "320508", "320106", "outside_service_area", {"area": "32"}),
        ("months_in_trade", 6, 5, "too_short_in_trade", {"months_seen": "5", "months_needed": "6"}),
        ("kind", "sole_trader", "self_employed", "kind_not_served", {"party": "self_employed"}),
        ("trade", "florist", "gambling", "trade_not_served", {"trade": "gambling"}),
        ("months_of_history", 3, 2, "too_little_history", {"months_seen": "2", "months_needed": "3"}),
    ],
)  # fmt: skip
def test_p23_a_hard_rule_ends_it_with_its_figure(
    strict: Policy, fact: str, bearable: object, unbearable: object, code: str, figures: dict[str, str]
) -> None:
    request = Request(5_000_000, 12, "stock")
    assert judge(scored(), replace(GOOD, **{fact: bearable}), strict, request).outcome is Outcome.APPROVE
    verdict = decide(scored(), replace(GOOD, **{fact: unbearable}), strict, request)
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.DECLINE, 0)
    assert [(reason.code, dict(reason.params)) for reason in verdict.reasons] == [(code, figures)]
    assert (verdict.route, verdict.route_reason) == (Route.AUTOMATIC, code)


def test_a_forbidden_purpose_is_no_loan_and_a_doubtful_one_a_question(strict: Policy) -> None:
    no = decide(scored(), GOOD, strict, Request(5_000_000, 12, "property"))
    assert [(r.code, dict(r.params)) for r in no.reasons] == [("forbidden_purpose", {"purpose": "property"})]
    half_a_year = 6 * GOOD.monthly_net_revenue_minor // 10
    doubtful = replace(GOOD, assets_bought_minor=half_a_year + 1)
    asked = decide(scored(), doubtful, strict, Request(5_000_000, 12, "stock"))
    assert (asked.outcome, asked.reasons[0].code, asked.route) == (
        Outcome.REVIEW,
        ReasonCode.PURPOSE_IN_DOUBT,
        Route.HYBRID,
    )
    clear = replace(GOOD, assets_bought_minor=half_a_year)
    assert decide(scored(), clear, strict, Request(5_000_000, 12)).outcome is Outcome.APPROVE


@pytest.mark.parametrize("silent", ["bureau_silent", "company_report_silent", "courts_silent", "register_silent"])
def test_a_silent_source_is_a_persons_work_and_never_a_yes_or_a_no(strict: Policy, silent: str) -> None:
    verdict = decide(scored(), replace(GOOD, **{silent: True}), strict, Request(5_000_000, 12))
    assert (verdict.outcome, verdict.route, verdict.route_reason) == (Outcome.REVIEW, Route.MANUAL, silent)
    assert verdict.limit_minor >= 5_000_000


@pytest.mark.parametrize(
    ("grade", "rate", "longest", "outcome", "route"),
    [
        ("A", "0.073", 24, Outcome.APPROVE, Route.AUTOMATIC),
        ("B", "0.0913", 20, Outcome.APPROVE, Route.AUTOMATIC),
        ("C", "0.1095", 18, Outcome.APPROVE, Route.AUTOMATIC),
        ("D", "0.146", 12, Outcome.REVIEW, Route.HYBRID),
    ],
)
def test_price_and_term_follow_the_grade_into_every_plan(
    strict: Policy, grade: str, rate: str, longest: int, outcome: Outcome, route: Route
) -> None:
    request = Request(3_000_000, 24)
    verdict = decide(scored(grade), GOOD, strict, request)
    assert (verdict.annual_rate, verdict.longest_months) == (Decimal(rate), longest)
    assert (verdict.outcome, verdict.route) == (outcome, route)
    for offer in make_offers(strict.product, verdict, request, GOOD.monthly_net_revenue_minor, START):
        assert offer.terms.annual_rate == Decimal(rate) == offer.normal.annual_rate_simple
        assert offer.terms.months <= longest
    assert strict.prices() == (Decimal("0.073"), Decimal("0.146"))


def test_the_limit_falls_with_the_price_and_with_the_bad_months(strict: Policy) -> None:
    usual = judge(scored(), GOOD, strict, Request(500_000, 24)).limit_minor
    worse = judge(scored(), replace(GOOD, revenue_p10_minor=1_500_000), strict, Request(500_000, 24)).limit_minor
    assert worse < usual
    verdict = decide(scored(), replace(GOOD, revenue_p10_minor=1_000_000), strict, Request(15_000_000, 24))
    assert [reason.code for reason in verdict.reasons[:1]] == [ReasonCode.BAD_MONTHS_CANNOT_CARRY]
    assert dict(verdict.reasons[0].params)["monthly_minor"] == "1000000"


def test_what_the_group_owes_is_taken_from_what_it_may_borrow(strict: Policy) -> None:
    owed = group_minor(strict.exposure, with_us_minor=40_000_000, outside_guarantees_minor=20_000_000)
    assert owed == 44_000_000
    verdict = decide(scored(), replace(GOOD, group_minor=owed), strict, Request(8_000_000, 12))
    assert (verdict.outcome, verdict.limit_minor) == (Outcome.DECLINE, 6_000_000)
    assert [(r.code, dict(r.params)) for r in verdict.reasons] == [
        ("group_limit", {"amount_minor": "44000000", "most_minor": "50000000"})
    ]
    assert verdict.path_to_yes is not None
    assert verdict.path_to_yes.amount_minor == 6_000_000


@pytest.mark.parametrize(("column", "part"), [("trade_book_minor", 3), ("buyer_book_minor", 1)])
def test_too_much_in_one_trade_or_on_one_buyer_is_asked_or_declined(strict: Policy, column: str, part: int) -> None:
    amount = 5_000_000
    full = (GOOD.book_minor + amount) * part // 10 - amount
    request = Request(amount, 12)
    assert judge(scored(), replace(GOOD, **{column: full}), strict, request).outcome is Outcome.APPROVE
    above = replace(GOOD, **{column: full + 1})
    assert judge(scored(), above, strict, request).outcome is Outcome.REVIEW
    no = judge(scored(), above, replace(strict, exposure=replace(strict.exposure, above=Outcome.DECLINE)), request)
    assert no.outcome is Outcome.DECLINE
    assert no.reasons[0].code == column.removesuffix("_book_minor") + "_concentration"


def test_a_young_book_counts_as_the_least(strict: Policy) -> None:
    young = replace(GOOD, book_minor=0, trade_book_minor=1_000_000, buyer_book_minor=0)
    assert judge(scored(), young, strict, Request(5_000_000, 12)).outcome is Outcome.APPROVE


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"annual_rate": Decimal("0.05")}, "C: annual_rate: not better than that of B"),
        ({"longest_months": 21}, "C: longest_months: not better than that of B"),
        ({"revenue_months": Decimal(4)}, "C: revenue_months: not better"),
        ({"longest_months": 2}, "longest_months: from 3 to 24"),
    ],
)
def test_a_grade_of_more_risk_is_never_treated_better(strict: Policy, changed: dict[str, object], said: str) -> None:
    grades = [replace(rule, **changed) if rule.grade == "C" else rule for rule in strict.grades]
    with pytest.raises(ValueError, match=said):
        replace(strict, grades=tuple(grades))


# --- no worse fact is ever answered better ----------------------------------------------------------------------------

minor = st.integers(0, 60_000_000)
any_ratios = st.builds(
    Ratios,
    months_of_history=st.integers(0, 24),
    monthly_net_revenue_minor=st.integers(0, 30_000_000),
    monthly_instalments_minor=st.integers(0, 2_000_000),
    overdue_months_24=st.integers(0, 7),
    enquiries_90d=st.integers(0, 12),
    bills_differ=st.booleans(),
    revenue_p10_minor=st.none() | st.integers(0, 20_000_000),
    overdue_run_24=st.integers(0, 3),
    company_instalments_minor=st.integers(0, 500_000),
    guarantees_minor=minor,
    claims_minor=minor,
    months_in_trade=st.none() | st.integers(0, 40),
    area=st.sampled_from(["", "330106", "320508"]),
    kind=st.sampled_from(["company", "sole_trader"]),
    courts_silent=st.booleans(),
    register_silent=st.booleans(),
    assets_bought_minor=st.integers(0, 5_000_000),
    group_minor=st.integers(0, 60_000_000),
    book_minor=st.integers(0, 2_000_000_000),
    trade_book_minor=minor,
    buyer_book_minor=minor,
)
WORSE = {
    "months_of_history": -1, "monthly_net_revenue_minor": -1, "revenue_p10_minor": -1, "months_in_trade": -1,
    **dict.fromkeys(
        ["monthly_instalments_minor", "current_overdue_minor", "overdue_months_24", "enquiries_90d", "overdue_run_24",
         "company_overdue_minor", "company_overdue_months_24", "company_overdue_run_24", "company_enquiries_90d",
         "company_instalments_minor", "guarantees_minor", "enforced_minor", "claims_minor", "assets_bought_minor",
         "group_minor", "trade_book_minor", "buyer_book_minor", "unsplit_percent", "corrected_percent",
         "papers_to_look_at"], 1),
}  # fmt: skip
FLAGS = ("dishonest", "bills_differ", "bureau_silent", "company_report_silent", "courts_silent", "register_silent",
         "registers_not_allowed")  # fmt: skip
RANK = {Outcome.APPROVE: 0, Outcome.REVIEW: 1, Outcome.DECLINE: 2}


def worsened(ratios: Ratios, fact: str, by: int) -> Ratios | None:
    if fact in FLAGS:
        return replace(ratios, **{fact: True})
    value = getattr(ratios, fact)
    return None if value is None else replace(ratios, **{fact: max(0, value + WORSE[fact] * by)})


def test_every_fact_has_a_worse_side_or_is_no_figure() -> None:
    neither = {field.name for field in fields(Ratios)} - set(WORSE) - set(FLAGS)
    # What a suspicion says is a person's to look at, whatever the score would have answered.
    no_figures = {"register_state", "area", "kind", "trade", "to_explain", "held", "revenue_p10_told_by"}
    assert neither == no_figures | {"book_minor"}


def test_p23_a_hard_no_comes_before_whatever_has_to_be_looked_at(strict: Policy) -> None:
    looked_at = replace(GOOD, to_explain=("shown_by_another",), held=True)
    request = Request(5_000_000, 12)
    assert judge(scored("E"), looked_at, strict, request).outcome is Outcome.REVIEW
    barred = replace(looked_at, dishonest=True)
    verdict = judge(scored("E"), barred, strict, request)
    assert verdict.outcome is Outcome.DECLINE
    assert [reason.code for reason in verdict.reasons] == ["dishonest_list"]
    # A rule that needs no score says no without a model too; all else waits for a person.
    assert without_model(verdict, barred, strict, request) == verdict
    assert without_model(verdict, looked_at, strict, request).outcome is Outcome.REVIEW


@given(any_ratios, st.sampled_from("ABCDE"), st.integers(50, 3000), st.integers(3, 24),
       st.sampled_from([*WORSE, *FLAGS]), st.integers(1, 6_000_000))  # fmt: skip
def test_a_worse_fact_is_never_answered_better(
    ratios: Ratios, grade: str, hundreds: int, months: int, fact: str, by: int
) -> None:
    worse = worsened(ratios, fact, by)
    if worse is None:
        return
    request = Request(hundreds * 10_000, months)
    before, after = (judge(scored(grade), each, POLICY[0], request) for each in (ratios, worse))
    assert RANK[after.outcome] >= RANK[before.outcome]
    assert after.limit_minor <= before.limit_minor
    assert (after.annual_rate, after.longest_months) == (before.annual_rate, before.longest_months)


@given(any_ratios, st.integers(50, 3000), st.integers(3, 24), st.integers(0, 4), st.integers(0, 4))
def test_more_risk_is_never_lent_more_for_longer_or_for_less(
    ratios: Ratios, hundreds: int, months: int, one: int, other: int
) -> None:
    safer, riskier = sorted((one, other))
    request = Request(hundreds * 10_000, months)
    low, high = (judge(scored("ABCDE"[n]), ratios, POLICY[0], request) for n in (safer, riskier))
    assert RANK[high.outcome] >= RANK[low.outcome]
    assert high.limit_minor <= low.limit_minor
    assert (high.annual_rate or 0) >= (low.annual_rate or 0)
    assert (high.longest_months or 0) <= (low.longest_months or 0)


POLICY: list[Policy] = []


@pytest.fixture(autouse=True, scope="module")
def _policy_for_properties(module_policy: Policy) -> Iterator[None]:
    POLICY[:] = [_strict(module_policy)]
    yield


def test_every_state_of_the_register_but_normal_is_told() -> None:
    assert set(HardRules().not_served_states) == set(RegisterState) - {RegisterState.NORMAL}

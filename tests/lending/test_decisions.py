from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.decisions import decide
from lending.refusals import AmountOutOfRange, MonthsOutOfRange
from lending.verdicts import Outcome, PathKind, Policy, Ratios, Reason, ReasonCode, Request, Score, ScoreReason

GOOD = Ratios(months_of_history=14, monthly_net_revenue_minor=6_000_000)
ADVERSE = ScoreReason("sales_falling", Decimal("0.7"), (("percent", "18"),))
MILD = ScoreReason("few_buyers", Decimal("0.2"))
HELPS = ScoreReason("steady_sales", Decimal("-0.5"))


def scored(grade: str = "A", confidence: str = "0.9") -> Score:
    return Score(Decimal("0.01"), grade, Decimal(confidence), (MILD, ADVERSE, HELPS))


@pytest.mark.parametrize(
    ("ratios", "amount", "grade", "confidence", "outcome", "reasons"),
    [
        (GOOD, 8_000_000, "A", "0.9", Outcome.APPROVE, ["steady_sales"]),
        (GOOD, 8_000_000, "B", "0.9", Outcome.APPROVE, ["steady_sales"]),
        (GOOD, 9_010_000, "C", "0.9", Outcome.DECLINE, ["sales_cannot_carry", "few_buyers", "sales_falling"]),
        (GOOD, 9_000_000, "C", "0.9", Outcome.APPROVE, ["steady_sales"]),
        (GOOD, 5_000_000, "D", "0.9", Outcome.REVIEW, ["grade_needs_a_person", "sales_falling", "few_buyers"]),
        (GOOD, 5_000_000, "E", "0.9", Outcome.DECLINE, ["sales_falling", "few_buyers"]),
        (GOOD, 5_000_000, "A", "0.39", Outcome.REVIEW, ["little_is_known"]),
        (replace(GOOD, monthly_net_revenue_minor=20_000_000), 10_000_000, "A", "0.9", Outcome.APPROVE,
        ["steady_sales"]), (replace(GOOD, monthly_net_revenue_minor=20_000_000), 10_010_000, "A", "0.9",
        Outcome.REVIEW, ["above_automatic_limit"]), (replace(GOOD, months_of_history=2), 5_000_000, "A", "0.9",
        Outcome.DECLINE, ["too_little_history"]), (replace(GOOD, monthly_net_revenue_minor=0), 5_000_000, "A", "0.9",
        Outcome.DECLINE, ["no_revenue"]), (replace(GOOD, current_overdue_minor=1), 5_000_000, "A", "0.9",
        Outcome.DECLINE, ["current_overdue"]), (replace(GOOD, dishonest=True), 5_000_000, "A", "0.9", Outcome.DECLINE,
        ["dishonest_list"]), (replace(GOOD, overdue_months_24=5), 5_000_000, "A", "0.9", Outcome.APPROVE,
        ["steady_sales"]), (replace(GOOD, overdue_months_24=6), 5_000_000, "A", "0.9", Outcome.DECLINE,
        ["many_overdues"]), (replace(GOOD, enquiries_90d=11), 5_000_000, "A", "0.9", Outcome.DECLINE,
        ["many_enquiries"]), (
            replace(GOOD, monthly_instalments_minor=1_790_000), 5_000_000, "A", "0.9", Outcome.DECLINE,
            ["other_debts_take_too_much", "sales_cannot_carry", "few_buyers", "sales_falling"],
        ),
    ],
)  # fmt: skip
def test_decisions(
    policy: Policy,
    ratios: Ratios,
    amount: int,
    grade: str,
    confidence: str,
    outcome: Outcome,
    reasons: list[str],
) -> None:
    verdict = decide(scored(grade, confidence), ratios, policy, Request(amount, 12))
    assert verdict.outcome is outcome
    assert [reason.code for reason in verdict.reasons] == reasons
    assert verdict.policy_version == policy.version


def test_a_bill_whose_totals_differ_is_looked_at_by_a_person_and_never_declined_for_it(policy: Policy) -> None:
    differs = replace(GOOD, bills_differ=True)
    verdict = decide(scored(), differs, policy, Request(5_000_000, 12))
    assert (verdict.outcome, verdict.reasons) == (Outcome.REVIEW, (Reason(ReasonCode.BILLS_DIFFER),))
    assert verdict.limit_minor == decide(scored(), GOOD, policy, Request(5_000_000, 12)).limit_minor


def test_a_reason_states_the_fact_and_the_rule(policy: Policy) -> None:
    verdict = decide(scored(), replace(GOOD, months_of_history=1), policy, Request(5_000_000, 12))
    assert verdict.reasons == (Reason(ReasonCode.TOO_LITTLE_HISTORY, (("months_seen", "1"), ("months_needed", "3"))),)


@pytest.mark.parametrize(
    ("ratios", "request_", "kind", "amount", "months"),
    [
        (GOOD, Request(20_000_000, 12), PathKind.SMALLER_AMOUNT, 13_890_000, None),
        (replace(GOOD, monthly_net_revenue_minor=900_000), Request(800_000, 3), PathKind.SMALLER_AMOUNT, 530_000, None),
        (replace(GOOD, monthly_net_revenue_minor=300_000), Request(800_000, 3), PathKind.LONGER_TERM, 800_000, 14),
        (replace(GOOD, monthly_net_revenue_minor=300_000), Request(1_200_000, 3), PathKind.LONGER_TERM, 520_000, 9),
        (replace(GOOD, months_of_history=1), Request(8_000_000, 12), PathKind.MORE_HISTORY, 8_000_000, 2),
        (replace(GOOD, current_overdue_minor=40_000), Request(8_000_000, 12), PathKind.SETTLE_OVERDUE, 40_000, None),
    ],
)
def test_the_nearest_way_to_a_yes(
    policy: Policy, ratios: Ratios, request_: Request, kind: PathKind, amount: int, months: int | None
) -> None:
    path = decide(scored(), ratios, policy, request_).path_to_yes
    assert path is not None
    assert (path.kind, path.amount_minor, path.months) == (kind, amount, months)


def test_two_obstacles_have_no_single_way_out(policy: Policy) -> None:
    both = replace(GOOD, months_of_history=1, dishonest=True)
    assert decide(scored(), both, policy, Request(8_000_000, 12)).path_to_yes is None
    assert decide(scored("E"), GOOD, policy, Request(8_000_000, 12)).path_to_yes is None


ratios_of_any_firm = st.builds(
    Ratios,
    st.integers(0, 24),
    st.integers(-1_000_000, 30_000_000),
    st.integers(0, 3_000_000),
    st.sampled_from([0, 0, 0, 50_000]),
    st.integers(0, 8),
    st.integers(0, 14),
    st.booleans(),
)


@given(ratios_of_any_firm, st.sampled_from("ABCDE"), st.integers(50, 3000), st.integers(3, 24))
def test_every_no_has_one_to_four_reasons_and_its_way_out_flips_it(
    ratios: Ratios, grade: str, hundreds: int, months: int
) -> None:
    policy = POLICY[0]
    request = Request(hundreds * 10_000, months)
    verdict = decide(scored(grade), ratios, policy, request)
    if verdict.outcome is not Outcome.DECLINE:
        assert verdict.path_to_yes is None
        assert verdict.limit_minor >= request.amount_minor
        return
    assert 1 <= len(verdict.reasons) <= 4
    path = verdict.path_to_yes
    if path is None:
        return
    changed, again = ratios, request
    match path.kind:
        case PathKind.SMALLER_AMOUNT:
            again = replace(request, amount_minor=path.amount_minor)
        case PathKind.LONGER_TERM:
            again = Request(path.amount_minor or 0, path.months or 0)
        case PathKind.MORE_HISTORY:
            changed = replace(ratios, months_of_history=ratios.months_of_history + (path.months or 0))
            again = replace(request, amount_minor=path.amount_minor)
        case PathKind.SETTLE_OVERDUE:
            changed = replace(ratios, current_overdue_minor=ratios.current_overdue_minor - (path.amount_minor or 0))
            limit = decide(scored(grade), changed, policy, request).limit_minor
            again = replace(request, amount_minor=min(request.amount_minor, limit))
    assert decide(scored(grade), changed, policy, again).outcome is path.outcome is not Outcome.DECLINE
    if path.kind is PathKind.SMALLER_AMOUNT and path.amount_minor != policy.product.amounts.highest_minor:
        more = Request((path.amount_minor or 0) + policy.product.amounts.step_minor, months)
        assert decide(scored(grade), ratios, policy, more).outcome is Outcome.DECLINE


@given(ratios_of_any_firm, st.integers(3, 24), st.integers(1, 5_000_000))
def test_more_sales_never_lower_the_limit(ratios: Ratios, months: int, more: int) -> None:
    policy = POLICY[0]
    request = Request(500_000, months)
    richer = replace(ratios, monthly_net_revenue_minor=ratios.monthly_net_revenue_minor + more)
    one, other = (decide(scored(), each, policy, request).limit_minor for each in (ratios, richer))
    assert one <= other


POLICY: list[Policy] = []


@pytest.fixture(autouse=True, scope="module")
def _policy_for_properties(module_policy: Policy) -> None:
    POLICY[:] = [module_policy]


def test_what_the_product_does_not_lend_is_refused(policy: Policy) -> None:
    with pytest.raises(AmountOutOfRange):
        decide(scored(), GOOD, policy, Request(499_999, 12))
    with pytest.raises(MonthsOutOfRange):
        decide(scored(), GOOD, policy, Request(500_000, 25))
    with pytest.raises(ValueError, match="no grade 'Z'"):
        decide(scored("Z"), GOOD, policy, Request(500_000, 12))


@pytest.mark.parametrize(("pd", "grade"), [("0", "A"), ("0.02", "A"), ("0.0201", "B"), ("0.18", "D"), ("1", "E")])
def test_grades_by_chance_of_default(policy: Policy, pd: str, grade: str) -> None:
    assert policy.grade_of(Decimal(pd)) == grade


def test_grade_tables_that_leave_a_gap_are_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match="last is 1"):
        replace(policy, grades=policy.grades[:-1])
    with pytest.raises(ValueError, match="each grade once"):
        replace(policy, grades=(*policy.grades[:-1], replace(policy.grades[-1], grade="A")))


def test_what_needs_explaining_goes_to_a_person_and_never_declines(policy: Policy) -> None:
    explain = replace(GOOD, to_explain=("flows_to_explain", "bill_to_check"))
    seen = decide(scored("A"), explain, policy, Request(5_000_000, 12))
    assert seen.outcome is Outcome.REVIEW
    assert [reason.code for reason in seen.reasons] == ["flows_to_explain", "bill_to_check"]


def test_what_somebody_else_showed_too_is_held_even_from_a_no_of_the_score(policy: Policy) -> None:
    held = replace(GOOD, to_explain=("shown_by_another",), held=True)
    assert decide(scored("E"), held, policy, Request(5_000_000, 12)).outcome is Outcome.REVIEW
    assert decide(scored("E"), replace(held, dishonest=True), policy, Request(5_000_000, 12)).outcome is Outcome.DECLINE

"""What an owner is told to do about a "no" flips it, is theirs to do, and comes in the order of its effort."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.decisions import decide
from lending.judging import judge
from lending.verdicts import (
    Change,
    Outcome,
    PathKind,
    Policy,
    Ratios,
    Request,
    Score,
    Touches,
    Way,
    Ways,
)
from lending.way_to_yes import Changed, NotTheOwners, Prospect, ways_to_a_lower_price, ways_to_yes

GOOD = Ratios(months_of_history=14, monthly_net_revenue_minor=6_000_000)
ALL = Ways(
    kinds=(
        *Ways().kinds,
        Way("clear_lines", 3, Touches.BILLS),
        Way("repay_loan", 8, Touches.DEBTS),
        Way("fewer_large_buyers", 10, Touches.BUYERS, shares=(Decimal("0.5"),)),
        Way("pledge_invoices", 5, Touches.PLEDGE, needs="invoice_pledge"),
    ),
    pledge_advance=Decimal("0.80"),
)
CLEAR = Change(PathKind.CLEAR_LINES, amount_minor=90_000)
BUYERS = Change(PathKind.FEWER_LARGE_BUYERS, share=Decimal("0.5"))
PLEDGE = Change(PathKind.PLEDGE_INVOICES, amount_minor=8_000_000)
REQUEST = Request(5_000_000, 12)


def scored(grade: str) -> Score:
    return Score(Decimal("0.01"), grade, Decimal("0.9"))


def prospects(*firms: Changed) -> list[Prospect]:
    """Each firm as the one step of its kind; firms of one kind are the steps of it, from the least to the most."""
    steps: dict[frozenset[PathKind], list[Callable[[], Changed]]] = {}
    for firm in firms:
        steps.setdefault(frozenset(change.kind for change in firm.changes), []).append(lambda firm=firm: firm)
    return [Prospect(kinds, tuple(each)) for kinds, each in steps.items()]


def kinds(policy: Policy, *firms: Changed, grade: str = "E", request: Request = REQUEST) -> list[list[str]]:
    ways = ways_to_yes(scored(grade), GOOD, replace(policy, ways=ALL), request, prospects(*firms))
    return [[change.kind.value for change in way.changes] for way in ways]


def test_a_decline_by_grade_has_a_way_through_what_the_score_reads(policy: Policy) -> None:
    clear = Changed((CLEAR,), scored("C"), GOOD)
    (way,) = ways_to_yes(scored("E"), GOOD, replace(policy, ways=ALL), REQUEST, prospects(clear))
    assert (way.kind, way.outcome, way.lent_minor, way.lent_months) == ("clear_lines", Outcome.APPROVE, 5_000_000, 12)


def test_ways_come_in_the_order_of_effort_and_at_most_three(policy: Policy) -> None:
    firms = [
        Changed((BUYERS,), scored("C"), GOOD),
        Changed((Change(PathKind.REPAY_LOAN, amount_minor=1),), scored("C"), GOOD),
        Changed((Change(PathKind.MORE_HISTORY, months=3),), scored("C"), GOOD),
        Changed((CLEAR,), scored("C"), GOOD),
    ]
    assert kinds(policy, *firms) == [["clear_lines"], ["more_history"], ["repay_loan"]]


def test_of_one_kind_the_least_step_is_shown(policy: Policy) -> None:
    months = [
        Changed((Change(PathKind.MORE_HISTORY, months=n),), scored("E" if n < 3 else "C"), GOOD) for n in (1, 3, 6)
    ]
    (way,) = ways_to_yes(scored("E"), GOOD, replace(policy, ways=ALL), REQUEST, prospects(*months))
    assert way.months == 3


def test_what_is_not_needed_is_not_worked_out(policy: Policy) -> None:
    asked: list[str] = []

    def firm(name: str, grade: str, *changes: Change) -> Callable[[], Changed]:
        return lambda: asked.append(name) or Changed(changes, scored(grade), GOOD)

    months = [firm(f"{n} months", "E" if n < 2 else "C", Change(PathKind.MORE_HISTORY, months=n)) for n in (1, 2, 3, 6)]
    spread = [firm(f"spread {n}", "E", BUYERS) for n in (60, 40)]
    pair = [firm("both", "C", CLEAR, BUYERS)]
    told = [
        Prospect(frozenset({PathKind.MORE_HISTORY}), tuple(months)),
        Prospect(frozenset({PathKind.FEWER_LARGE_BUYERS}), tuple(spread)),
        Prospect(frozenset({PathKind.CLEAR_LINES, PathKind.FEWER_LARGE_BUYERS}), tuple(pair)),
    ]
    (way,) = ways_to_yes(scored("E"), GOOD, replace(policy, ways=ALL), REQUEST, told)
    assert way.months == 2
    assert asked == ["6 months", "1 months", "2 months", "spread 40"]


def test_two_things_are_asked_for_only_where_no_single_one_is_enough(policy: Policy) -> None:
    both = Changed((CLEAR, BUYERS), scored("C"), GOOD)
    assert kinds(policy, Changed((CLEAR,), scored("E"), GOOD), both) == [["clear_lines", "fewer_large_buyers"]]
    assert kinds(policy, Changed((CLEAR,), scored("C"), GOOD), both) == [["clear_lines"]]
    never = replace(policy, ways=replace(ALL, together_up_to=1))
    assert ways_to_yes(scored("E"), GOOD, never, REQUEST, prospects(both)) == ()


def test_a_better_grade_may_still_lend_less_and_says_so(policy: Policy) -> None:
    asked = Request(12_000_000, 12)
    (way,) = ways_to_yes(
        scored("E"), GOOD, replace(policy, ways=ALL), asked, prospects(Changed((CLEAR,), scored("C"), GOOD))
    )
    assert [change.kind for change in way.changes] == [PathKind.CLEAR_LINES, PathKind.SMALLER_AMOUNT]
    assert way.lent_minor == 9_000_000 == way.changes[1].amount_minor


def test_nothing_found_is_said_as_nothing(policy: Policy) -> None:
    verdict = decide(
        scored("E"), GOOD, replace(policy, ways=ALL), REQUEST, prospects(Changed((CLEAR,), scored("E"), GOOD))
    )
    assert (verdict.outcome, verdict.path_to_yes, verdict.ways_to_yes) == (Outcome.DECLINE, None, ())


def test_a_pledge_is_proposed_only_where_it_can_be_made(policy: Policy) -> None:
    pledged = Changed((PLEDGE,), scored("E"), GOOD, pledged_minor=8_000_000)
    with pytest.raises(NotTheOwners, match="pledge_invoices"):
        kinds(policy, pledged)
    offered = replace(policy, ways=replace(ALL, capabilities=frozenset({"invoice_pledge"})))
    (way,) = ways_to_yes(scored("E"), GOOD, offered, REQUEST, prospects(pledged))
    assert (way.kind, way.outcome) == (PathKind.PLEDGE_INVOICES, Outcome.REVIEW)
    more = ways_to_yes(scored("E"), GOOD, offered, Request(6_500_000, 12), prospects(pledged))
    assert more[0].lent_minor == 6_400_000  # the advance on them, and no more


@pytest.mark.parametrize(
    ("change", "ratios"),
    [
        (CLEAR, replace(GOOD, current_overdue_minor=1)),
        (BUYERS, replace(GOOD, monthly_net_revenue_minor=7_000_000)),
        (Change(PathKind.REPAY_LOAN), replace(GOOD, months_of_history=15)),
        (Change(PathKind.MORE_HISTORY, months=1), replace(GOOD, enquiries_90d=2)),
        (Change(PathKind.SETTLE_OVERDUE), replace(GOOD, dishonest=True)),
    ],
)
def test_a_change_that_moves_what_is_not_its_own_is_refused(policy: Policy, change: Change, ratios: Ratios) -> None:
    with pytest.raises(NotTheOwners, match="not moved by"):
        ways_to_yes(
            scored("E"), GOOD, replace(policy, ways=ALL), REQUEST, prospects(Changed((change,), scored("C"), ratios))
        )


def test_two_terms_and_amounts_at_once_where_neither_alone_is_enough(policy: Policy) -> None:
    poor = replace(GOOD, monthly_net_revenue_minor=300_000)
    (way,) = decide(scored("A"), poor, policy, Request(1_200_000, 3)).ways_to_yes
    assert [change.kind for change in way.changes] == [PathKind.LONGER_TERM, PathKind.SMALLER_AMOUNT]
    assert (way.lent_minor, way.lent_months) == (520_000, 9)


grades = st.sampled_from("ABCDE")
firms = st.builds(
    Ratios,
    st.integers(0, 24),
    st.integers(0, 30_000_000),
    st.integers(0, 3_000_000),
    st.sampled_from([0, 0, 50_000]),
    st.integers(0, 8),
    st.integers(0, 14),
    st.booleans(),
)
POLICY: list[Policy] = []


@pytest.fixture(autouse=True, scope="module")
def _policy_for_properties(module_policy: Policy) -> None:
    POLICY[:] = [replace(module_policy, ways=ALL)]


@given(firms, grades, grades, grades, st.integers(50, 3000), st.integers(3, 24))
def test_every_way_flips_the_decision_and_none_changes_what_an_owner_cannot(
    ratios: Ratios, grade: str, cleared: str, spread: str, hundreds: int, months: int
) -> None:
    policy = POLICY[0]
    request = Request(hundreds * 10_000, months)
    tried = [
        Changed((CLEAR,), scored(cleared), ratios),
        Changed((BUYERS,), scored(spread), ratios),
        Changed((Change(PathKind.SETTLE_OVERDUE, ratios.current_overdue_minor),), scored(grade),
                replace(ratios, current_overdue_minor=0)),
        Changed((CLEAR, BUYERS), scored(min(cleared, spread)), ratios),
    ]  # fmt: skip
    verdict = decide(scored(grade), ratios, policy, request, prospects(*tried))
    ways = verdict.ways_to_yes
    assert verdict.path_to_yes == (ways[0] if ways else None)
    assert len(ways) <= policy.ways.shown_up_to
    if verdict.outcome is not Outcome.DECLINE:
        assert not ways
    for way in ways:
        assert way.outcome is not Outcome.DECLINE
        assert 1 <= len(way.changes) <= 2
        done = {change.kind: change for change in way.changes}
        asked = {kind for kind in done if kind in (PathKind.SMALLER_AMOUNT, PathKind.LONGER_TERM)}
        firm = next(
            (one for one in tried if {change.kind for change in one.changes} == set(done) - asked),
            Changed((), scored(grade), ratios),
        )
        again = Request(
            done[PathKind.SMALLER_AMOUNT].amount_minor or 0
            if PathKind.SMALLER_AMOUNT in done
            else request.amount_minor,
            done[PathKind.LONGER_TERM].months or 0 if PathKind.LONGER_TERM in done else request.months,
        )
        assert (again.amount_minor, again.months) == (way.lent_minor, way.lent_months)
        assert judge(firm.score, firm.ratios, policy, again).outcome is way.outcome
        assert replace(firm.ratios, current_overdue_minor=0) == replace(ratios, current_overdue_minor=0)


# --- a lower price, and other requests --------------------------------------------------------------------------------


def priced(policy: Policy) -> Policy:
    rates = dict(zip("ABCDE", ("0.073", "0.0913", "0.1095", "0.146", "0.146"), strict=True))
    grades = tuple(replace(rule, annual_rate=Decimal(rates[rule.grade])) for rule in policy.grades)
    return replace(policy, grades=grades, ways=ALL)


def test_what_lowers_the_price_was_judged_again_and_is_the_least_that_does(policy: Policy) -> None:
    def buyers(grade: str, share: str) -> Changed:
        return Changed((replace(BUYERS, share=Decimal(share)),), scored(grade), GOOD)

    cheaper = ways_to_a_lower_price(
        scored("B"), GOOD, priced(policy), REQUEST,
        prospects(Changed((CLEAR,), scored("B"), GOOD), buyers("B", "0.6"), buyers("A", "0.5"), buyers("A", "0.4")),
    )  # fmt: skip
    assert [(way.kind, way.changes[0].share, way.annual_rate) for way in cheaper] == [
        ("fewer_large_buyers", Decimal("0.5"), Decimal("0.073"))
    ]
    (way,) = cheaper
    assert (way.outcome, way.lent_minor, way.lent_months) == (Outcome.APPROVE, 5_000_000, 12)


def test_the_best_price_and_a_no_have_nothing_cheaper(policy: Policy) -> None:
    better = prospects(Changed((CLEAR,), scored("A"), GOOD))
    assert ways_to_a_lower_price(scored("A"), GOOD, priced(policy), REQUEST, better) == ()
    assert ways_to_a_lower_price(scored("E"), GOOD, priced(policy), REQUEST, better) == ()


def test_a_smaller_amount_is_shown_only_if_the_score_of_that_request_says_yes_too(policy: Policy) -> None:
    asked: list[Request] = []

    def worse(request: Request) -> Score:
        asked.append(request)
        return scored("E")

    too_much = Request(30_000_000, 12)
    as_now = ways_to_yes(scored("C"), GOOD, policy, too_much, ())
    assert as_now
    assert ways_to_yes(scored("C"), GOOD, policy, too_much, (), worse) == ()
    assert as_now[0].lent_minor in [request.amount_minor for request in asked]

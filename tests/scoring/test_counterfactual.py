"""What a firm would be after its owner did something: bills that could be uploaded, read by the same model."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lending.bad_months import p10_of
from lending.decisions import decide
from lending.judging import judge
from lending.verdicts import Change, Outcome, PathKind, Policy, Ratios, Request
from policies.book import load
from scoring.assessment import Assessment, assess
from scoring.catalogue import INDEX
from scoring.counterfactual import edited, prospects
from scoring.evidence import Evidence
from scoring.features import features_of
from scoring.invoices import SOLD, UNKNOWN_DAY, Invoices
from scoring.lines import LOAN_IN, OTHER, SALE, Lines, day_number

AS_OF = date(2025, 6, 30)
REQUEST = Request(3_000_000, 12)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policy as it ships: all that owners can be offered, but for a pledge."""
    return load().policy("revenue_linked_working_capital")


def facts(assessment: Assessment, **more: Any) -> Ratios:
    bad = p10_of(assessment.monthly_series)
    return Ratios(assessment.months_of_history, assessment.monthly_net_revenue_minor, revenue_p10_minor=bad, **more)


def figures(evidence: Evidence, name: str) -> float:
    return float(features_of(evidence, AS_OF)[INDEX[name]])


def of_kind(evidence: Evidence, policy: Policy, kind: PathKind, **more: Any):
    ratios = Ratios(12, 6_000_000, **more)
    return [edit for edit in edited(evidence, AS_OF, ratios, policy) if edit.change.kind is kind]


@pytest.fixture
def firm(shop) -> Evidence:
    return Evidence(Lines.from_rows(shop(days=200)))


def test_more_months_are_more_of_the_same_trade(firm: Evidence, policy: Policy) -> None:
    edits = of_kind(firm, policy, PathKind.MORE_HISTORY)
    assert [edit.change.months for edit in edits] == [1, 2, 3, 6, 9]
    longer = edits[2].evidence(firm)
    assert int(firm.lines.day.min()) - int(longer.lines.day.min()) in (89, 90, 91, 92)
    assert longer.lines.day.max() == firm.lines.day.max()
    assert figures(longer, "closed_days") == pytest.approx(figures(firm, "closed_days"), abs=0.01)
    assert figures(longer, "rent_delay") == pytest.approx(figures(firm, "rent_delay"), abs=0.01)
    assert figures(longer, "purchase_ratio") == pytest.approx(figures(firm, "purchase_ratio"), rel=0.05)
    assert figures(longer, "sales_level") == pytest.approx(figures(firm, "sales_level"), abs=0.02)
    assert figures(longer, "months_covered") == pytest.approx(figures(firm, "months_covered") + 3, abs=0.1)


@pytest.mark.parametrize(
    ("series", "worst"),
    [((), None), ((5, 9), None), ((9, 5, 7), 5), (tuple(range(1000, 0, -100)), 190), ((0,) * 12, 0)],
)
def test_bad_months_are_read_from_the_changed_bills_too(series: tuple[int, ...], worst: int | None) -> None:
    assert p10_of(series) == worst


def test_months_that_a_rule_asks_for_are_a_step_of_their_own(firm: Evidence, policy: Policy) -> None:
    months = [edit.change.months for edit in edited(firm, AS_OF, Ratios(0, 1), replace(policy, months_of_history=5))
              if edit.change.kind is PathKind.MORE_HISTORY]  # fmt: skip
    assert months == [1, 2, 3, 5, 6, 9]


def test_clear_lines_are_never_counted_as_sales(firm: Evidence, policy: Policy) -> None:
    assert of_kind(firm, policy, PathKind.CLEAR_LINES) == []
    kinds = firm.lines.kind.copy()
    kinds[np.flatnonzero(kinds == SALE)[::5]] = OTHER
    unclear = replace(firm, lines=replace(firm.lines, kind=kinds))
    (edit,) = of_kind(unclear, policy, PathKind.CLEAR_LINES)
    assert edit.change.amount_minor == int(unclear.lines.amount_minor[kinds == OTHER].sum())
    cleared = edit.evidence(unclear)
    assert figures(cleared, "unexplained_income") == 0
    assert figures(cleared, "sales_level") == figures(unclear, "sales_level")


def test_a_spread_of_buyers_leaves_sales_as_they_were(firm: Evidence, policy: Policy) -> None:
    sold = np.flatnonzero(firm.lines.kind == SALE)
    party = firm.lines.counterparty.copy()
    party[sold[: int(len(sold) * 0.7)]] = 77
    narrow = replace(firm, lines=replace(firm.lines, counterparty=party))
    edits = of_kind(narrow, policy, PathKind.FEWER_LARGE_BUYERS)
    assert [edit.change.share for edit in edits] == [Decimal("0.60"), Decimal("0.50"), Decimal("0.40"), Decimal("0.30")]
    for edit in edits:
        spread = edit.evidence(narrow).lines
        amounts = spread.amount_minor[sold]
        _, pair = np.unique(spread.counterparty[sold], return_inverse=True)
        assert np.bincount(pair, amounts).max() / amounts.sum() <= float(edit.change.share or 0) + 1e-9
        assert (spread.amount_minor == narrow.lines.amount_minor).all()
        assert (spread.kind == narrow.lines.kind).all()
    assert figures(edits[-1].evidence(narrow), "buyer_concentration") < figures(narrow, "buyer_concentration")


def test_a_loan_repaid_is_seen_in_the_next_bill(firm: Evidence, policy: Policy) -> None:
    lines = firm.lines
    one = lines.where(np.array([10]))
    loan = replace(one, direction=np.array([1], np.int8), kind=np.array([LOAN_IN], np.int8),
                   amount_minor=np.array([900_000]))  # fmt: skip
    columns = ("firm", "day", "direction", "amount_minor", "kind", "counterparty")
    owing = Evidence(Lines(*(np.concatenate([getattr(lines, name), getattr(loan, name)]) for name in columns)))
    (edit,) = of_kind(owing, policy, PathKind.REPAY_LOAN, monthly_instalments_minor=100_000)
    assert edit.cleared == {"monthly_instalments_minor"}
    assert figures(owing, "loan_balance") > 0
    assert figures(edit.evidence(owing), "loan_balance") == 0
    assert of_kind(firm, policy, PathKind.REPAY_LOAN) == []


def test_an_invoice_list_bears_the_bills_out(firm: Evidence, policy: Policy) -> None:
    (edit,) = of_kind(firm, policy, PathKind.ADD_INVOICES)
    added = edit.evidence(firm).invoices
    sold = firm.lines.amount_minor[firm.lines.kind == SALE].sum()
    assert added.net_minor.sum() == sold
    assert (added.settled == added.issued).all()
    assert of_kind(edit.evidence(firm), policy, PathKind.ADD_INVOICES) == []


def test_what_the_lender_does_not_offer_yet_is_no_way(firm: Evidence, policy: Policy) -> None:
    kinds = firm.lines.kind.copy()
    kinds[np.flatnonzero(kinds == SALE)[::5]] = OTHER
    unclear = replace(firm, lines=replace(firm.lines, kind=kinds))
    bare = replace(policy, ways=replace(policy.ways, capabilities=frozenset()))
    assert of_kind(unclear, bare, PathKind.CLEAR_LINES) == of_kind(unclear, bare, PathKind.ADD_INVOICES) == []


def test_a_pledge_is_there_only_where_it_can_be_made(firm: Evidence, policy: Policy) -> None:
    today = day_number(AS_OF)
    days = np.array([today - 20, today - 20, today - 200, today - 30])
    open_ones = Invoices.from_columns({
        "firm": np.zeros(4, int), "side": np.full(4, SOLD), "issued": days, "counterparty": np.arange(1, 5),
        "due": np.array([today + 30, today - 1, UNKNOWN_DAY, UNKNOWN_DAY]), "net_minor": np.array([100, 200, 400, 800]),
    })  # fmt: skip
    owing = replace(firm, invoices=open_ones)
    assert of_kind(owing, policy, PathKind.PLEDGE_INVOICES) == []
    offered = replace(policy, ways=replace(policy.ways, capabilities=frozenset({"invoice_pledge"})))
    (edit,) = of_kind(owing, offered, PathKind.PLEDGE_INVOICES)
    assert edit.pledged_minor == 900  # what is late, or open for a quarter without a due date, secures nothing


def test_every_way_shown_to_a_declined_firm_flips_its_decision(model, one_firm, policy: Policy) -> None:
    """Each way is done to the evidence here, judged from the beginning, and comes out as it was promised."""
    declined = flipped = by_grade = 0
    for number in range(160):
        lines, as_of = one_firm(number)
        evidence, extra = Evidence(lines), {"monthly_instalments_minor": 400_000 if number % 5 == 0 else 0}
        known = assess(model, evidence, as_of)
        score = replace(known.score, grade=policy.grade_of(known.score.pd))
        ratios = facts(known, **extra)
        verdict = decide(score, ratios, policy, REQUEST, prospects(model, evidence, as_of, ratios, policy))
        if verdict.outcome is not Outcome.DECLINE:
            assert verdict.ways_to_yes == ()
            continue
        declined += 1
        by_grade += bool(verdict.ways_to_yes) and policy.rule_of(score.grade).outcome is Outcome.DECLINE
        for way in verdict.ways_to_yes:
            assert outcome_after(way.changes, model, evidence, as_of, ratios, policy) is way.outcome
            assert way.outcome is not Outcome.DECLINE
            flipped += 1
    assert declined >= 12
    assert flipped >= 6
    assert by_grade >= 2


def outcome_after(changes: tuple[Change, ...], model, evidence, as_of, ratios: Ratios, policy: Policy) -> Outcome:
    request, done = REQUEST, evidence
    facts_after = {}
    for change in changes:
        match change.kind:
            case PathKind.SMALLER_AMOUNT:
                request = replace(request, amount_minor=change.amount_minor)
            case PathKind.LONGER_TERM:
                request = replace(request, months=change.months)
            case _:
                edits = edited(evidence.known(as_of), as_of, ratios, policy)
                edit = next(edit for edit in edits if edit.change == change)
                done = edit.evidence(done)
                facts_after |= dict.fromkeys(edit.cleared, 0)
    again = assess(model, done, as_of)
    score = replace(again.score, grade=policy.grade_of(again.score.pd))
    after = replace(
        ratios,
        months_of_history=again.months_of_history,
        monthly_net_revenue_minor=again.monthly_net_revenue_minor,
        revenue_p10_minor=p10_of(again.monthly_series),
        **facts_after,
    )
    return judge(score, after, policy, request).outcome

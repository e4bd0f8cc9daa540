"""What money was: by the owner's word, by the words in a bill, or unclear."""

from dataclasses import replace
from decimal import Decimal

import pytest

from imports.lines import Kind
from lending import flows
from lending.decisions import decide
from lending.flows import Use, confidence_with, kind_as_said, raised_percent, split_of
from lending.verdicts import Outcome, Ratios, ReasonCode, Request, Score


def test_the_kinds_are_those_of_the_reader():
    for kind in Kind:
        assert getattr(flows, kind.name) == kind


@pytest.mark.parametrize(
    ("kind", "direction", "guessed", "said", "use", "reason", "sure"),
    [
        (Kind.SALE, 1, False, None, "business", "sale_words", "0.90"),
        (Kind.SALE, 1, True, None, "unclear", "no_words_in", "0.50"),
        (Kind.PURCHASE, -1, True, None, "unclear", "no_words_out", "0.50"),
        (Kind.PRIVATE, -1, True, None, "private", "paid_in_shops", "0.50"),
        (Kind.PRIVATE, 1, False, None, "private", "private_words", "0.90"),
        (Kind.TRANSFER_SELF, 1, False, None, "own_account", "own_move_words", "0.90"),
        (Kind.PRIVATE, 1, False, Use.BUSINESS, "business", "owner_said", "1.00"),
        (Kind.LOAN_REPAY, -1, False, Use.PRIVATE, "business", "loan_words", "0.90"),
    ],
)
def test_each_line_has_a_use_a_reason_and_how_sure_that_is(kind, direction, guessed, said, use, reason, sure):
    found = split_of(kind, direction, guessed=guessed, said=said)
    assert (found.use, found.reason, found.confidence) == (use, reason, Decimal(sure))


def test_a_debt_stays_one_and_trade_stays_what_it_was():
    assert kind_as_said(Kind.LOAN_IN, 1, Use.BUSINESS) == Kind.LOAN_IN
    assert kind_as_said(Kind.RENT, -1, Use.BUSINESS) == Kind.RENT
    assert kind_as_said(Kind.PRIVATE, 1, Use.BUSINESS) == Kind.SALE
    assert kind_as_said(Kind.PRIVATE, -1, Use.BUSINESS) == Kind.PURCHASE
    assert kind_as_said(Kind.SALE, 1, Use.OWN_ACCOUNT) == Kind.TRANSFER_SELF


def test_what_corrections_add_is_rounded_up_and_cannot_be_without_bound():
    assert [raised_percent(*pair) for pair in ((100, 0), (1_000, 1), (100, 11), (0, 5))] == [0, 1, 11, 999]


def test_unclear_money_costs_confidence_and_is_named_where_that_decides(policy):
    policy = replace(policy, unsplit_costs=Decimal("0.20"))
    known = confidence_with(Decimal("0.50"), 80, policy.unsplit_costs)
    assert known == Decimal("0.34")
    ratios = Ratios(12, 6_000_000, unsplit_percent=80)
    verdict = decide(Score(Decimal("0.01"), "A", known), ratios, policy, Request(2_000_000, 12))
    assert verdict.outcome is Outcome.REVIEW
    assert (ReasonCode.FLOWS_NOT_SPLIT, (("percent", "80"),)) in [(r.code, r.params) for r in verdict.reasons]


def test_revenue_that_rests_on_the_owners_word_is_looked_at_by_a_person(policy):
    policy = replace(policy, corrected_up_to=Decimal("0.10"))
    score, request = Score(Decimal("0.01"), "A", Decimal("0.90")), Request(2_000_000, 12)
    asked = [
        decide(score, Ratios(12, 6_000_000, corrected_percent=percent), policy, request) for percent in (0, 10, 11)
    ]
    assert [verdict.outcome for verdict in asked] == [Outcome.APPROVE, Outcome.APPROVE, Outcome.REVIEW]
    assert [(r.code, r.params) for r in asked[-1].reasons] == [(ReasonCode.REVENUE_BY_CORRECTION, (("percent", "11"),))]

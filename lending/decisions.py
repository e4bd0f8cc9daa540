"""Decide one request, and where the answer is no say the nearest way to a yes (lending-practice P23)."""

from dataclasses import replace

from lending.judging import judge
from lending.verdicts import Outcome, Policy, Ratios, Request, Score, Verdict
from lending.way_to_yes import way_to_yes


def decide(score: Score, ratios: Ratios, policy: Policy, request: Request) -> Verdict:
    """Decide one request. Refuses amounts and months that the product does not lend at all; all else is a verdict."""
    policy.product.amounts.require(request.amount_minor, policy.product.amounts.currency)
    policy.product.months.require(request.months)
    verdict = judge(score, ratios, policy, request)
    if verdict.outcome is not Outcome.DECLINE:
        return verdict
    return replace(verdict, path_to_yes=way_to_yes(score, ratios, policy, request, verdict))

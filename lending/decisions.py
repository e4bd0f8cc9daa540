"""Decide one request, and where the answer is no say what leads to a yes (lending-practice P23)."""

from collections.abc import Iterable
from dataclasses import replace

from lending.judging import judge
from lending.verdicts import Outcome, Policy, Ratios, Request, Score, Verdict
from lending.way_to_yes import Prospect, Rescored, ways_to_yes


def decide(
    score: Score,
    ratios: Ratios,
    policy: Policy,
    request: Request,
    prospects: Iterable[Prospect] | None = None,
    rescored: Rescored | None = None,
) -> Verdict:
    """Decide one request. Refuses amounts and months that the product does not lend at all; all else is a verdict.

    ``prospects``: what the owner may do and what the firm would be then, walked only where the answer is no; see
    :func:`lending.way_to_yes.ways_to_yes`. ``rescored``: the score of the same firm that asks for something else.
    """
    policy.product.amounts.require(request.amount_minor, policy.product.amounts.currency)
    policy.product.months.require(request.months)
    verdict = judge(score, ratios, policy, request)
    if verdict.outcome is not Outcome.DECLINE:
        return verdict
    ways = ways_to_yes(score, ratios, policy, request, prospects, rescored)
    return replace(verdict, path_to_yes=ways[0] if ways else None, ways_to_yes=ways)

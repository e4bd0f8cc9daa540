"""The nearest change that turns a "no" into a "yes", proven by judging again with it."""

from dataclasses import replace

from lending.judging import judge, limit_of
from lending.verdicts import Outcome, PathKind, PathToYes, Policy, Ratios, Request, Score, Verdict


def way_to_yes(score: Score, ratios: Ratios, policy: Policy, request: Request, declined: Verdict) -> PathToYes | None:
    """The nearest change that flips the decision, tried in the order in which an owner can do them."""
    product = policy.product

    def tried(changed: Ratios, amount_minor: int, months: int) -> tuple[Outcome, int, int] | None:
        """What comes out for these ratios at the amount asked for, or at the largest that they carry."""
        limit = limit_of(changed, policy, policy.rule_of(score.grade), months)
        amount = min(amount_minor, limit)
        if amount < product.amounts.lowest_minor:
            return None
        outcome = judge(score, changed, policy, Request(amount, months)).outcome
        return None if outcome is Outcome.DECLINE else (outcome, amount, months)

    if found := tried(ratios, request.amount_minor, request.months):
        return PathToYes(PathKind.SMALLER_AMOUNT, found[0], amount_minor=found[1])
    for months in range(request.months + 1, product.months.longest + 1):
        if found := tried(ratios, request.amount_minor, months):
            return PathToYes(PathKind.LONGER_TERM, found[0], amount_minor=found[1], months=months)
    if ratios.months_of_history < policy.months_of_history:
        more = policy.months_of_history - ratios.months_of_history
        longer = replace(ratios, months_of_history=policy.months_of_history)
        if found := tried(longer, request.amount_minor, request.months):
            return PathToYes(PathKind.MORE_HISTORY, found[0], amount_minor=found[1], months=more)
    if ratios.current_overdue_minor > policy.current_overdue_up_to_minor:
        settled = replace(ratios, current_overdue_minor=0)
        if found := tried(settled, request.amount_minor, request.months):
            return PathToYes(PathKind.SETTLE_OVERDUE, found[0], amount_minor=ratios.current_overdue_minor)
    return None

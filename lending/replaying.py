"""A decision found again from what it rested on: the same score, facts, policy and request give the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from lending.calendars import Jurisdiction
from lending.hard_rules import broken_rules
from lending.judging import judge
from lending.offers import make_offers
from lending.refusals import OutsidePolicy
from lending.verdicts import Outcome, Policy, Ratios, Reason, ReasonCode, Request, Route, Score, Verdict

# Counts up whenever the rules would answer the same facts otherwise: a replay then says that the rules have changed,
# instead of that a decision was wrong.
RULES = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What the machine answered, and the hashes of the terms that it put on the table."""

    verdict: Verdict
    plans: tuple[str, ...]


def without_model(verdict: Verdict, ratios: Ratios, policy: Policy, request: Request) -> Verdict:
    """No model could be used: a person decides, from the papers; unless a hard rule says no, which needs no score."""
    if broken_rules(ratios, policy, request):
        return verdict
    return replace(
        verdict,
        outcome=Outcome.REVIEW,
        reasons=(Reason("no_model"),),
        path_to_yes=None,
        ways_to_yes=(),
        route=Route.MANUAL,
        route_reason="no_model",
    )


def found_again(
    score: Score,
    ratios: Ratios,
    policy: Policy,
    request: Request,
    *,
    scored: bool,
    series: Sequence[int] | int,
    as_of: date,
    jurisdiction: Jurisdiction,
) -> Found:
    """The machine's answer to these facts; advice about a "no" is no part of it.

    ``scored``: whether a model was at work. ``series``: usual months of net revenue, or one figure for all.
    """
    verdict = judge(score, ratios, policy, request)
    if not scored:
        return Found(without_model(verdict, ratios, policy, request), ())
    if verdict.outcome is not Outcome.APPROVE:
        return Found(verdict, ())
    try:
        offers = make_offers(policy.product, verdict, request, series, as_of, jurisdiction)
    except OutsidePolicy:
        return Found(replace(verdict, outcome=Outcome.DECLINE, reasons=(Reason(ReasonCode.NO_PLAN_FITS),)), ())
    return Found(verdict, tuple(offer.terms_hash for offer in offers))

"""Yes, no, or a person looks: hard rules first, then the score, then what the sales can carry (lending-practice P23).

Every "no" has one to four reasons that name a fact.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from lending.exposure import concentrations, room_of_group
from lending.hard_rules import broken_rules, doubts_of_purpose
from lending.verdicts import (
    REASONS_AT_MOST,
    GradeRule,
    Outcome,
    Policy,
    Ratios,
    Reason,
    ReasonCode,
    Request,
    Route,
    Score,
    Verdict,
)


def judge(score: Score, ratios: Ratios, policy: Policy, request: Request) -> Verdict:
    """The verdict without a way to yes."""
    rule = policy.rule_of(score.grade)

    def verdict(outcome: Outcome, reasons: list[Reason], limit_minor: int = 0) -> Verdict:
        route, why = _route(outcome, reasons, policy)
        return Verdict(
            outcome=outcome,
            reasons=tuple(reasons[:REASONS_AT_MOST]),
            limit_minor=limit_minor,
            path_to_yes=None,
            grade=rule.grade,
            policy_version=policy.version,
            annual_rate=policy.annual_rate(rule),
            longest_months=policy.longest_months(rule),
            route=route,
            route_reason=why,
        )

    if broken := broken_rules(ratios, policy, request):
        return verdict(Outcome.DECLINE, broken)
    to_explain = [Reason(code) for code in ratios.to_explain]
    if ratios.held:
        return verdict(Outcome.REVIEW, to_explain, limit_of(ratios, policy, rule, request.months))
    if rule.outcome is Outcome.DECLINE:
        return verdict(Outcome.DECLINE, _adverse(score))
    limit = limit_of(ratios, policy, rule, request.months)
    if request.amount_minor > limit or limit < policy.product.amounts.lowest_minor:
        return verdict(Outcome.DECLINE, _what_binds(score, ratios, policy, rule, request), limit)
    crowded = list(concentrations(ratios, policy, request))
    if crowded and policy.exposure.above is Outcome.DECLINE:
        return verdict(Outcome.DECLINE, crowded)
    if wants_a_person := [*to_explain, *_wants_a_person(score, ratios, policy, rule, request), *crowded]:
        return verdict(Outcome.REVIEW, wants_a_person, limit)
    helped = [Reason(reason.code, reason.params) for reason in score.reasons if reason.weight < 0]
    return verdict(Outcome.APPROVE, [*conditions(policy, rule.grade, request.amount_minor), *helped], limit)


def conditions(policy: Policy, grade: str, amount_minor: int) -> list[Reason]:
    """What a yes to this amount takes, whoever says it: first among its reasons, since no money moves without."""
    return [Reason(ReasonCode.GUARANTEE_ASKED)] if policy.takes_a_guarantor(grade, amount_minor) else []


def _wants_a_person(
    score: Score, ratios: Ratios, policy: Policy, rule: GradeRule, request: Request
) -> Iterator[Reason]:
    """Why no machine may say yes here, although nothing speaks against it."""
    # Nobody may be lent to by machine without a look at every register that has to be asked.
    for silent, code in (
        (ratios.bureau_silent, ReasonCode.BUREAU_SILENT),
        (ratios.company_report_silent, ReasonCode.COMPANY_REPORT_SILENT),
        (ratios.courts_silent, ReasonCode.COURTS_SILENT),
        (ratios.register_silent, ReasonCode.REGISTER_SILENT),
        (ratios.registers_not_allowed, ReasonCode.REGISTERS_NOT_ALLOWED),
    ):
        if silent:
            yield Reason(code)
    if request.amount_minor > policy.automatic_limit_minor:
        yield Reason(ReasonCode.ABOVE_AUTOMATIC_LIMIT, (("limit_minor", str(policy.automatic_limit_minor)),))
    if ratios.papers_to_look_at:
        yield Reason(ReasonCode.PAPERS_TO_LOOK_AT, (("n", str(ratios.papers_to_look_at)),))
    yield from doubts_of_purpose(ratios, policy)
    if rule.outcome is Outcome.REVIEW:
        yield Reason(ReasonCode.GRADE_NEEDS_A_PERSON)
        yield from _adverse(score)
    if ratios.bills_differ:
        yield Reason(ReasonCode.BILLS_DIFFER)
    if ratios.corrected_percent > policy.corrected_up_to * 100:
        yield Reason(ReasonCode.REVENUE_BY_CORRECTION, (("percent", str(ratios.corrected_percent)),))
    if score.confidence < policy.confidence_at_least:
        split = score.confidence + policy.unsplit_costs * ratios.unsplit_percent / 100
        if ratios.unsplit_percent and split >= policy.confidence_at_least:
            yield Reason(ReasonCode.FLOWS_NOT_SPLIT, (("percent", str(ratios.unsplit_percent)),))
        else:
            yield Reason(ReasonCode.LITTLE_IS_KNOWN)


def _route(outcome: Outcome, reasons: list[Reason], policy: Policy) -> tuple[Route, str]:
    """Who decides, and the reason that makes it so; a machine's own answer rests on its first reason."""
    first = str(reasons[0].code) if reasons else ""
    if outcome is not Outcome.REVIEW:
        return Route.AUTOMATIC, first
    blind = [str(reason.code) for reason in reasons if reason.code in policy.manual_reasons]
    return (Route.MANUAL, blind[0]) if blind else (Route.HYBRID, first)


def _adverse(score: Score) -> list[Reason]:
    """The score's own reasons that raised the risk, heaviest first: a reason is never "the score was low"."""
    adverse = sorted((r for r in score.reasons if r.weight > 0), key=lambda reason: (-reason.weight, reason.code))
    return [Reason(reason.code, reason.params) for reason in adverse] or [Reason(ReasonCode.LITTLE_IS_KNOWN)]


def _monthly_room(ratios: Ratios, policy: Policy) -> Decimal:
    """What a month's sales leave for this loan: the product's largest share, less what other debts already take.

    Other debts are the owner's and the firm's; in a month of the worst tenth they may take no more either.
    """
    revenue = Decimal(ratios.monthly_net_revenue_minor)
    by_share = revenue * policy.product.share.highest
    by_debts = revenue * policy.debt_service_up_to - _instalments(ratios)
    return max(Decimal(0), min(by_share, by_debts, _bad_month_room(ratios, policy, by_share)))


def _bad_month_room(ratios: Ratios, policy: Policy, otherwise: Decimal) -> Decimal:
    part, revenue = policy.debt_service_in_bad_months_up_to, ratios.revenue_p10_minor
    return otherwise if part is None or revenue is None else revenue * part - _instalments(ratios)


def _instalments(ratios: Ratios) -> int:
    return ratios.monthly_instalments_minor + ratios.company_instalments_minor


def _carried_by_sales(ratios: Ratios, policy: Policy, rule: GradeRule, months: int) -> Decimal:
    """The principal that ``months`` of that room repay with its interest, on a balance that falls evenly."""
    interest_part = policy.annual_rate(rule) * months / 24
    return _monthly_room(ratios, policy) * months / (1 + interest_part)


def limit_of(ratios: Ratios, policy: Policy, rule: GradeRule, months: int) -> int:
    """What may be borrowed over ``months``, in minor units: by the grade, by what sales carry, by what the group may
    still borrow; the smallest. Months beyond the grade's longest term lend no more."""
    by_grade = ratios.monthly_net_revenue_minor * rule.revenue_months
    most = min(by_grade, _carried_by_sales(ratios, policy, rule, min(months, policy.longest_months(rule))))
    by_group = room_of_group(ratios, policy)
    return policy.product.amounts.down_to_step(int(most if by_group is None else min(most, by_group)))


def _what_binds(score: Score, ratios: Ratios, policy: Policy, rule: GradeRule, request: Request) -> list[Reason]:
    """Why the amount is too much: the group's limit, other debts, bad months, or what the grade may borrow."""
    reasons: list[Reason] = []
    limit = limit_of(ratios, policy, rule, request.months)
    ungrouped = replace(policy, exposure=replace(policy.exposure, group_up_to_minor=None))
    if policy.exposure.group_up_to_minor is not None and limit < limit_of(ratios, ungrouped, rule, request.months):
        figures = (("amount_minor", str(ratios.group_minor)), ("most_minor", str(policy.exposure.group_up_to_minor)))
        reasons.append(Reason(ReasonCode.GROUP_LIMIT, figures))
        if request.amount_minor <= limit_of(ratios, ungrouped, rule, request.months):
            return reasons
    room = _monthly_room(ratios, policy)
    without_debts = _monthly_room(replace(ratios, monthly_instalments_minor=0, company_instalments_minor=0), policy)
    if room < without_debts:
        reasons.append(Reason(ReasonCode.OTHER_DEBTS_TAKE_TOO_MUCH, (("monthly_minor", str(_instalments(ratios))),)))
    if room < _monthly_room(replace(ratios, revenue_p10_minor=None), policy):
        bad = (("monthly_minor", str(ratios.revenue_p10_minor)), ("limit_minor", str(limit)))
        reasons.append(Reason(ReasonCode.BAD_MONTHS_CANNOT_CARRY, bad))
    else:
        usual = (("monthly_minor", str(ratios.monthly_net_revenue_minor)), ("limit_minor", str(limit)))
        reasons.append(Reason(ReasonCode.SALES_CANNOT_CARRY, usual))
    return reasons + [Reason(r.code, r.params) for r in score.reasons if r.weight > 0]

"""Yes, no, or a person looks: hard rules first, then the score, then what the sales can carry (lending-practice P23).

Every "no" has one to four reasons that name a fact.
"""

from dataclasses import replace
from decimal import Decimal

from lending.verdicts import (
    REASONS_AT_MOST,
    GradeRule,
    Outcome,
    Policy,
    Ratios,
    Reason,
    ReasonCode,
    Request,
    Score,
    Verdict,
)


def judge(score: Score, ratios: Ratios, policy: Policy, request: Request) -> Verdict:
    """The verdict without a way to yes."""
    rule = policy.rule_of(score.grade)

    def verdict(outcome: Outcome, reasons: list[Reason], limit_minor: int = 0) -> Verdict:
        return Verdict(outcome, tuple(reasons[:REASONS_AT_MOST]), limit_minor, None, rule.grade, policy.version)

    if broken := _broken_rules(ratios, policy):
        return verdict(Outcome.DECLINE, broken)
    if rule.outcome is Outcome.DECLINE:
        return verdict(Outcome.DECLINE, _adverse(score))
    limit = limit_of(ratios, policy, rule, request.months)
    if request.amount_minor > limit or limit < policy.product.amounts.lowest_minor:
        return verdict(Outcome.DECLINE, _what_binds(score, ratios, policy, rule, request), limit)
    wants_a_person: list[Reason] = []
    if request.amount_minor > policy.automatic_limit_minor:
        limit_text = str(policy.automatic_limit_minor)
        wants_a_person.append(Reason(ReasonCode.ABOVE_AUTOMATIC_LIMIT, (("limit_minor", limit_text),)))
    if rule.outcome is Outcome.REVIEW:
        wants_a_person += [Reason(ReasonCode.GRADE_NEEDS_A_PERSON), *_adverse(score)]
    if ratios.bills_differ:
        wants_a_person.append(Reason(ReasonCode.BILLS_DIFFER))
    if score.confidence < policy.confidence_at_least:
        wants_a_person.append(Reason(ReasonCode.LITTLE_IS_KNOWN))
    if wants_a_person:
        return verdict(Outcome.REVIEW, wants_a_person, limit)
    helped = [Reason(reason.code, reason.params) for reason in score.reasons if reason.weight < 0]
    return verdict(Outcome.APPROVE, helped, limit)


def _broken_rules(ratios: Ratios, policy: Policy) -> list[Reason]:
    """Hard rules, the gravest first; each states the fact and the rule's figure."""
    broken: list[Reason] = []
    if ratios.dishonest:
        broken.append(Reason(ReasonCode.DISHONEST_LIST))
    if ratios.current_overdue_minor > policy.current_overdue_up_to_minor:
        broken.append(Reason(ReasonCode.CURRENT_OVERDUE, (("amount_minor", str(ratios.current_overdue_minor)),)))
    if ratios.months_of_history < policy.months_of_history:
        seen, needed = str(ratios.months_of_history), str(policy.months_of_history)
        broken.append(Reason(ReasonCode.TOO_LITTLE_HISTORY, (("months_seen", seen), ("months_needed", needed))))
    elif ratios.monthly_net_revenue_minor <= 0:
        broken.append(Reason(ReasonCode.NO_REVENUE))
    if ratios.overdue_months_24 > policy.overdue_months_24_up_to:
        months, most = str(ratios.overdue_months_24), str(policy.overdue_months_24_up_to)
        broken.append(Reason(ReasonCode.MANY_OVERDUES, (("months", months), ("most", most))))
    if ratios.enquiries_90d > policy.enquiries_90d_up_to:
        count, most = str(ratios.enquiries_90d), str(policy.enquiries_90d_up_to)
        broken.append(Reason(ReasonCode.MANY_ENQUIRIES, (("count", count), ("most", most))))
    return broken


def _adverse(score: Score) -> list[Reason]:
    """The score's own reasons that raised the risk, heaviest first: a reason is never "the score was low"."""
    adverse = sorted((r for r in score.reasons if r.weight > 0), key=lambda reason: (-reason.weight, reason.code))
    return [Reason(reason.code, reason.params) for reason in adverse] or [Reason(ReasonCode.LITTLE_IS_KNOWN)]


def _monthly_room(ratios: Ratios, policy: Policy) -> Decimal:
    """What a month's sales leave for this loan: the product's largest share, less what other debts already take."""
    revenue = Decimal(ratios.monthly_net_revenue_minor)
    by_share = revenue * policy.product.share.highest
    by_debts = revenue * policy.debt_service_up_to - ratios.monthly_instalments_minor
    return max(Decimal(0), min(by_share, by_debts))


def _carried_by_sales(ratios: Ratios, policy: Policy, months: int) -> Decimal:
    """The principal that ``months`` of that room repay with its interest, on a balance that falls evenly."""
    interest_part = policy.product.price.annual_rate * months / 24
    return _monthly_room(ratios, policy) * months / (1 + interest_part)


def limit_of(ratios: Ratios, policy: Policy, rule: GradeRule, months: int) -> int:
    """What may be borrowed over ``months``, in minor units: by the grade and by what sales carry, the smaller."""
    by_grade = ratios.monthly_net_revenue_minor * rule.revenue_months
    most = min(by_grade, _carried_by_sales(ratios, policy, months))
    return policy.product.amounts.down_to_step(int(most))


def _what_binds(score: Score, ratios: Ratios, policy: Policy, rule: GradeRule, request: Request) -> list[Reason]:
    """Why the amount is too much: other debts, the sales, or what the grade may borrow for these sales."""
    room = _monthly_room(ratios, policy)
    without_debts = _monthly_room(replace(ratios, monthly_instalments_minor=0), policy)
    reasons: list[Reason] = []
    if room < without_debts:
        instalments = str(ratios.monthly_instalments_minor)
        reasons.append(Reason(ReasonCode.OTHER_DEBTS_TAKE_TOO_MUCH, (("monthly_minor", instalments),)))
    revenue = str(ratios.monthly_net_revenue_minor)
    limit = str(limit_of(ratios, policy, rule, request.months))
    reasons.append(Reason(ReasonCode.SALES_CANNOT_CARRY, (("monthly_minor", revenue), ("limit_minor", limit))))
    return reasons + [Reason(r.code, r.params) for r in score.reasons if r.weight > 0]

"""What ends a request before any score is looked at: registers, eligibility, purpose (lending-practice P23).

Each rule that is broken is a reason with the fact's figure and the rule's. The gravest come first, since four are told.
"""

from collections.abc import Iterator
from decimal import Decimal

from lending.verdicts import Policy, Ratios, Reason, ReasonCode, RegisterState, Request

MONTHS_IN_A_YEAR = 12
MONTHS_OF_PURCHASES = 6  # how far back money that left for securities or property is looked at

_OF_STATE = {
    RegisterState.REVOKED: ReasonCode.REGISTER_REVOKED,
    RegisterState.CANCELLED: ReasonCode.REGISTER_CANCELLED,
    RegisterState.ABNORMAL: ReasonCode.REGISTER_ABNORMAL,
    RegisterState.NOT_FOUND: ReasonCode.NOT_IN_THE_REGISTER,
}


def broken_rules(ratios: Ratios, policy: Policy, request: Request) -> list[Reason]:
    """All hard rules that the facts break; none is a condition for looking at the score."""
    return [
        *_courts_and_register(ratios, policy),
        *_overdues(ratios, policy),
        *_eligibility(ratios, policy, request),
        *_history(ratios, policy),
        *_burdens(ratios, policy),
    ]


def doubts_of_purpose(ratios: Ratios, policy: Policy) -> Iterator[Reason]:
    """What the bills show to be asked about: money that went into securities or property."""
    most = _part_of_sales(ratios, policy.eligibility.assets_bought_up_to, MONTHS_OF_PURCHASES)
    if most is not None and ratios.assets_bought_minor > most:
        yield _figure(ReasonCode.PURPOSE_IN_DOUBT, amount_minor=ratios.assets_bought_minor)


def _courts_and_register(ratios: Ratios, policy: Policy) -> Iterator[Reason]:
    rules = policy.hard_rules
    if ratios.dishonest:
        yield Reason(ReasonCode.DISHONEST_LIST)
    state = RegisterState(ratios.register_state)
    if state in rules.not_served_states and state in _OF_STATE:
        yield Reason(_OF_STATE[state])
    if rules.enforced_up_to_minor is not None and ratios.enforced_minor > rules.enforced_up_to_minor:
        yield _figure(ReasonCode.ENFORCED_DEBTOR, amount_minor=ratios.enforced_minor)


def _overdues(ratios: Ratios, policy: Policy) -> Iterator[Reason]:
    rules = policy.hard_rules
    if ratios.current_overdue_minor > policy.current_overdue_up_to_minor:
        yield _figure(ReasonCode.CURRENT_OVERDUE, amount_minor=ratios.current_overdue_minor)
    company_most = rules.company_overdue_up_to_minor
    if company_most is not None and ratios.company_overdue_minor > company_most:
        yield _figure(ReasonCode.COMPANY_OVERDUE, amount_minor=ratios.company_overdue_minor)
    months = max(ratios.overdue_months_24, ratios.company_overdue_months_24)
    if months > policy.overdue_months_24_up_to:
        yield _figure(ReasonCode.MANY_OVERDUES, months=months, most=policy.overdue_months_24_up_to)
    run = max(ratios.overdue_run_24, ratios.company_overdue_run_24)
    if rules.overdue_run_24_up_to is not None and run > rules.overdue_run_24_up_to:
        yield _figure(ReasonCode.OVERDUES_IN_A_ROW, months=run, most=rules.overdue_run_24_up_to)


def _eligibility(ratios: Ratios, policy: Policy, request: Request) -> Iterator[Reason]:
    rules, served = policy.hard_rules, policy.eligibility
    if served.kinds and ratios.kind and ratios.kind not in served.kinds:
        yield Reason(ReasonCode.KIND_NOT_SERVED, (("party", ratios.kind),))
    if ratios.trade in served.trades_not_served:
        yield Reason(ReasonCode.TRADE_NOT_SERVED, (("trade", ratios.trade),))
    if request.purpose in served.forbidden_purposes:
        yield Reason(ReasonCode.FORBIDDEN_PURPOSE, (("purpose", request.purpose),))
    if rules.areas and ratios.area and not ratios.area.startswith(rules.areas):
        yield Reason(ReasonCode.OUTSIDE_SERVICE_AREA, (("area", ratios.area[:2]),))
    if ratios.months_in_trade is not None and ratios.months_in_trade < rules.months_in_trade:
        yield _figure(
            ReasonCode.TOO_SHORT_IN_TRADE, months_seen=ratios.months_in_trade, months_needed=rules.months_in_trade
        )


def _history(ratios: Ratios, policy: Policy) -> Iterator[Reason]:
    if ratios.months_of_history < policy.months_of_history:
        seen, needed = ratios.months_of_history, policy.months_of_history
        yield _figure(ReasonCode.TOO_LITTLE_HISTORY, months_seen=seen, months_needed=needed)
    elif ratios.monthly_net_revenue_minor <= 0:
        yield Reason(ReasonCode.NO_REVENUE)


def _burdens(ratios: Ratios, policy: Policy) -> Iterator[Reason]:
    rules = policy.hard_rules
    company_most = rules.company_enquiries_90d_up_to
    if ratios.enquiries_90d > policy.enquiries_90d_up_to:
        yield _figure(ReasonCode.MANY_ENQUIRIES, count=ratios.enquiries_90d, most=policy.enquiries_90d_up_to)
    elif company_most is not None and ratios.company_enquiries_90d > company_most:
        yield _figure(ReasonCode.MANY_ENQUIRIES, count=ratios.company_enquiries_90d, most=company_most)
    for code, amount, part in (
        (ReasonCode.LAWSUITS_TOO_LARGE, ratios.claims_minor, rules.claims_up_to),
        (ReasonCode.GUARANTEES_TOO_LARGE, ratios.guarantees_minor, rules.guarantees_up_to),
    ):
        most = _part_of_sales(ratios, part, MONTHS_IN_A_YEAR)
        if most is not None and amount > most:
            yield _figure(code, amount_minor=amount, most_minor=most)


def _part_of_sales(ratios: Ratios, part: Decimal | None, months: int) -> int | None:
    """A part of so many months' net revenue, down to whole minor units; None where there is no bound."""
    return None if part is None else int(max(0, ratios.monthly_net_revenue_minor) * months * part)


def _figure(code: ReasonCode, **figures: int) -> Reason:
    return Reason(code, tuple((name, str(value)) for name, value in figures.items()))

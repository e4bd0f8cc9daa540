"""Yes, no, or a person looks: hard rules first, then the score, then what the sales can carry (lending-practice P23).

Every "no" has one to four reasons that name a fact, and where one exists the nearest way to a "yes", which is proven by
deciding again with it.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from lending.products import Product

# More than four reasons help nobody (Reg B comment 9(b)(2)-1; our own rule in every jurisdiction).
REASONS_AT_MOST = 4


class Outcome(StrEnum):
    APPROVE = "approve"
    REVIEW = "review"
    DECLINE = "decline"


class ReasonCode(StrEnum):
    """Reasons of rules. Reasons of the score have codes of their own and pass through."""

    DISHONEST_LIST = "dishonest_list"  # 失信被执行人
    CURRENT_OVERDUE = "current_overdue"
    TOO_LITTLE_HISTORY = "too_little_history"
    NO_REVENUE = "no_revenue"
    MANY_OVERDUES = "many_overdues"  # 连三累六
    MANY_ENQUIRIES = "many_enquiries"
    SALES_CANNOT_CARRY = "sales_cannot_carry"
    OTHER_DEBTS_TAKE_TOO_MUCH = "other_debts_take_too_much"
    ABOVE_AUTOMATIC_LIMIT = "above_automatic_limit"
    GRADE_NEEDS_A_PERSON = "grade_needs_a_person"
    LITTLE_IS_KNOWN = "little_is_known"
    BILLS_DIFFER = "bills_differ"  # a bill's own totals are not the sum of its lines
    NO_PLAN_FITS = "no_plan_fits"  # even the longest horizon and the largest share do not repay it


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """One reason of the score in business words. ``weight`` > 0 raised the risk; ``params`` fill the text."""

    code: str
    weight: Decimal
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says: the chance of default within a year; ``confidence`` (0 to 1) falls with missing data."""

    pd: Decimal
    grade: str
    confidence: Decimal
    reasons: tuple[ScoreReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Ratios:
    """Facts about the firm; amounts in minor units. Overdues and debts are from the bureau, revenue from the bills.

    ``monthly_net_revenue_minor``: the median of the last twelve months that the bills cover. ``bills_differ``: what a
    bill states as its own totals is not what its lines add up to, so that somebody may have taken lines out or in.
    """

    months_of_history: int
    monthly_net_revenue_minor: int
    monthly_instalments_minor: int = 0
    current_overdue_minor: int = 0
    overdue_months_24: int = 0
    enquiries_90d: int = 0
    dishonest: bool = False
    bills_differ: bool = False


@dataclass(frozen=True, slots=True)
class GradeRule:
    """One grade: up to which PD it reaches, how many months of net revenue it may borrow, what happens."""

    grade: str
    pd_up_to: Decimal
    revenue_months: Decimal
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Policy:
    """The lending policy in force. ``grades`` go from best to worst; the last reaches a PD of 1."""

    version: str
    product: Product
    months_of_history: int
    current_overdue_up_to_minor: int
    overdue_months_24_up_to: int
    enquiries_90d_up_to: int
    debt_service_up_to: Decimal
    confidence_at_least: Decimal
    automatic_limit_minor: int
    grades: tuple[GradeRule, ...]

    def __post_init__(self) -> None:
        bounds = [rule.pd_up_to for rule in self.grades]
        if not bounds or bounds != sorted(set(bounds)) or bounds[-1] != 1:
            raise ValueError("grades: PD bounds rise and the last is 1")
        if len({rule.grade for rule in self.grades}) != len(self.grades):
            raise ValueError("grades: each grade once")

    def grade_of(self, pd: Decimal) -> str:
        """The grade whose band holds this PD; the upper bound belongs to the band."""
        return next(rule.grade for rule in self.grades if pd <= rule.pd_up_to)

    def rule_of(self, grade: str) -> GradeRule:
        for rule in self.grades:
            if rule.grade == grade:
                return rule
        raise ValueError(f"the policy {self.version} has no grade {grade!r}")


@dataclass(frozen=True, slots=True)
class Request:
    """What the owner asks for; ``amount_minor`` in the product's currency."""

    amount_minor: int
    months: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with what fills its text; a code of :class:`ReasonCode` or of the score."""

    code: str
    params: tuple[tuple[str, str], ...] = ()


class PathKind(StrEnum):
    SMALLER_AMOUNT = "smaller_amount"
    LONGER_TERM = "longer_term"
    MORE_HISTORY = "more_history"
    SETTLE_OVERDUE = "settle_overdue"


@dataclass(frozen=True, slots=True)
class PathToYes:
    """One change that turns the "no": with it the decision was taken again, and ``outcome`` is what came out."""

    kind: PathKind
    outcome: Outcome
    amount_minor: int | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``limit_minor`` is what may be borrowed over the months asked for; zero if nothing."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    limit_minor: int
    path_to_yes: PathToYes | None
    grade: str
    policy_version: str


def decide(score: Score, ratios: Ratios, policy: Policy, request: Request) -> Verdict:
    """Decide one request. Refuses amounts and months that the product does not lend at all; all else is a verdict."""
    policy.product.amounts.require(request.amount_minor, policy.product.amounts.currency)
    policy.product.months.require(request.months)
    verdict = _judge(score, ratios, policy, request)
    if verdict.outcome is not Outcome.DECLINE:
        return verdict
    return replace(verdict, path_to_yes=_path_to_yes(score, ratios, policy, request, verdict))


def _judge(score: Score, ratios: Ratios, policy: Policy, request: Request) -> Verdict:
    rule = policy.rule_of(score.grade)

    def verdict(outcome: Outcome, reasons: list[Reason], limit_minor: int = 0) -> Verdict:
        return Verdict(outcome, tuple(reasons[:REASONS_AT_MOST]), limit_minor, None, rule.grade, policy.version)

    if broken := _broken_rules(ratios, policy):
        return verdict(Outcome.DECLINE, broken)
    if rule.outcome is Outcome.DECLINE:
        return verdict(Outcome.DECLINE, _adverse(score))
    limit = _limit(ratios, policy, rule, request.months)
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


def _limit(ratios: Ratios, policy: Policy, rule: GradeRule, months: int) -> int:
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
    limit = str(_limit(ratios, policy, rule, request.months))
    reasons.append(Reason(ReasonCode.SALES_CANNOT_CARRY, (("monthly_minor", revenue), ("limit_minor", limit))))
    return reasons + [Reason(r.code, r.params) for r in score.reasons if r.weight > 0]


def _path_to_yes(score: Score, ratios: Ratios, policy: Policy, request: Request, declined: Verdict) -> PathToYes | None:
    """The nearest change that flips the decision, tried in the order in which an owner can do them."""
    product = policy.product

    def tried(changed: Ratios, amount_minor: int, months: int) -> tuple[Outcome, int, int] | None:
        """What comes out for these ratios at the amount asked for, or at the largest that they carry."""
        limit = _limit(changed, policy, policy.rule_of(score.grade), months)
        amount = min(amount_minor, limit)
        if amount < product.amounts.lowest_minor:
            return None
        outcome = _judge(score, changed, policy, Request(amount, months)).outcome
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

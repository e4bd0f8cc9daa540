"""What a decision is made of: the score, the facts, the policy, the request; and what comes out."""

from dataclasses import dataclass
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

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


class Touches(StrEnum):
    """What a way to a yes may change; nothing else of a firm may be other than it is."""

    REQUEST = "request"
    BILLS = "bills"
    BUYERS = "buyers"
    DEBTS = "debts"
    INVOICES = "invoices"
    PLEDGE = "pledge"


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of thing that an owner can do. ``effort`` orders them; ``needs`` names what the lender has to offer
    first; ``months`` and ``shares`` are the steps that are tried, the least first."""

    kind: str
    effort: int
    touches: Touches
    needs: str = ""
    months: tuple[int, ...] = ()
    shares: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """What owners are told to do about a "no": ``kinds``, how many at most, how many things together.

    ``capabilities``: what the lender offers today. ``pledge_advance``: the part of open invoices that is lent.
    """

    kinds: tuple[Way, ...] = (
        Way("smaller_amount", 1, Touches.REQUEST),
        Way("longer_term", 2, Touches.REQUEST),
        Way("more_history", 4, Touches.BILLS, months=(1, 2, 3, 6, 9)),
        Way("settle_overdue", 6, Touches.DEBTS),
    )
    shown_up_to: int = 3
    together_up_to: int = 2
    capabilities: frozenset[str] = frozenset()
    pledge_advance: Decimal = Decimal(0)

    def way(self, kind: str) -> Way | None:
        """The way of this kind, if it exists here and now."""
        return next((w for w in self.kinds if w.kind == kind and (not w.needs or w.needs in self.capabilities)), None)


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
    ways: Ways = Ways()

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
    """What an owner can do. Whose act it is, its effort and what it may touch: ``policies/ways_to_yes.yaml``."""

    SMALLER_AMOUNT = "smaller_amount"
    LONGER_TERM = "longer_term"
    MORE_HISTORY = "more_history"
    SETTLE_OVERDUE = "settle_overdue"
    CLEAR_LINES = "clear_lines"  # say which money that came in is the business's and which is private
    ADD_INVOICES = "add_invoices"
    REPAY_LOAN = "repay_loan"
    FEWER_LARGE_BUYERS = "fewer_large_buyers"
    PLEDGE_INVOICES = "pledge_invoices"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do. ``amount_minor``: to ask for, to pay off, to make clear; ``months``: to ask for, or more of
    bills; ``share``: the most that the largest buyer may be of sales."""

    kind: PathKind
    amount_minor: int | None = None
    months: int | None = None
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PathToYes:
    """Changes that turn the "no": with them the decision was taken again, and ``outcome`` is what came out.

    ``kind``, ``amount_minor`` and ``months`` are the first change in the words of before there were several: of a
    smaller amount, a longer term and more bills the amount is what may be borrowed. ``lent_minor`` over
    ``lent_months`` at ``annual_rate`` (None: the product's own) is what comes out.
    """

    kind: PathKind
    outcome: Outcome
    amount_minor: int | None = None
    months: int | None = None
    changes: tuple[Change, ...] = ()
    lent_minor: int = 0
    lent_months: int = 0
    annual_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``limit_minor`` is what may be borrowed over the months asked for; zero if nothing.

    ``ways_to_yes``: what turns a "no", the least effort first; ``path_to_yes`` is the first of them.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    limit_minor: int
    path_to_yes: PathToYes | None
    grade: str
    policy_version: str
    ways_to_yes: tuple[PathToYes, ...] = ()

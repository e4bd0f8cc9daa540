"""The lending policy as the rules read it: grades, hard rules, eligibility, exposure, ways to a yes."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from lending.products import Product
from lending.reasons import MANUAL_REASONS, Outcome


class RegisterState(StrEnum):
    """How a firm stands in the company register (国家企业信用信息公示系统)."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"  # 经营异常名录
    REVOKED = "revoked"  # 吊销
    CANCELLED = "cancelled"  # 注销
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class GradeRule:
    """One grade: up to which PD it reaches, how many months of net revenue it may borrow, what happens.

    ``annual_rate`` and ``longest_months``: its price and term; None is the product's own.
    """

    grade: str
    pd_up_to: Decimal
    revenue_months: Decimal
    outcome: Outcome
    annual_rate: Decimal | None = None
    longest_months: int | None = None


@dataclass(frozen=True, slots=True)
class GuarantorRule:
    """A yes above this amount, in minor units, takes a guarantor (lending-practice P2); ``grades``: of these, () of
    all. Nothing is pledged for what stands under this policy; what is has its own."""

    above_minor: int
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HardRules:
    """What ends a request before any score is looked at (lending-practice P23); None sets no bound.

    ``claims_up_to`` and ``guarantees_up_to``: parts of a year's net revenue. ``areas``: the first digits of the GB/T
    2260 codes that are served, () for all.
    """

    overdue_run_24_up_to: int | None = None
    company_overdue_up_to_minor: int | None = None
    company_enquiries_90d_up_to: int | None = None
    enforced_up_to_minor: int | None = None
    claims_up_to: Decimal | None = None
    guarantees_up_to: Decimal | None = None
    months_in_trade: int = 0
    areas: tuple[str, ...] = ()
    not_served_states: tuple[RegisterState, ...] = tuple(
        state for state in RegisterState if state is not RegisterState.NORMAL
    )


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whom the product is for: kinds of applicant (() for all), trades and purposes that it is not for.

    ``assets_bought_up_to``: the part of six months' net revenue that may have gone into securities or property before
    a person asks what the money is for.
    """

    kinds: tuple[str, ...] = ()
    trades_not_served: tuple[str, ...] = ()
    forbidden_purposes: tuple[str, ...] = ()
    assets_bought_up_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much may hang on one group, one trade, one buyer.

    ``guarantee_part``: the part of an outside guarantee that counts as owed. Trade and buyer are parts of the book,
    which counts as at least ``book_at_least_minor``; ``above``: what happens beyond them. A firm lives on the buyer who
    pays ``main_buyer_from`` of its sales or more; None: on nobody.
    """

    group_up_to_minor: int | None = None
    guarantee_part: Decimal = Decimal(0)
    trade_up_to: Decimal | None = None
    buyer_up_to: Decimal | None = None
    main_buyer_from: Decimal | None = None
    book_at_least_minor: int = 0
    above: Outcome = Outcome.REVIEW


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
    hard_rules: HardRules = HardRules()
    eligibility: Eligibility = Eligibility()
    exposure: Exposure = Exposure()
    debt_service_in_bad_months_up_to: Decimal | None = None
    manual_reasons: tuple[str, ...] = MANUAL_REASONS
    unsplit_costs: Decimal = Decimal(0)  # of confidence, where nothing is split
    guarantors: tuple[GuarantorRule, ...] = ()
    corrected_up_to: Decimal = Decimal(1)  # of revenue, beyond which a person looks at the owner's corrections

    def __post_init__(self) -> None:
        bounds = [rule.pd_up_to for rule in self.grades]
        if not bounds or bounds != sorted(set(bounds)) or bounds[-1] != 1:
            raise ValueError("grades: PD bounds rise and the last is 1")
        if len({rule.grade for rule in self.grades}) != len(self.grades):
            raise ValueError("grades: each grade once")
        shortest, longest = self.product.months.shortest, self.product.months.longest
        for rule in self.grades:
            if not shortest <= self.longest_months(rule) <= longest:
                raise ValueError(f"grades: {rule.grade}: longest_months: from {shortest} to {longest}")
        for better, worse in pairwise(self.grades):
            self._no_better(better, worse)
        if self.exposure.above is Outcome.APPROVE:
            raise ValueError("exposure: above: review or decline")
        for rule in self.guarantors:
            if unknown := set(rule.grades) - {one.grade for one in self.grades}:
                raise ValueError(f"guarantors: no such grade: {', '.join(sorted(unknown))}")

    def _no_better(self, better: GradeRule, worse: GradeRule) -> None:
        """A grade of more risk is never lent more, for longer, for less or with less of a look."""
        ranks = list(Outcome)
        for name, fair in (
            ("revenue_months", worse.revenue_months <= better.revenue_months),
            ("outcome", ranks.index(worse.outcome) >= ranks.index(better.outcome)),
            ("annual_rate", self.annual_rate(worse) >= self.annual_rate(better)),
            ("longest_months", self.longest_months(worse) <= self.longest_months(better)),
        ):
            if not fair:
                raise ValueError(f"grades: {worse.grade}: {name}: not better than that of {better.grade}")

    def annual_rate(self, rule: GradeRule) -> Decimal:
        """What a grade pays, as a fraction."""
        return self.product.price.annual_rate if rule.annual_rate is None else rule.annual_rate

    def longest_months(self, rule: GradeRule) -> int:
        """The longest normal horizon that a grade is offered."""
        return self.product.months.longest if rule.longest_months is None else rule.longest_months

    def takes_a_guarantor(self, grade: str, amount_minor: int) -> bool:
        """Whether a yes to this amount is a yes with a guarantor."""
        return any(
            amount_minor > rule.above_minor and (not rule.grades or grade in rule.grades) for rule in self.guarantors
        )

    def rates(self) -> tuple[Decimal, ...]:
        """What the grades that are lent to pay, the best grade first; the product's own price where none is."""
        lent = [self.annual_rate(rule) for rule in self.grades if rule.outcome is not Outcome.DECLINE]
        return tuple(lent) or (self.product.price.annual_rate,)

    def prices(self) -> tuple[Decimal, Decimal]:
        """The lowest and the highest of them: "from" and "to" on the product's page."""
        return min(self.rates()), max(self.rates())

    def grade_of(self, pd: Decimal) -> str:
        """The grade whose band holds this PD; the upper bound belongs to the band."""
        return next(rule.grade for rule in self.grades if pd <= rule.pd_up_to)

    def rule_of(self, grade: str) -> GradeRule:
        for rule in self.grades:
            if rule.grade == grade:
                return rule
        raise ValueError(f"the policy {self.version} has no grade {grade!r}")

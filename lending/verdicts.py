"""What a decision is made of: the score, the facts, the policy, the request; and what comes out."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

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
    SHOWN_BY_ANOTHER = "shown_by_another"  # the same document or invoice came from another firm
    FLOWS_TO_EXPLAIN = "flows_to_explain"
    INVOICES_TO_EXPLAIN = "invoices_to_explain"
    BILL_TO_CHECK = "bill_to_check"
    DETAILS_SHARED = "details_shared"
    BILLS_DIFFER = "bills_differ"  # a bill's own totals are not the sum of its lines
    ENFORCED_DEBTOR = "enforced_debtor"  # 被执行人
    REGISTER_REVOKED = "register_revoked"  # 吊销
    REGISTER_CANCELLED = "register_cancelled"  # 注销
    REGISTER_ABNORMAL = "register_abnormal"  # 经营异常名录
    NOT_IN_THE_REGISTER = "not_in_the_register"
    COMPANY_OVERDUE = "company_overdue"
    OVERDUES_IN_A_ROW = "overdues_in_a_row"  # 连三
    GUARANTEES_TOO_LARGE = "guarantees_too_large"
    LAWSUITS_TOO_LARGE = "lawsuits_too_large"
    OUTSIDE_SERVICE_AREA = "outside_service_area"
    TOO_SHORT_IN_TRADE = "too_short_in_trade"
    KIND_NOT_SERVED = "kind_not_served"
    TRADE_NOT_SERVED = "trade_not_served"
    FORBIDDEN_PURPOSE = "forbidden_purpose"
    PURPOSE_IN_DOUBT = "purpose_in_doubt"  # the bills show money going where this loan may not go
    GROUP_LIMIT = "group_limit"  # owner, guarantor, supplier and their firms together
    TRADE_CONCENTRATION = "trade_concentration"
    BUYER_CONCENTRATION = "buyer_concentration"
    BAD_MONTHS_CANNOT_CARRY = "bad_months_cannot_carry"
    BUREAU_SILENT = "bureau_silent"
    COURTS_SILENT = "courts_silent"
    REGISTER_SILENT = "register_silent"
    COMPANY_REPORT_SILENT = "company_report_silent"
    FLOWS_NOT_SPLIT = "flows_not_split"  # too much of the money is neither business nor private by any word
    REVENUE_BY_CORRECTION = "revenue_by_correction"  # the owner's own word makes much of the revenue
    NO_PLAN_FITS = "no_plan_fits"  # even the longest horizon and the largest share do not repay it


# Where the machine has nothing to go by: a person starts from the papers, not from a recommendation.
MANUAL_REASONS = (
    ReasonCode.LITTLE_IS_KNOWN,
    ReasonCode.BILLS_DIFFER,
    ReasonCode.BUREAU_SILENT,
    ReasonCode.COMPANY_REPORT_SILENT,
    ReasonCode.COURTS_SILENT,
    ReasonCode.REGISTER_SILENT,
)


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


class Route(StrEnum):
    """Who decides: the machine alone, the machine and then a person, or a person who starts from nothing."""

    AUTOMATIC = "automatic"
    HYBRID = "hybrid"
    MANUAL = "manual"


class RegisterState(StrEnum):
    """How a firm stands in the company register (国家企业信用信息公示系统)."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"  # 经营异常名录
    REVOKED = "revoked"  # 吊销
    CANCELLED = "cancelled"  # 注销
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Ratios:
    """Facts about the firm; amounts in minor units. What nobody was asked about, or did not answer, is its default.

    ``monthly_net_revenue_minor``: the median of the last twelve months that the bills cover; ``revenue_p10_minor``: a
    month that is worse than nine in ten, None where no whole month is known. ``bills_differ``: what a bill states as
    its own totals is not what its lines add up to, so that somebody may have taken lines out or in. ``unsplit_percent``
    of the money is unclear; ``corrected_percent`` of the revenue was added by the owner's corrections.

    From the owner's own report: overdues, enquiries, instalments; ``company_…`` the same of the firm's. In ``…_run_24``
    months follow each other. ``guarantees_minor``: what both have guaranteed for others. From the courts: ``dishonest``
    (失信被执行人), what is being enforced (被执行人), and open claims against owner or firm. From the register: state,
    ``area`` (GB/T 2260), whole months since it was established. ``…_silent``: a source that has to be asked did not
    answer. ``assets_bought_minor``: what left the bills of six months for securities or property.

    From our own books: ``group_minor`` is what owner, guarantors and suppliers of one group owe or answer for together,
    without this request; ``book_minor`` all that is lent, ``trade_book_minor`` in this trade, ``buyer_book_minor`` to
    firms that live on the same buyer.

    ``to_explain``: reasons for which a person looks before anything is decided (:mod:`lending.suspicions`); ``held``:
    until then nothing is, not even a "no" by the score.
    """

    months_of_history: int
    monthly_net_revenue_minor: int
    monthly_instalments_minor: int = 0
    current_overdue_minor: int = 0
    overdue_months_24: int = 0
    enquiries_90d: int = 0
    dishonest: bool = False
    bills_differ: bool = False
    unsplit_percent: int = 0
    corrected_percent: int = 0
    revenue_p10_minor: int | None = None
    overdue_run_24: int = 0
    company_overdue_minor: int = 0
    company_overdue_months_24: int = 0
    company_overdue_run_24: int = 0
    company_enquiries_90d: int = 0
    company_instalments_minor: int = 0
    guarantees_minor: int = 0
    enforced_minor: int = 0
    claims_minor: int = 0
    register_state: str = RegisterState.NORMAL
    area: str = ""
    months_in_trade: int | None = None
    kind: str = ""
    trade: str = ""
    bureau_silent: bool = False
    company_report_silent: bool = False
    courts_silent: bool = False
    register_silent: bool = False
    assets_bought_minor: int = 0
    group_minor: int = 0
    book_minor: int = 0
    trade_book_minor: int = 0
    buyer_book_minor: int = 0
    to_explain: tuple[str, ...] = ()
    held: bool = False


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
    which counts as at least ``book_at_least_minor``; ``above``: what happens beyond them.
    """

    group_up_to_minor: int | None = None
    guarantee_part: Decimal = Decimal(0)
    trade_up_to: Decimal | None = None
    buyer_up_to: Decimal | None = None
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


@dataclass(frozen=True, slots=True)
class Request:
    """What the owner asks for; ``amount_minor`` in the product's currency, ``purpose`` a code of the product's list."""

    amount_minor: int
    months: int
    purpose: str = ""


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
    ``annual_rate`` and ``longest_months``: the price and the longest term of the grade, which every plan of this
    verdict is made with; None (verdicts of before there were such) is the product's own. ``route``: who decides and,
    by ``route_reason``, why.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    limit_minor: int
    path_to_yes: PathToYes | None
    grade: str
    policy_version: str
    ways_to_yes: tuple[PathToYes, ...] = ()
    annual_rate: Decimal | None = None
    longest_months: int | None = None
    route: Route = Route.AUTOMATIC
    route_reason: str = ""

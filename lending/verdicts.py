"""What a decision is made of: the score, the facts, the policy, the request; and what comes out."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lending.policy import (
    Eligibility,
    Exposure,
    GradeRule,
    GuarantorRule,
    HardRules,
    Policy,
    RegisterState,
    Touches,
    Way,
    Ways,
)
from lending.reasons import MANUAL_REASONS, REASONS_AT_MOST, Outcome, Reason, ReasonCode

__all__ = [
    "MANUAL_REASONS",
    "REASONS_AT_MOST",
    "Change",
    "Eligibility",
    "Exposure",
    "GradeRule",
    "GuarantorRule",
    "HardRules",
    "Outcome",
    "PathKind",
    "PathToYes",
    "Policy",
    "Ratios",
    "Reason",
    "ReasonCode",
    "RegisterState",
    "Request",
    "Route",
    "Score",
    "ScoreReason",
    "Touches",
    "Verdict",
    "Way",
    "Ways",
]


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


@dataclass(frozen=True, slots=True)
class Ratios:
    """Facts about the firm; amounts in minor units. What nobody was asked about, or did not answer, is its default.

    ``monthly_net_revenue_minor``: the median of the last twelve months that the bills cover; ``revenue_p10_minor``: a
    month that is worse than nine in ten, None where no whole month is known, and ``revenue_p10_told_by`` says who told
    it: the forecast, or why the months of the bills had to. ``bills_differ``: what a bill states as its own totals is
    not what its lines add up to, so that somebody may have taken lines out or in. ``unsplit_percent`` of the money is
    unclear; ``corrected_percent`` of the revenue was added by the owner's corrections.

    From the owner's own report: overdues, enquiries, instalments; ``company_…`` the same of the firm's. In ``…_run_24``
    months follow each other. ``guarantees_minor``: what both have guaranteed for others. From the courts: ``dishonest``
    (失信被执行人), what is being enforced (被执行人), and open claims against owner or firm. From the register: state,
    ``area`` (GB/T 2260), whole months since it was established. ``…_silent``: a source that has to be asked did not
    answer; ``registers_not_allowed``: the consent names not all of them. ``assets_bought_minor``: what left the bills
    of six months for securities or property.

    From our own books: ``group_minor`` is what owner, guarantors and suppliers of one group owe or answer for together,
    without this request; ``book_minor`` all that is lent, ``trade_book_minor`` in this trade, ``buyer_book_minor`` to
    firms that live on the same buyer.

    ``to_explain``: reasons for which a person looks before anything is decided (:mod:`lending.suspicions`); ``held``:
    until then nothing is, not even a "no" by the score. ``papers_to_look_at``: that came and no person has looked at.
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
    revenue_p10_told_by: str = ""
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
    registers_not_allowed: bool = False
    assets_bought_minor: int = 0
    group_minor: int = 0
    book_minor: int = 0
    trade_book_minor: int = 0
    buyer_book_minor: int = 0
    to_explain: tuple[str, ...] = ()
    held: bool = False
    papers_to_look_at: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What the owner asks for; ``amount_minor`` in the product's currency, ``purpose`` a code of the product's list."""

    amount_minor: int
    months: int
    purpose: str = ""


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

    ``ways_to_yes``: what turns a "no", the least effort first; ``path_to_yes`` is the first of them. Of a "yes" they
    are what lowers its price.
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

"""The shape of each policy file. Amounts are texts in yuan with two decimals, rates and shares texts: no floats."""

from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from lending.calendars import DayRule
from lending.instalment_products import Bearer, FeeBasis, FeeTime, Scenario
from lending.money import Money, MoneyError
from lending.parties import PartyKind
from lending.products import RepaymentKind
from lending.rates import DayCount
from lending.schedules import Shape
from lending.verdicts import Outcome, ReasonCode, RegisterState
from policies.files import PolicyFile, Section


def _decimal(value: object) -> Decimal:
    """A decimal from a quoted text; a bare YAML number would already have been a float."""
    if not isinstance(value, str):
        raise ValueError(f'write it as a quoted text, "{value}"')
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"not a number: {value!r}") from None
    if not number.is_finite():
        raise ValueError(f"not a number: {value!r}")
    return number


def _amount(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'write it as a quoted text, "{value}"')
    try:
        Money.parse(value)
    except MoneyError as error:
        raise ValueError(str(error)) from None
    return value


def _clock(value: object) -> time:
    if not isinstance(value, str):
        raise ValueError('a time of day as "22:00"')
    try:
        return time.fromisoformat(value)
    except ValueError:
        raise ValueError('a time of day as "22:00"') from None


Number = Annotated[Decimal, BeforeValidator(_decimal)]
Fraction = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1)]
Amount = Annotated[str, BeforeValidator(_amount)]
ClockTime = Annotated[time, BeforeValidator(_clock)]


# --- products ---------------------------------------------------------------------------------------------------------
class Amounts(Section):
    lowest: Amount
    highest: Amount
    step: Amount
    currency: Literal["CNY"]


class Months(Section):
    shortest: int
    longest: int


class Share(Section):
    lowest: Fraction
    highest: Fraction
    step: Fraction


class Path(Section):
    window_months: int
    stretch: Number
    grace_days: int


class Price(Section):
    annual_rate: Fraction
    day_count: DayCount
    late_factor: Number
    prepayment_fee_rate: Fraction


class ProductFile(PolicyFile):
    product: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    repayment: RepaymentKind
    amounts: Amounts
    months: Months
    share: Share
    minimum_path: Path
    price: Price
    offer_valid_days: int
    withdrawal_days: int
    purposes: tuple[str, ...]


# --- jurisdictions ----------------------------------------------------------------------------------------------------
class Apr(Section):
    method: Literal["irr"]
    simple_allowed: Literal["labelled", "forbidden"]
    show: Literal["always"]
    prominence: Literal["highest"]


class PrivateCap(Section):
    multiple: Number
    index: Literal["LPR1Y"]
    at: Literal["contract_date"]


class PriceCap(Section):
    bank: Fraction
    small_loan: Fraction
    private: PrivateCap
    includes: tuple[Literal["interest", "fee", "late"], ...]


class Prepay(Section):
    penalty: Literal["forbidden_for_sme", "allowed"]
    interest: Literal["actual_days"]


class ContactLaw(Section):
    quiet_hours: tuple[ClockTime, ClockTime]
    max_tries_per_number_per_day: int = Field(ge=1)
    third_party: Literal["lost_debtor_only_no_disclosure", "forbidden"]
    record_calls: bool


class Decline(Section):
    reasons_max: int = Field(ge=1)
    human_review: bool
    explain: bool


class CreditReport(Section):
    written_consent: bool
    adverse_notice: Literal["before"]
    dispute_days: int = Field(ge=1)


class Review(Section):
    line_over_months: int = Field(ge=1)
    every_months: int = Field(ge=1)


class Receivable(Section):
    registration_before_pay: bool
    debtor_confirmation: Literal["required", "required_or_proof"]
    designated_account_for_future: bool
    large_buyer_days: int = Field(ge=1)
    confirm_days: int = Field(ge=1)


class JurisdictionFile(PolicyFile):
    jurisdiction: Literal["CN"]
    apr: Apr
    lender_type: Literal["bank", "small_loan", "private"]
    price_cap: PriceCap
    prepay: Prepay
    upfront_interest: Literal["forbidden"]
    fees_on_lender: tuple[str, ...]
    contact: ContactLaw
    decline: Decline
    credit_report: CreditReport
    review: Review
    receivable: Receivable
    regulator_phone: str


# --- the lender -------------------------------------------------------------------------------------------------------
class Words(Section):
    """A name in both languages."""

    zh_CN: str  # noqa: N815  a locale is written so
    en: str


class LenderFile(PolicyFile):
    """Who lends, as papers and pages print it. ``registration``: 统一社会信用代码; ``capital`` by currency."""

    name: Words
    registration: Annotated[str, Field(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
    address: Words
    service_phone: str
    complaint_phone: str
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    court: Words
    capital: dict[Literal["CNY"], Amount]


# --- our own limits ---------------------------------------------------------------------------------------------------
class RiskTiers(Section):
    fast_limit: Amount
    delay: timedelta
    automatic_limit: Amount
    currency: Literal["CNY"]


class OwnContact(Section):
    per_day: int = Field(ge=0)
    per_week: int = Field(ge=0)
    after_promise: Literal["silence"]
    tries_per_number_per_day: int = Field(ge=0)
    quiet_hours: tuple[ClockTime, ClockTime]


class OwnDecline(Section):
    reasons_max: int = Field(ge=1, le=4)


class KeyFacts(Section):
    reading_seconds: int = Field(ge=0)


class LimitsFile(PolicyFile):
    risk_tiers: RiskTiers
    contact: OwnContact
    decline: OwnDecline
    key_facts: KeyFacts


# --- underwriting -----------------------------------------------------------------------------------------------------
class HardRulesSection(Section):
    months_of_history: int = Field(ge=1)
    months_in_trade: int = Field(ge=0)
    current_overdue_up_to: Amount
    company_overdue_up_to: Amount
    overdue_months_24_up_to: int = Field(ge=0)
    overdue_run_24_up_to: int = Field(ge=0)
    enquiries_90d_up_to: int = Field(ge=0)
    company_enquiries_90d_up_to: int = Field(ge=0)
    enforced_up_to: Amount
    claims_up_to: Number = Field(ge=0)
    guarantees_up_to: Number = Field(ge=0)
    register_states_not_served: tuple[RegisterState, ...]
    areas: tuple[Annotated[str, Field(pattern=r"^[1-9][0-9]{1,5}$")], ...] = Field(min_length=1)


class EligibilitySection(Section):
    kinds: tuple[PartyKind, ...] = Field(min_length=1)
    trades_not_served: tuple[str, ...]
    forbidden_purposes: tuple[str, ...]
    assets_bought_up_to: Fraction


class ExposureSection(Section):
    group_up_to: Amount
    guarantee_part: Fraction
    trade_up_to: Fraction
    buyer_up_to: Fraction
    book_at_least: Amount
    above: Outcome


class GradePrice(Section):
    """Either a rate of its own, or an index and basis points above it."""

    fixed_rate: Fraction | None = None
    index: Literal["LPR1Y", "LPR5Y"] | None = None
    points: int = Field(default=0, ge=-500, le=3_000)


class Grade(Section):
    grade: str
    pd_up_to: Fraction
    revenue_months: Number
    outcome: Outcome
    price: GradePrice | None = None
    longest_months: int | None = None


class FlowsSection(Section):
    unsplit_costs: Fraction
    corrected_up_to: Fraction


class UnderwritingFile(PolicyFile):
    product: str
    hard_rules: HardRulesSection
    eligibility: EligibilitySection
    exposure: ExposureSection
    debt_service_up_to: Fraction
    debt_service_in_bad_months_up_to: Fraction
    confidence_at_least: Fraction
    flows: FlowsSection
    manual_reasons: tuple[ReasonCode, ...]
    grades: tuple[Grade, ...]


# --- roles ------------------------------------------------------------------------------------------------------------
class RolesFile(PolicyFile):
    roles: dict[str, tuple[str, ...]]
    never_together: tuple[tuple[str, str], ...]

    @model_validator(mode="after")
    def _apart(self) -> "RolesFile":
        for role, granted in self.roles.items():
            for one, other in self.never_together:
                if one in granted and other in granted:
                    raise ValueError(f"the role {role} holds {one} and {other}, which are never together")
        return self


# --- products with dates
# ------------------------------------------------------------------------------------------------
class InstalmentPrice(Section):
    fixed_rate: Fraction | None = None
    index: Literal["LPR1Y", "LPR5Y"] | None = None
    points: int = Field(default=0, ge=-500, le=3_000)
    reprices_every_months: int | None = None
    day_count: DayCount


class LatenessSection(Section):
    late_factor: Number
    misuse_factor: Number
    grace_days: int
    compound: bool


class PayoutSection(Section):
    entrusted_above: Amount
    advance_rate: Fraction | None = None


class FeeSection(Section):
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    basis: FeeBasis
    value: Number
    time: FeeTime
    payee: str
    borne_by: Bearer


class InstalmentProductFile(PolicyFile):
    product: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    scenario: Scenario
    shapes: tuple[Shape, ...]
    amounts: Amounts
    months: Months
    price: InstalmentPrice
    lateness: LatenessSection
    payout: PayoutSection
    fees: tuple[FeeSection, ...]
    day_rule: DayRule
    offer_valid_days: int
    revolving: bool
    prepayment_fee_rate: Fraction
    withdrawal_days: int
    small_month_at_least: Fraction
    purposes: tuple[str, ...]


# --- calendars and indices
# ------------------------------------------------------------------------------------------------
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class CalendarFile(PolicyFile):
    jurisdiction: Literal["CN"]
    published_until: int
    holidays: dict[int, tuple[MonthDay, ...]]
    workdays: dict[int, tuple[MonthDay, ...]]


class TradeCalendarFile(PolicyFile):
    """Festivals that move with the lunar year, as days from its first, and those of fixed dates; both ends counted."""

    jurisdiction: Literal["CN"]
    spring_festival: tuple[date, ...]
    around_spring_festival: dict[str, tuple[int, int]]
    fixed: dict[str, tuple[MonthDay, MonthDay]]


class IndexFile(PolicyFile):
    """Published values of a reference rate by the day from which each counts."""

    index: Literal["LPR1Y", "LPR5Y"]
    values: dict[date, Fraction]


# --- after the decision
# ------------------------------------------------------------------------------------------------
class DriftSection(Section):
    window_days: Annotated[int, Field(ge=7, le=730)]
    least_decisions: Annotated[int, Field(ge=20)]
    psi_watch: Fraction
    psi_alarm: Number

    @model_validator(mode="after")
    def _in_order(self) -> "DriftSection":
        if self.psi_alarm <= self.psi_watch:
            raise ValueError("psi_alarm lies above psi_watch")
        return self


class CalibrationSection(Section):
    horizon_days: Annotated[int, Field(ge=30, le=1_100)]
    bad_from_days_past_due: Annotated[int, Field(ge=1, le=360)]
    least_matured: Annotated[int, Field(ge=20)]
    ratio_from: Fraction
    ratio_to: Annotated[Decimal, BeforeValidator(_decimal), Field(gt=1)]


class FairnessSection(Section):
    window_days: Annotated[int, Field(ge=7, le=1_100)]
    approval_least: Fraction
    price_least: Fraction
    limit_least: Fraction


class WarningSection(Section):
    answer_within_days: Annotated[int, Field(ge=1, le=30)]
    again_after_days: Annotated[int, Field(ge=0, le=365)]
    sales_fall: Fraction
    silent_days: Annotated[int, Field(ge=2, le=60)]
    refund_rate: Fraction
    refund_times: Annotated[Decimal, BeforeValidator(_decimal), Field(ge=1)]
    new_debt: Number


class RegisterWatchSection(Section):
    """``claims_from``: open claims that ring, as a part of a year's net revenue."""

    at_most_a_night: Annotated[int, Field(ge=1, le=5_000)]
    again_after_days: Annotated[int, Field(ge=1, le=90)]
    claims_from: Fraction


class PrescoreSection(Section):
    valid_days: Annotated[int, Field(ge=1, le=90)]


class OrderLimitSection(Section):
    valid_days: Annotated[int, Field(ge=1, le=7)]
    of_monthly_revenue: Fraction
    highest: Amount
    grades: tuple[str, ...]


class OverrideSection(Section):
    causes: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")], ...], Field(min_length=1)]


class CareFile(PolicyFile):
    """How models and live loans are watched."""

    drift: DriftSection
    calibration: CalibrationSection
    fairness: FairnessSection
    early_warning: WarningSection
    register_watch: RegisterWatchSection
    prescore: PrescoreSection
    order_limits: OrderLimitSection
    overrides: OverrideSection

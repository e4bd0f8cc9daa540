"""The shape of each policy file. Amounts are texts in yuan with two decimals, rates and shares texts: no floats."""

from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from lending.calendars import DayRule
from lending.instalment_products import Bearer, FeeBasis, FeeTime, Scenario
from lending.money import Money, MoneyError
from lending.products import WORKING_CAPITAL_MONTHS, RepaymentKind
from lending.rates import DayCount
from lending.schedules import Shape
from lending.seats import SeatRole, beyond
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
    longest_months: int = WORKING_CAPITAL_MONTHS
    grace_days: int
    debit: bool = False
    day_rule: DayRule = DayRule.NONE


class Price(Section):
    annual_rate: Fraction
    day_count: DayCount
    late_factor: Number
    prepayment_fee_rate: Fraction


class SelfPayment(Section):
    entrusted_above: Amount
    entrusted_above_person: Amount | None = None


class LineSection(Section):
    """A credit line: how long, whether it revolves, the least draw, how new data must be, when it is looked at anew,
    and what is pledged for it."""

    months: int
    revolving: bool
    lowest_draw: Amount
    fresh_days: int
    review_months: int
    secured_by: Literal["receivables"] | None = None


class Payments(Section):
    """How a payment is used: of a loan past due for longer than so many days, principal before interest (P10)."""

    principal_first_after: Annotated[int, Field(ge=1, le=3_650)]


class Weights(Section):
    """Big and small months (大小月): the least that a small one may ask for, as a part of a big one."""

    small_month_at_least: Fraction


class ProductFile(PolicyFile):
    product: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    repayment: RepaymentKind
    amounts: Amounts
    months: Months
    share: Share
    minimum_path: Path | None = None  # of plans by dates every due day is one
    price: Price
    payout: SelfPayment
    offer_valid_days: int
    withdrawal_days: int
    purposes: tuple[str, ...]
    line: LineSection | None = None
    secured_by: Literal["collateral"] | None = None
    payments: Payments | None = None
    weights: Weights | None = None

    @model_validator(mode="after")
    def _has_a_path(self) -> "ProductFile":
        if self.repayment.by_dates is not (self.minimum_path is None):
            raise ValueError("minimum_path: of a share of revenue, and only of it: a plan by dates has its due days")
        if (self.repayment is RepaymentKind.WEIGHTED) is not (self.weights is not None):
            raise ValueError("weights: of big and small months, and only of them")
        return self


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
    max_calls_per_week: int | None = Field(default=None, ge=1)
    days_after_talk: int | None = Field(default=None, ge=1)


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


class OwnAccount(Section):
    """Where borrowers and buyers pay, over any rail."""

    number: Annotated[str, Field(pattern=r"^[0-9]{8,34}$")]
    holder: str
    bank: Words


class LenderFile(PolicyFile):
    """Who lends, as papers and pages print it. ``registration``: 统一社会信用代码; ``capital`` by currency."""

    name: Words
    registration: Annotated[str, Field(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
    address: Words
    service_phone: str
    complaint_phone: str
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    court: Words
    account: OwnAccount
    capital: dict[Literal["CNY"], Amount]


# --- our own limits ---------------------------------------------------------------------------------------------------
class OwnContact(Section):
    per_day: int = Field(ge=0)
    per_week: int = Field(ge=0)
    after_promise: Literal["silence"]
    tries_per_number_per_day: int = Field(ge=0)
    quiet_hours: tuple[ClockTime, ClockTime]
    hours_for_an_answer: int = Field(ge=0, le=168)
    hours_after_complaint: int = Field(ge=48, le=720)


class OwnDecline(Section):
    reasons_max: int = Field(ge=1, le=4)


class KeyFacts(Section):
    reading_seconds: int = Field(ge=0)


class Complaints(Section):
    answer_within: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=15))]


class SuspenseLimits(Section):
    two_people_above: Amount
    judged_within: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=5))]


class LimitsFile(PolicyFile):
    contact: OwnContact
    decline: OwnDecline
    key_facts: KeyFacts
    complaints: Complaints
    suspense: SuspenseLimits


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
        for seat in SeatRole:
            if wrong := beyond(self.roles.get(seat.value, ())):
                raise ValueError(f"the seat {seat.value} holds {', '.join(sorted(wrong))}, which no seat may")
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
    statutory: dict[int, tuple[MonthDay, ...]]
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

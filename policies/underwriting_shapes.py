"""The shape of the underwriting file: who is lent to, how much, for how long and for which price."""

from typing import Annotated, Literal

from pydantic import Field

from lending.parties import PartyKind
from lending.verdicts import Outcome, ReasonCode, RegisterState
from policies.files import PolicyFile, Section
from policies.shapes import Amount, Fraction, Number


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
    main_buyer_from: Fraction
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


class GuarantorSection(Section):
    above: Amount
    grades: tuple[str, ...] = ()


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
    guarantors: tuple[GuarantorSection, ...] = ()

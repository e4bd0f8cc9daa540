"""The shape of the file about what is watched after a decision."""

from typing import Annotated

from pydantic import Field, model_validator

from policies.files import PolicyFile, Section
from policies.shapes import Amount, Fraction, Number


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
    ratio_to: Annotated[Number, Field(gt=1)]


class FairnessSection(Section):
    window_days: Annotated[int, Field(ge=7, le=1_100)]
    approval_least: Fraction
    price_least: Fraction
    limit_least: Fraction


class WarningSection(Section):
    """``full_days``: whole days told since the payout before sales are compared with a forecast; whole weeks."""

    full_days: Annotated[int, Field(ge=14, le=28, multiple_of=7)]
    answer_within_days: Annotated[int, Field(ge=1, le=30)]
    again_after_days: Annotated[int, Field(ge=0, le=365)]
    sales_fall: Fraction
    silent_days: Annotated[int, Field(ge=2, le=60)]
    refund_rate: Fraction
    refund_times: Annotated[Number, Field(ge=1)]
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

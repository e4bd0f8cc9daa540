"""Products that are repaid on dates: line, instalment, order, receivable, collateral and seasonal loans, as data.

Everything that a key-facts sheet names (lending-practice P7) is here or in the offer: price and its basis, every fee
with its payee and who bears it, how lateness is charged, day rules, how the money is paid out. The product checks
itself when built.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lending.calendars import BusinessCalendar, DayRule
from lending.products import LATE_FACTOR_AT_MOST, AmountRange, MonthsRange, ProductError
from lending.rates import DayCount, rate_units
from lending.refusals import OutsidePolicy
from lending.schedules import Plan, Shape

# 挪用罚息: a loan used for something else bears 1.5 to 2 times its rate (银发〔2003〕251号).
MISUSE_FACTOR_AT_MOST = Decimal(2)
BASIS_POINT = Decimal("0.0001")


class Scenario(StrEnum):
    """What a product is for; each has its own parties, events and evidence."""

    LINE = "line"  # 随借随还: a limit, drawn and repaid again and again
    INSTALMENT = "instalment"
    ORDER = "order"
    RECEIVABLE = "receivable"
    COLLATERAL = "collateral"
    SEASONAL = "seasonal"


class FeeBasis(StrEnum):
    FLAT = "flat"  # value in minor units
    OF_AMOUNT = "of_amount"  # value as a fraction of the amount
    OF_COVER = "of_cover"  # value as a fraction of what is insured or guaranteed, per year


class FeeTime(StrEnum):
    AT_PAYOUT = "at_payout"
    WITH_INSTALMENT = "with_instalment"
    YEARLY = "yearly"


class Bearer(StrEnum):
    BORROWER = "borrower"
    LENDER = "lender"


@dataclass(frozen=True, slots=True)
class FeeTerm:
    """One fee of the public registry: what is not listed can be neither shown nor posted (P7)."""

    code: str
    basis: FeeBasis
    value: Decimal
    time: FeeTime
    payee: str
    borne_by: Bearer

    def __post_init__(self) -> None:
        if not self.code or self.value < 0:
            raise ProductError("fees: a code, and a value that is not negative")

    @property
    def counts_in_the_annual_rate(self) -> bool:
        """Every fee that the borrower bears is a cost of the money, whoever receives it."""
        return self.borne_by is Bearer.BORROWER and self.value > 0


@dataclass(frozen=True, slots=True)
class Price:
    """A fixed rate, or an index and basis points above it (P4).

    ``reprices_every_months``: None keeps the rate of the signing day for the whole term.
    """

    fixed_rate: Decimal | None = None
    index: str | None = None
    points: int = 0
    reprices_every_months: int | None = None
    day_count: DayCount = DayCount.ACT_360

    def __post_init__(self) -> None:
        if (self.fixed_rate is None) == (self.index is None):
            raise ProductError("price: either a fixed rate or an index")
        if self.fixed_rate is not None:
            if not 0 <= self.fixed_rate <= 1 or self.points or self.reprices_every_months:
                raise ProductError("price.fixed_rate: from 0 to 1, without points and repricing")
            rate_units(self.fixed_rate)
        if self.reprices_every_months is not None and self.reprices_every_months < 1:
            raise ProductError("price.reprices_every_months: at least 1")

    def rate(self, indices: dict[str, Decimal]) -> Decimal:
        """The annual rate with the indices as published; :class:`OutsidePolicy` if the index is not known."""
        if self.fixed_rate is not None:
            return self.fixed_rate
        if self.index not in indices:
            raise OutsidePolicy(rule=f"index {self.index} is not published")
        return max(Decimal(0), indices[self.index] + self.points * BASIS_POINT)


@dataclass(frozen=True, slots=True)
class Lateness:
    """What lateness and misuse cost, as factors on the contract rate; never both at once (P10)."""

    late_factor: Decimal
    misuse_factor: Decimal
    grace_days: int
    compound: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.late_factor <= LATE_FACTOR_AT_MOST:
            raise ProductError(f"lateness.late_factor: from 1 to {LATE_FACTOR_AT_MOST}")
        if not self.late_factor <= self.misuse_factor <= MISUSE_FACTOR_AT_MOST:
            raise ProductError(f"lateness.misuse_factor: from the late factor to {MISUSE_FACTOR_AT_MOST}")
        if self.grace_days < 0:
            raise ProductError("lateness.grace_days: not negative")


@dataclass(frozen=True, slots=True)
class Payout:
    """自主支付 or 受托支付 (P14): above the limit a counterparty is paid. ``advance_rate``: part of the security."""

    entrusted_above_minor: int
    advance_rate: Decimal | None = None

    def __post_init__(self) -> None:
        if self.entrusted_above_minor < 0:
            raise ProductError("payout.entrusted_above: not negative")
        if self.advance_rate is not None and not 0 < self.advance_rate <= 1:
            raise ProductError("payout.advance_rate: above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class InstalmentProduct:
    """One product in one version. ``revolving``: what is repaid may be drawn again within the limit."""

    id: str
    version: str
    scenario: Scenario
    shapes: tuple[Shape, ...]
    amounts: AmountRange
    months: MonthsRange
    price: Price
    lateness: Lateness
    payout: Payout
    fees: tuple[FeeTerm, ...]
    day_rule: DayRule
    offer_valid_days: int
    revolving: bool = False
    prepayment_fee_rate: Decimal = Decimal(0)
    withdrawal_days: int = 0
    small_month_at_least: Decimal = Decimal(1)
    purposes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.shapes or len(set(self.shapes)) != len(self.shapes) or Shape.CUSTOM in self.shapes:
            raise ProductError("shapes: at least one, each once, not custom")
        if len({fee.code for fee in self.fees}) != len(self.fees):
            raise ProductError("fees: each code once")
        if self.offer_valid_days < 1:
            raise ProductError("offer_valid_days: at least 1")
        if not 0 <= self.prepayment_fee_rate <= 1 or self.withdrawal_days < 0:
            raise ProductError("prepayment_fee_rate, withdrawal_days: not negative")
        if not 0 <= self.small_month_at_least <= 1:
            raise ProductError("small_month_at_least: from 0 to 1, as a part of a big month")
        if self.revolving is not (self.scenario is Scenario.LINE):
            raise ProductError("revolving: a line is, nothing else")
        if (self.scenario in SECURED) is not (self.payout.advance_rate is not None):
            raise ProductError("payout.advance_rate: for order, receivable and collateral loans, and only for them")

    @property
    def name_key(self) -> str:
        return f"lending.product.{self.id}"

    def plan(
        self,
        *,
        amount_minor: int,
        months: int,
        shape: Shape,
        start: date,
        indices: dict[str, Decimal],
        calendar: BusinessCalendar | None = None,
        weights: tuple[int, ...] = (),
    ) -> Plan:
        """The plan of one choice; refuses what the product does not allow."""
        self.amounts.require(amount_minor, self.amounts.currency)
        self.months.require(months)
        if shape not in self.shapes:
            raise OutsidePolicy(rule=f"shape {shape}")
        if weights and min(weights) < max(weights) * self.small_month_at_least:
            raise OutsidePolicy(rule="small_month")
        count = months if shape is not Shape.BULLET else 1
        return Plan(
            amount_minor,
            self.price.rate(indices),
            self.price.day_count,
            start,
            count,
            shape,
            every=1 if shape is not Shape.BULLET else months,
            weights=weights,
            calendar=calendar,
            day_rule=self.day_rule,
        )


SECURED = frozenset({Scenario.ORDER, Scenario.RECEIVABLE, Scenario.COLLATERAL})

"""What we lend: a product is data (policies/products), checked whole when built: a wrong file stops the start."""

from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from lending.calendars import DayRule
from lending.rates import DayCount, rate_units
from lending.refusals import AmountOutOfRange, MonthsOutOfRange, ShareOutOfRange

# A share of revenue is kept in millionths, so that 12.5 % and 0.05 % are exact.
PPM = 1_000_000

# Late interest on overdue principal is the contract rate times 1.3 to 1.5 (银发〔2003〕251号); 1 is none.
LATE_FACTOR_AT_MOST = Decimal("1.5")

# Working capital is lent for at most three years, five where a borrower's money comes back slowly
# (流动资金贷款管理办法 2024).
WORKING_CAPITAL_MONTHS, EXCEPTION_MONTHS = 36, 60


def ceiling(value: Decimal) -> int:
    """The whole number not below ``value`` (floor division of decimals truncates, so it cannot be turned round)."""
    return int(value.to_integral_value(rounding=ROUND_CEILING))


class ProductError(ValueError):
    """A product that contradicts itself; names the field and what is allowed."""


class RepaymentKind(StrEnum):
    """How a product is repaid; all but the first ask for fixed sums on dates that are signed."""

    REVENUE_SHARE = "revenue_share"
    EQUAL_INSTALMENTS = "equal_instalments"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    WEIGHTED = "weighted"  # 大小月: more in the owner's strong months
    INTEREST_FIRST = "interest_first"  # 先息后本

    @property
    def by_dates(self) -> bool:
        return self is not RepaymentKind.REVENUE_SHARE


@dataclass(frozen=True, slots=True)
class AmountRange:
    """What may be borrowed, in minor units, in steps."""

    lowest_minor: int
    highest_minor: int
    step_minor: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if not 0 < self.lowest_minor <= self.highest_minor:
            raise ProductError("amounts: lowest is above zero and not above highest")
        if self.step_minor <= 0 or self.lowest_minor % self.step_minor or self.highest_minor % self.step_minor:
            raise ProductError("amounts.step: lowest and highest are whole steps")

    def require(self, amount_minor: int, currency: str) -> None:
        """Refuse an amount outside the range, or of another currency."""
        if currency != self.currency or not self.lowest_minor <= amount_minor <= self.highest_minor:
            raise AmountOutOfRange(
                lowest_minor=self.lowest_minor, highest_minor=self.highest_minor, currency=self.currency
            )

    def down_to_step(self, amount_minor: int) -> int:
        """The largest whole step not above the amount and not above the highest; may be below the lowest."""
        return min(amount_minor, self.highest_minor) // self.step_minor * self.step_minor


@dataclass(frozen=True, slots=True)
class MonthsRange:
    """The normal horizon: in how many months the loan is repaid when sales are as usual."""

    shortest: int
    longest: int

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.longest <= 360:
            raise ProductError("months: 1 ≤ shortest ≤ longest ≤ 360")

    def require(self, months: int) -> None:
        if not self.shortest <= months <= self.longest:
            raise MonthsOutOfRange(shortest=self.shortest, longest=self.longest)


@dataclass(frozen=True, slots=True)
class ShareRange:
    """Which part of net revenue may be agreed, as fractions: 0.05 is 5 %."""

    lowest: Decimal
    highest: Decimal
    step: Decimal

    def __post_init__(self) -> None:
        if not 0 < self.lowest <= self.highest <= 1:
            raise ProductError("share: 0 < lowest ≤ highest ≤ 1")
        if self.step <= 0 or self.step * PPM != int(self.step * PPM):
            raise ProductError("share.step: above zero and no finer than a millionth")
        if self.lowest % self.step or self.highest % self.step:
            raise ProductError("share.step: lowest and highest are whole steps")

    def require(self, share: Decimal) -> None:
        if not self.lowest <= share <= self.highest:
            raise ShareOutOfRange(
                lowest_percent=f"{(self.lowest * 100).normalize():f}",
                highest_percent=f"{(self.highest * 100).normalize():f}",
            )

    def up_to_step(self, share: Decimal) -> Decimal:
        """The smallest whole step not below ``share`` and not below the lowest; may be above the highest."""
        return ceiling(max(share, self.lowest) / self.step) * self.step


@dataclass(frozen=True, slots=True)
class SharePlan:
    """The share of net revenue that one loan is repaid with; ``daily_ceiling_minor`` is the most on one day."""

    share: Decimal
    daily_ceiling_minor: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1 or self.share * PPM != int(self.share * PPM):
            raise ProductError(f"share: above 0, at most 1, no finer than a millionth: {self.share}")

    @property
    def share_ppm(self) -> int:
        return int(self.share * PPM)


@dataclass(frozen=True, slots=True)
class MinimumPath:
    """The least progress (lending-practice P12): the principal falls in equal parts at the end of each window.

    The path is longer than the normal horizon by ``stretch``; only a shortfall at a window's end is ever due. Its last
    window ends at most ``longest_months`` after the money came: that is the term which the law counts (P14).
    """

    window_months: int
    stretch: Decimal
    grace_days: int
    longest_months: int = WORKING_CAPITAL_MONTHS
    debit: bool = False  # what is short is debited on the window's last day, announced five days before (E5)
    day_rule: DayRule = DayRule.NONE  # what becomes of a window's last day that is no working day (P9)

    def __post_init__(self) -> None:
        if self.window_months < 1:
            raise ProductError("minimum_path.window_months: at least 1")
        if self.stretch < 1:
            raise ProductError("minimum_path.stretch: at least 1, the path is never steeper than the normal horizon")
        if self.grace_days < 0:
            raise ProductError("minimum_path.grace_days: not negative")
        if self.day_rule not in (DayRule.NONE, DayRule.FOLLOWING):
            raise ProductError("minimum_path.day_rule: none or following, nobody is given less time than was signed")
        if not self.window_months <= self.longest_months <= EXCEPTION_MONTHS:
            raise ProductError(f"minimum_path.longest_months: from a window to {EXCEPTION_MONTHS} (P14)")

    def windows(self, months: int) -> int:
        """How many windows a loan with this normal horizon has."""
        stretched = ceiling(months * self.stretch / self.window_months)
        return min(stretched, self.longest_months // self.window_months)


# What a plan by dates has instead: each due day ends a window, and what is due is debited.
DATED = MinimumPath(window_months=1, stretch=Decimal(1), grace_days=3, debit=True)


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """What the loan costs: a simple annual rate by day on the balance, and nothing besides.

    ``late_factor`` times the rate is what overdue principal bears (lending-practice P10); 1 adds nothing.
    ``prepayment_fee_rate`` is on the amount prepaid; for small firms in China it is zero (银保监发〔2020〕18号).
    """

    annual_rate: Decimal
    day_count: DayCount
    late_factor: Decimal
    prepayment_fee_rate: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not 0 <= self.annual_rate <= 1:
            raise ProductError("price.annual_rate: from 0 to 1 (1 is 100 % a year)")
        rate_units(self.annual_rate)
        if not self.day_count.counts_calendar_days:
            raise ProductError("price.day_count: ACT/365 or ACT/360, since interest runs by day")
        if not 1 <= self.late_factor <= LATE_FACTOR_AT_MOST:
            raise ProductError(f"price.late_factor: from 1 to {LATE_FACTOR_AT_MOST}")
        if self.prepayment_fee_rate < 0:
            raise ProductError("price.prepayment_fee_rate: not negative")

    @property
    def day_rate(self) -> Decimal:
        """The rate for one day: 7.3 % over 365 days is 0.0002."""
        return self.annual_rate / self.day_count.days_in_year


@dataclass(frozen=True, slots=True)
class LineRules:
    """What makes a product a credit line (lending-practice P1): a limit for ``months``, drawn on in parts.

    ``fresh_days``: for so long what was asked of bills and registers is new enough to pay on. ``review_months``: the
    line is looked at anew after so many, and in time before its end (:func:`lending.line.review_day`). ``secured_by``:
    nothing is drawn above what such security counts for.
    """

    months: int
    revolving: bool
    lowest_draw_minor: int
    fresh_days: int
    review_months: int
    secured_by: str | None = None

    def __post_init__(self) -> None:
        if self.months < 1 or not 1 <= self.review_months <= self.months:
            raise ProductError("line.months: at least 1, and review_months not above them")
        if self.lowest_draw_minor <= 0 or self.fresh_days < 1:
            raise ProductError("line.lowest_draw and line.fresh_days: above zero")


@dataclass(frozen=True, slots=True)
class Product:
    """One product in one version; signed loans keep the version they were signed under."""

    id: str
    version: str
    repayment: RepaymentKind
    amounts: AmountRange
    months: MonthsRange
    share: ShareRange
    minimum_path: MinimumPath
    price: PriceTerms
    offer_valid_days: int
    self_payment_minor: int | None = None  # P14: above it a named seller is paid; None: no limit
    self_payment_person_minor: int | None = None  # the same of a borrower who is a person; None: as everybody
    withdrawal_days: int = 0  # 反悔期 (P11): a right that only a product can give; 0 is none
    purposes: tuple[str, ...] = field(default=())
    line: LineRules | None = None  # a credit line: what is signed is its limit, and each draw is a loan
    secured_by: str | None = None  # "collateral": no money before every piece is registered
    principal_first_days: int = 0  # P10: past due for longer, principal is paid before interest; 0: never
    small_month_at_least: Decimal = Decimal(1)  # of a big month, of a plan by weights (大小月); 1: all months alike

    def __post_init__(self) -> None:
        if not self.id or not self.version:
            raise ProductError("id and version: not empty")
        if self.offer_valid_days < 1:
            raise ProductError("offer_valid_days: at least 1")
        if not 0 <= self.principal_first_days <= 3_650:
            raise ProductError("payments.principal_first_after: 0 (never) to 3650 days")
        if self.months.longest > self.minimum_path.longest_months:
            raise ProductError(
                "months.longest: not above minimum_path.longest_months, the last day on which all is due"
            )
        if self.withdrawal_days < 0:
            raise ProductError("withdrawal_days: not negative")
        if self.price.late_factor != 1:
            # A share of revenue that is small is not late, and what is past due by date bears its rate and no more.
            raise ProductError("price.late_factor: 1, since lateness of a living loan bears the agreed rate alone")
        if not 0 < self.small_month_at_least <= 1:
            raise ProductError("weights.small_month_at_least: above 0, at most 1, as a part of a big month")
        if self.repayment.by_dates and (self.line or self.secured_by or self.principal_first_days):
            raise ProductError("repayment: plans by date are for loans of their own, without line or security")
        if self.repayment.by_dates and self.minimum_path != DATED:
            raise ProductError("minimum_path: every month, stretch 1, debited, where a plan goes by dates")
        if self.line is not None and self.line.lowest_draw_minor % self.amounts.step_minor:
            raise ProductError("line.lowest_draw: whole steps")

    def priced(self, annual_rate: Decimal | None, longest_months: int | None) -> "Product":
        """The same product at the price and longest term of one borrower's grade; None leaves the product's own."""
        price, months = self.price, self.months
        if annual_rate is not None:
            price = replace(price, annual_rate=annual_rate)
        if longest_months is not None:
            months = replace(months, longest=longest_months)
        return replace(self, price=price, months=months)

    @property
    def name_key(self) -> str:
        """The catalogue key of the product's name."""
        return f"lending.product.{self.id}"

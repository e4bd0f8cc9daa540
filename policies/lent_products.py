"""The files of products, as the rules take them."""

from decimal import Decimal

from lending.money import Money
from lending.products import (
    DATED,
    AmountRange,
    LineRules,
    MinimumPath,
    MonthsRange,
    PriceTerms,
    Product,
    ProductError,
    ShareRange,
)
from policies.files import PolicyError
from policies.shapes import LineSection, Path, ProductFile


def _line(section: LineSection) -> LineRules:
    return LineRules(
        months=section.months,
        revolving=section.revolving,
        lowest_draw_minor=Money.parse(section.lowest_draw).minor,
        fresh_days=section.fresh_days,
        review_months=section.review_months,
        secured_by=section.secured_by,
    )


def _path(section: Path | None) -> MinimumPath:
    if section is None:
        return DATED
    return MinimumPath(
        section.window_months,
        section.stretch,
        section.grace_days,
        section.longest_months,
        section.debit,
        section.day_rule,
    )


def product_of(name: str, file: ProductFile) -> Product:
    """A product as the rules take it; :class:`PolicyError` names its file and key."""
    minor = {key: Money.parse(getattr(file.amounts, key)).minor for key in ("lowest", "highest", "step")}
    try:
        return Product(
            id=file.product,
            version=file.version,
            repayment=file.repayment,
            amounts=AmountRange(minor["lowest"], minor["highest"], minor["step"], file.amounts.currency),
            months=MonthsRange(file.months.shortest, file.months.longest),
            share=ShareRange(file.share.lowest, file.share.highest, file.share.step),
            minimum_path=_path(file.minimum_path),
            price=PriceTerms(
                annual_rate=file.price.annual_rate,
                day_count=file.price.day_count,
                late_factor=file.price.late_factor,
                prepayment_fee_rate=file.price.prepayment_fee_rate,
            ),
            offer_valid_days=file.offer_valid_days,
            self_payment_minor=Money.parse(file.payout.entrusted_above).minor,
            self_payment_person_minor=Money.parse(file.payout.entrusted_above_person).minor
            if file.payout.entrusted_above_person
            else None,
            withdrawal_days=file.withdrawal_days,
            purposes=file.purposes,
            line=_line(file.line) if file.line else None,
            secured_by=file.secured_by,
            principal_first_days=file.payments.principal_first_after if file.payments else 0,
            small_month_at_least=file.weights.small_month_at_least if file.weights else Decimal(1),
        )
    except ProductError as error:
        key, _, problem = str(error).partition(": ")
        raise PolicyError(f"{name}.yaml", key, problem) from error

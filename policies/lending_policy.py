"""The underwriting file as the rules take it: amounts in minor units, prices by the index in force."""

from decimal import Decimal

from lending.instalment_products import BASIS_POINT
from lending.money import Money
from lending.products import Product
from lending.verdicts import Eligibility, Exposure, GradeRule, GuarantorRule, HardRules, Policy
from policies.files import PolicyError
from policies.underwriting_shapes import Grade, UnderwritingFile

FILE = "underwriting.yaml"


def policy_of(
    file: UnderwritingFile, products: dict[str, Product], indices: dict[str, Decimal], automatic_limit_minor: int
) -> Policy:
    """The policy of one product; :class:`PolicyError` where the file contradicts itself, a product or an index."""
    if file.product not in products:
        raise PolicyError(FILE, "product", f"unknown product {file.product!r}; known: {', '.join(products)}")
    product = products[file.product]
    lent_for = set(product.purposes) & set(file.eligibility.forbidden_purposes)
    if lent_for:
        problem = f"{', '.join(sorted(lent_for))}: among the purposes of {product.id}"
        raise PolicyError(FILE, "eligibility.forbidden_purposes", problem)
    rules = file.hard_rules
    grades = tuple(
        GradeRule(g.grade, g.pd_up_to, g.revenue_months, g.outcome, _rate(n, g, indices), g.longest_months)
        for n, g in enumerate(file.grades)
    )
    try:
        return Policy(
            version=file.version,
            product=product,
            months_of_history=rules.months_of_history,
            current_overdue_up_to_minor=_minor(rules.current_overdue_up_to),
            overdue_months_24_up_to=rules.overdue_months_24_up_to,
            enquiries_90d_up_to=rules.enquiries_90d_up_to,
            debt_service_up_to=file.debt_service_up_to,
            confidence_at_least=file.confidence_at_least,
            unsplit_costs=file.flows.unsplit_costs,
            corrected_up_to=file.flows.corrected_up_to,
            automatic_limit_minor=automatic_limit_minor,
            grades=grades,
            hard_rules=HardRules(
                overdue_run_24_up_to=rules.overdue_run_24_up_to,
                company_overdue_up_to_minor=_minor(rules.company_overdue_up_to),
                company_enquiries_90d_up_to=rules.company_enquiries_90d_up_to,
                enforced_up_to_minor=_minor(rules.enforced_up_to),
                claims_up_to=rules.claims_up_to,
                guarantees_up_to=rules.guarantees_up_to,
                months_in_trade=rules.months_in_trade,
                areas=rules.areas,
                not_served_states=rules.register_states_not_served,
            ),
            eligibility=Eligibility(
                kinds=tuple(kind.value for kind in file.eligibility.kinds),
                trades_not_served=file.eligibility.trades_not_served,
                forbidden_purposes=file.eligibility.forbidden_purposes,
                assets_bought_up_to=file.eligibility.assets_bought_up_to,
            ),
            exposure=Exposure(
                group_up_to_minor=_minor(file.exposure.group_up_to),
                guarantee_part=file.exposure.guarantee_part,
                trade_up_to=file.exposure.trade_up_to,
                buyer_up_to=file.exposure.buyer_up_to,
                main_buyer_from=file.exposure.main_buyer_from,
                book_at_least_minor=_minor(file.exposure.book_at_least),
                above=file.exposure.above,
            ),
            debt_service_in_bad_months_up_to=file.debt_service_in_bad_months_up_to,
            guarantors=tuple(GuarantorRule(_minor(one.above), one.grades) for one in file.guarantors),
            manual_reasons=tuple(code.value for code in file.manual_reasons),
        )
    except ValueError as error:
        key, _, problem = str(error).partition(": ")
        raise PolicyError(FILE, key, problem) from error


def _rate(n: int, grade: Grade, indices: dict[str, Decimal]) -> Decimal | None:
    price = grade.price
    if price is None:
        return None
    if (price.fixed_rate is None) == (price.index is None) or (price.fixed_rate is not None and price.points):
        raise PolicyError(FILE, f"grades.{n}.price", "either fixed_rate, or index and points")
    if price.index is None:
        return price.fixed_rate
    if price.index not in indices:
        raise PolicyError(FILE, f"grades.{n}.price.index", f"no such index; known: {', '.join(indices)}")
    # As a person would write it: 0.073, not 0.0730, since terms and their hash carry the figure as it is written.
    return max(Decimal(0), indices[price.index] + price.points * BASIS_POINT).normalize()


def _minor(amount: str) -> int:
    return Money.parse(amount).minor

"""Our own limits and prices against the law of a jurisdiction: the first that is looser stops the start."""

from datetime import time
from decimal import Decimal

from lending.instalment_products import InstalmentProduct
from lending.verdicts import Policy
from policies.files import PolicyError
from policies.shapes import JurisdictionFile, LimitsFile, ProductFile


def within_the_law(code: str, law: JurisdictionFile, limits: LimitsFile, products: dict[str, ProductFile]) -> None:
    """Our own limits and prices against one jurisdiction; the first that is looser stops the start."""
    ours, theirs = limits.contact, law.contact
    if ours.tries_per_number_per_day > theirs.max_tries_per_number_per_day:
        most = theirs.max_tries_per_number_per_day
        raise PolicyError("limits.yaml", "contact.tries_per_number_per_day", f"{code} allows at most {most}")
    if not _covers(ours.quiet_hours, theirs.quiet_hours):
        begin, end = theirs.quiet_hours
        raise PolicyError("limits.yaml", "contact.quiet_hours", f"{code} wants quiet from {begin:%H:%M} to {end:%H:%M}")
    if limits.decline.reasons_max > law.decline.reasons_max:
        raise PolicyError("limits.yaml", "decline.reasons_max", f"{code} allows at most {law.decline.reasons_max}")
    for name, product in products.items():
        cap = price_cap(law)
        if cap is not None and product.price.annual_rate * max(Decimal(1), product.price.late_factor) > cap:
            problem = f"{code} allows a {law.lender_type} at most {cap} a year"
            raise PolicyError(f"{name}.yaml", "price.annual_rate", problem)
        if law.prepay.penalty == "forbidden_for_sme" and product.price.prepayment_fee_rate:
            raise PolicyError(f"{name}.yaml", "price.prepayment_fee_rate", f"{code} forbids a fee for paying early")


def dated_within_the_law(
    code: str, law: JurisdictionFile, product: InstalmentProduct, indices: dict[str, Decimal]
) -> None:
    """Price with lateness inside the cap, no fee for paying early, no fee that the law puts on the lender (P3, P5)."""
    cap = price_cap(law)
    dearest = product.price.rate(indices) * product.lateness.misuse_factor
    if cap is not None and dearest > cap:
        problem = f"{dearest} a year with its factors, and {code} allows a {law.lender_type} at most {cap}"
        raise PolicyError(f"{product.id}.yaml", "price", problem)
    if law.prepay.penalty == "forbidden_for_sme" and product.prepayment_fee_rate:
        raise PolicyError(f"{product.id}.yaml", "prepayment_fee_rate", f"{code} forbids a fee for paying early")
    for fee in product.fees:
        if fee.code in law.fees_on_lender and fee.counts_in_the_annual_rate:
            raise PolicyError(f"{product.id}.yaml", f"fees.{fee.code}", f"in {code} the lender bears it")


def grades_within_the_law(code: str, law: JurisdictionFile, policy: Policy) -> None:
    """No grade is dearer than the cap, whatever its risk."""
    cap = price_cap(law)
    for rule in policy.grades:
        if cap is not None and policy.annual_rate(rule) * policy.product.price.late_factor > cap:
            problem = (
                f"{rule.grade}: {policy.annual_rate(rule)} a year, and {code} allows a {law.lender_type} at most {cap}"
            )
            raise PolicyError("underwriting.yaml", "grades", problem)


def _covers(ours: tuple[time, time], theirs: tuple[time, time]) -> bool:
    """Whether our quiet hours, which pass midnight, hold all of theirs."""
    return ours[0] <= theirs[0] and ours[1] >= theirs[1] and theirs[0] > theirs[1] and ours[0] > ours[1]


def price_cap(law: JurisdictionFile) -> Decimal | None:
    """The ceiling on the annual cost; None where it hangs on an index at signing and is checked then."""
    match law.lender_type:
        case "bank":
            return law.price_cap.bank
        case "small_loan":
            return law.price_cap.small_loan
        case "private":
            return None

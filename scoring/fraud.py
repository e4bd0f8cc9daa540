"""All rules over what one firm showed, and their sum by the policy."""

from datetime import date

from lending.suspicions import Finding, FraudPolicy, Suspicion, weigh
from scoring import fraud_flows, fraud_invoices
from scoring.fraud_flows import in_floats
from scoring.fraud_invoices import InvoiceSeries
from scoring.lines import Lines, day_number


def examine(
    policy: FraudPolicy, as_of: date, lines: Lines | None = None, invoices: InvoiceSeries | None = None
) -> Suspicion:
    """Weighs what the rules find in lines and invoices alone."""
    return weigh(findings_of(policy, as_of, lines, invoices), policy)


def findings_of(
    policy: FraudPolicy, as_of: date, lines: Lines | None = None, invoices: InvoiceSeries | None = None
) -> list[Finding]:
    """What the rules find in one firm's lines and invoices, unweighed.

    Lines after ``as_of`` count for nothing; of later invoices only red ink does, and only to say that it came.
    """
    found: list[Finding] = []
    limits = {name: in_floats(rule.limits) for name, rule in policy.rules.items()}
    if lines is not None and len(lines := lines.where(lines.day <= day_number(as_of))):
        for name, rule in fraud_flows.RULES.items():
            if name in limits and (one := rule(lines, limits[name])):
                found.append(one)
    if invoices is not None and len(invoices):
        for name, rule in fraud_invoices.RULES.items():
            if name in limits and (one := rule(invoices, day_number(as_of), limits[name])):
                found.append(one)
    return found

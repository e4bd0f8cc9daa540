"""All rules over what one firm showed, and their sum by the policy."""

from collections.abc import Sequence
from datetime import date

from lending.suspicions import Finding, FraudPolicy, Suspicion, weigh
from scoring import fraud_flows, fraud_invoices
from scoring.fraud_flows import in_floats
from scoring.fraud_invoices import InvoiceSeries
from scoring.lines import Lines, day_number


def examine(
    policy: FraudPolicy,
    as_of: date,
    lines: Lines | None = None,
    invoices: InvoiceSeries | None = None,
    others: Sequence[Finding] = (),
) -> Suspicion:
    """Weighs what the rules find in lines and invoices with what ``others`` found in files and across firms.

    Lines after ``as_of`` count for nothing; of later invoices only red ink does, and only to say that it came.
    """
    found = list(others)
    limits = {name: in_floats(rule.limits) for name, rule in policy.rules.items()}
    if lines is not None and len(lines := lines.where(lines.day <= day_number(as_of))):
        found += [
            one for name, rule in fraud_flows.RULES.items() if name in limits and (one := rule(lines, limits[name]))
        ]
    if invoices is not None and len(invoices):
        found += [
            one
            for name, rule in fraud_invoices.RULES.items()
            if name in limits and (one := rule(invoices, day_number(as_of), limits[name]))
        ]
    return weigh(found, policy)

"""The file of what looks wrong, as the rules take it."""

from typing import Literal

from pydantic import Field

from lending.suspicions import FraudPolicy, FraudRule
from policies.files import PolicyFile, Section
from policies.shapes import Fraction, Number


class FraudRuleSection(Section):
    weight: Fraction
    reason: Literal["shown_by_another", "flows_to_explain", "invoices_to_explain", "bill_to_check", "details_shared"]
    certain: bool = False
    limits: dict[str, Number] = Field(default_factory=dict[str, Number])


class FraudFile(PolicyFile):
    strong_at: Fraction
    shown_at: Fraction
    rules: dict[str, FraudRuleSection]


def fraud_policy(file: FraudFile) -> FraudPolicy:
    """As :func:`lending.suspicions.weigh` takes it."""
    rules = {
        name: FraudRule(rule.weight, rule.reason, rule.certain, dict(rule.limits)) for name, rule in file.rules.items()
    }
    return FraudPolicy(file.version, file.strong_at, file.shown_at, rules)

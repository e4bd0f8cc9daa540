"""What only shows across firms: one document twice, one account or licence behind many, many applications at once."""

from dataclasses import dataclass

from lending.suspicions import Finding, FraudPolicy
from scoring.fraud_flows import places


@dataclass(frozen=True, slots=True)
class Across:
    """Counts beside one application. ``documents``: files of it that another firm brought too; ``invoices`` likewise.
    ``account_owners`` and ``licence_owners``: other people with its payee account or its licence; ``device_owners``:
    who signed in with the same browser; ``other_phones``: under which the same identity number came. ``applications``
    of the same person, and ``device_applications`` of whoever used the same browsers, within the days that the policy
    names, this one counted."""

    documents: int = 0
    invoices: int = 0
    account_owners: int = 0
    licence_owners: int = 0
    applications: int = 0
    device_owners: int = 0
    device_applications: int = 0
    other_phones: int = 0


def of_counts(across: Across, policy: FraudPolicy) -> list[Finding]:
    """Findings without a name: who the other firm is stands in its own file, for those who may read it."""
    found = [
        Finding(rule, places(1.0), (("count", str(count)),))
        for rule, count in (("document_elsewhere", across.documents), ("invoices_elsewhere", across.invoices))
        if count and rule in policy.rules
    ]
    for rule, count in (
        ("shared_account", across.account_owners),
        ("shared_licence", across.licence_owners),
        ("many_applications", across.applications),
        ("shared_device", across.device_owners),
        ("applications_from_device", across.device_applications),
        ("other_phones", across.other_phones),
    ):
        if rule in policy.rules:
            limits = policy.rules[rule].limits
            above = count - float(limits.get("free", 0))
            if above > 0:
                found.append(Finding(rule, places(above / float(limits["full"])), (("count", str(count)),)))
    return found

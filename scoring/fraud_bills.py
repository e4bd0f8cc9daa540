"""What bills themselves give away: what their readers noticed (``imports.edited``, totals, balances), as findings."""

from collections.abc import Mapping, Sequence
from typing import Any

from lending.suspicions import Finding, FraudPolicy
from scoring.fraud_flows import places

# Notices of one bill, and which of their figures says how often.
COUNTED = {
    "balance_breaks": "breaks",
    "order_numbers": "rows",
    "order_number_shape": "rows",
    "pasted_rows": "rows",
}


def of_notices(notices: Sequence[Mapping[str, Any]], policy: FraudPolicy) -> list[Finding]:
    """Findings from the notices of all bills of a firm, each kind counted over them together."""
    found: list[Finding] = []
    for rule, figure in COUNTED.items():
        mine = [notice for notice in notices if notice["code"] == rule]
        if mine and rule in policy.rules:
            times = sum(int(notice["params"].get(figure, 1)) for notice in mine)
            full = float(policy.rules[rule].limits["full"])
            facts = (("rows", str(times)), ("where", str(mine[0].get("where", ""))))
            found.append(Finding(rule, places(times / full), facts))
    differ = [one for one in notices if one["code"].startswith("total_differs") or _lines_are_gone(one)]
    if differ:
        found.append(Finding("totals_differ", places(1.0), (("rows", str(len(differ))),)))
    return found


def _lines_are_gone(notice: Mapping[str, Any]) -> bool:
    return notice["code"] == "count_differs" and notice["params"]["stated"] > notice["params"]["found"]

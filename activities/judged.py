"""A verdict with all that it rested on, and the plans that go with it, as both are kept."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from activities.knowing import Bills
from lending.offers import Offer
from lending.suspicions import Finding
from lending.terms import canonical
from lending.verdicts import Outcome, PathToYes, Ratios, Reason, ReasonCode, Request, Score, Verdict
from scoring.assessment import Assessment
from scoring.health import Health


@dataclass(frozen=True)
class Judged:
    """A verdict with everything that it rested on."""

    verdict: Verdict
    score: Score
    ratios: Ratios
    assessment: Assessment
    bills: Bills
    health: Health | None = None
    findings: tuple[Finding, ...] = ()
    found: Verdict | None = None
    registers: dict[str, str] = field(default_factory=dict[str, str])
    buyer: bytes | None = None
    request: Request | None = None
    left_out: tuple[str, ...] = ()

    @property
    def by_machine(self) -> Verdict:
        """What the machine answered, whatever a person made of it."""
        return self.found or self.verdict

    @property
    def model_id(self) -> str | None:
        """The model that scored; None where none could be used and a person decides."""
        return self.bills.model_id

    def approved(self, reason: Reason, *, limit_minor: int) -> "Judged":
        """The same with a person's yes, for the reason that they gave."""
        yes = replace(self.verdict, outcome=Outcome.APPROVE, reasons=(reason,), limit_minor=limit_minor)
        return replace(self, verdict=replace(yes, path_to_yes=None, ways_to_yes=()))

    def found_no_plan(self, ways: tuple[PathToYes, ...]) -> "Judged":
        """The machine's own no: the rules would lend, but no plan repays it. ``ways``: to a plan that does."""
        no = replace(self.verdict, outcome=Outcome.DECLINE, reasons=(Reason(ReasonCode.NO_PLAN_FITS),))
        no = replace(no, ways_to_yes=ways, path_to_yes=ways[0] if ways else None)
        return replace(self, verdict=no, found=no)

    def declined(self, *reasons: Reason) -> "Judged":
        """The same with a no for these reasons; what would have made a yes cheaper is no way to one."""
        no = replace(self.verdict, outcome=Outcome.DECLINE, reasons=reasons)
        if self.verdict.outcome is Outcome.APPROVE:
            no = replace(no, ways_to_yes=(), path_to_yes=None)
        return replace(self, verdict=no)


@dataclass(frozen=True)
class Plan:
    """An offer as it is kept: ``terms`` and ``projection`` as JSON."""

    number: int
    terms: dict[str, Any]
    terms_hash: str
    projection: dict[str, Any]
    expires_at: datetime


def plan_of(offer: Offer, assessment: Assessment, as_of: date) -> Plan:
    """An offer and the months that it rests on."""
    weathers = (
        ("good", offer.weathers.good),
        ("normal", offer.weathers.normal),
        ("slow", offer.weathers.slow),
    )
    return Plan(
        number=offer.number,
        terms=json.loads(canonical(offer.terms)),
        terms_hash=offer.terms_hash,
        projection={
            "shape": offer.shape.value,
            "monthly_net_revenue_minor": assessment.monthly_net_revenue_minor,
            "monthly_series": list(assessment.monthly_series),
            "as_of": as_of.isoformat(),
            "weathers": {
                name: {
                    "finish_on": projection.finish_on.isoformat() if projection.finish_on else None,
                    "months": projection.months,
                    "total_interest_minor": projection.total_interest_minor,
                    "total_minor": projection.total_minor,
                }
                for name, projection in weathers
            },
        },
        expires_at=offer.expires_at,
    )

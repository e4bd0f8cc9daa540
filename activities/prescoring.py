"""Pre-scores of many firms at once, each under its owner's living consent, and the order limits that rest on them."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.champion import Champion
from activities.knowing import evidence_of
from db import prescores
from db.prescores import Known
from lending.judging import limit_of
from lending.money import Money
from lending.verdicts import Outcome, Policy, Ratios
from policies.care_shapes import OrderLimitSection, PrescoreSection
from scoring.assessment import Assessment, assess
from scoring.evidence import Evidence
from scoring.model import Model

AT_ONCE = 200  # firms whose evidence is in memory together
NO_CONSENT, CONSENT_ENDED, NO_FLOWS, UNKNOWN = "no_consent", "consent_ended", "no_flows", "unknown_firm"


@dataclass(frozen=True, slots=True)
class Prescored:
    """One firm of a list: a score with a limit until ``valid_until``, or ``why`` not."""

    firm_id: UUID
    why: str | None = None
    pd: Decimal | None = None
    grade: str | None = None
    confidence: Decimal | None = None
    limit_minor: int | None = None
    valid_until: datetime | None = None


class Prescorer:
    """Scores lists with the model that decides."""

    def __init__(self, champion: Champion, policy: Policy, rules: PrescoreSection) -> None:
        self._champion = champion
        self._policy = policy
        self._valid = timedelta(days=rules.valid_days)

    async def score(
        self, session: AsyncSession, list_id: UUID, firms: Sequence[UUID], *, on: date, at: datetime
    ) -> list[Prescored]:
        """Every firm once, in the order of the list; a firm whose owner did not allow it is not even read.

        Raises :class:`activities.champion.NoModel` where none can be used.
        """
        chosen = await self._champion.get(session)
        wanted = list(dict.fromkeys(firms))
        results: list[Prescored] = []
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            known = await prescores.known(session, part, at)  # asked part by part: a long list takes minutes
            allowed = [firm for firm in part if firm in known and known[firm].consent == "living"]
            shown = {firm: await evidence_of(session, firm, on, with_invoices=known[firm].invoices) for firm in allowed}
            done = await asyncio.to_thread(self._assessed, chosen.model, shown, on)
            found = [self._result(firm, known.get(firm), done.get(firm), at) for firm in part]
            await prescores.keep(session, list_id, found, known, chosen.model_id, at)
            results += found
        return results

    def _assessed(self, model: Model, shown: Mapping[UUID, Evidence], on: date) -> dict[UUID, Assessment]:
        told = {firm: evidence for firm, evidence in shown.items() if len(evidence.lines) or len(evidence.invoices)}
        return {firm: assess(model, evidence, on) for firm, evidence in told.items()}

    def _result(self, firm: UUID, known: Known | None, assessment: Assessment | None, at: datetime) -> Prescored:
        if known is None:
            return Prescored(firm, UNKNOWN)
        if known.consent != "living":
            return Prescored(firm, CONSENT_ENDED if known.consent == "ended" else NO_CONSENT)
        if assessment is None:
            return Prescored(firm, NO_FLOWS)
        policy, score = self._policy, assessment.score
        rule = policy.rule_of(policy.grade_of(score.pd))
        ratios = Ratios(assessment.months_of_history, assessment.monthly_net_revenue_minor)
        months = policy.product.months.longest
        limit = 0 if rule.outcome is Outcome.DECLINE else limit_of(ratios, policy, rule, months)
        return Prescored(firm, None, score.pd, rule.grade, score.confidence, max(limit, 0), at + self._valid)


class OrderLimits:
    """The nightly limits for lending against orders: grade and flows, less what is owed already."""

    def __init__(self, rules: OrderLimitSection) -> None:
        self._rules = rules
        self._highest = Money.parse(rules.highest).minor
        self._valid = timedelta(days=rules.valid_days)

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """A limit for each firm with a living pre-score; all others' limits end."""
        rows: list[dict[str, Any]] = []
        whole: dict[str, int] = defaultdict(int)
        for firm in await prescores.scored_firms(session, on, at):
            by_flows = int(firm.monthly_revenue_minor * self._rules.of_monthly_revenue)
            good = firm.grade in self._rules.grades
            limit = max(0, min(self._highest, by_flows, firm.limit_minor) - firm.owed_minor) if good else 0
            whole["firms"] += 1
            whole["with_limit"] += limit > 0
            rows.append(
                {
                    "firm_id": firm.firm_id,
                    "person_id": firm.person_id,
                    "limit_minor": limit,
                    "currency": "CNY",
                    "model_id": firm.model_id,
                    "basis": {
                        "grade": firm.grade,
                        "monthly_revenue_minor": firm.monthly_revenue_minor,
                        "prescore_limit_minor": firm.limit_minor,
                        "owed_minor": firm.owed_minor,
                    },
                    "made_on": on,
                    "valid_until": at + self._valid,
                }
            )
        await prescores.keep_limits(session, rows, at)
        return {"firms": whole["firms"], "with_limit": whole["with_limit"]}

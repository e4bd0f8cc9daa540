"""When a person decides otherwise than the score: said beforehand, with a cause that can be counted, and kept."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.idempotency import Json
from api.problems import BadFields, FieldError, NotFound
from db import reading
from db.tables import Decision
from lending.verdicts import Outcome, Policy


@dataclass(frozen=True, slots=True)
class Leaning:
    """What the machine would have decided alone: ``approve``, ``decline``, or None where it asks a person."""

    verdict: str | None
    decision_id: UUID | None


def leaning(found: Decision | None, policy: Policy) -> Leaning:
    """A decision to refer a case leans where its grade does; without a score, or in a grade for people, nowhere."""
    if found is None or found.pd is None:
        return Leaning(None, found.id if found else None)
    says = Outcome(found.outcome)
    if says is Outcome.REVIEW:
        says = next(rule.outcome for rule in policy.grades if found.pd <= rule.pd_up_to)
    return Leaning(None if says is Outcome.REVIEW else says.value, found.id)


async def of_case(session: AsyncSession, caller: Caller, application_id: UUID) -> Leaning:
    """The leaning of the machine's last decision on an application."""
    application = await reading.application(session, application_id)
    if application is None:
        raise NotFound
    rows = [row for row in await reading.decisions(session, application_id) if row.decided_by == "model"]
    newest = max(rows, key=lambda row: row.n, default=None)
    return leaning(newest, caller.tools.policies.policy(application.product_id))


def recorded(leans: Leaning, verdict: str, cause: str, known: tuple[str, ...]) -> Json:
    """What the log keeps of a verdict. Raises :class:`BadFields` for an override without a cause of the policy's."""
    against = leans.verdict is not None and leans.verdict != verdict
    if cause and cause not in known:
        raise BadFields(fields=(FieldError("cause", "not_one_of_these"),))
    if against and not cause:
        raise BadFields(fields=(FieldError("cause", "missing"),))
    decided = str(leans.decision_id) if leans.decision_id else None
    return {"leaning": leans.verdict, "override": against, "cause": cause if against else None, "decision": decided}

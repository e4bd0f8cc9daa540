"""Whom the nightly look at courts and company register may ask about, and what was known of them at the decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import permissions
from db.tables import AccessRecord, Decision, Loan

Json = dict[str, Any]
ACTOR, WHAT, PURPOSE = "system", "public_records", "early_warning"


@dataclass(frozen=True, slots=True)
class Due:
    """A live loan whose owner allows the question; ``ratios``: those of its newest decision, empty without one."""

    loan_id: UUID
    person_id: UUID
    firm_id: UUID
    ratios: Json


async def due(session: AsyncSession, consent: str, at: datetime, asked_before: datetime, most: int) -> Sequence[Due]:
    """At most so many loans under a living consent, those first that were never asked about or longest ago.

    When somebody was asked about stands in the record of accesses, which their owner reads.
    """
    last = (
        select(AccessRecord.person_id, func.max(AccessRecord.at).label("at"))
        .where(AccessRecord.actor == ACTOR, AccessRecord.what == WHAT, AccessRecord.purpose == PURPOSE)
        .group_by(AccessRecord.person_id)
        .subquery()
    )
    ratios = (
        select(Decision.ratios)
        .where(Decision.application_id == Loan.application_id)
        .order_by(Decision.n.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = await session.execute(
        select(Loan.id, Loan.person_id, Loan.firm_id, ratios)
        .outerjoin(last, last.c.person_id == Loan.person_id)
        .where(
            Loan.state == "live",
            permissions.allowed(Loan.person_id, consent, at),
            (last.c.at.is_(None)) | (last.c.at <= asked_before),
        )
        .order_by(last.c.at.asc().nulls_first(), Loan.id)
        .limit(most)
    )
    return [Due(loan_id, person_id, firm_id, known or {}) for loan_id, person_id, firm_id, known in found]

"""What shows across firms about one application, asked anew for each verdict: others come and go."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db import invoices, suspicions
from db.tables import Application
from lending.suspicions import Finding, FraudPolicy
from scoring.fraud_across import Across, of_counts


async def findings_across(
    session: AsyncSession, application: Application, now: datetime, policy: FraudPolicy
) -> list[Finding]:
    """Findings by the policy's rules; none names another firm."""

    def days(rule: str) -> timedelta:
        found = policy.rules.get(rule)
        return timedelta(days=int(found.limits["days"]) if found else 0)

    elsewhere = await invoices.same_invoices_elsewhere(session, application.firm_id) if application.firm_id else []
    counts = await suspicions.counts(
        session,
        application,
        now,
        many=days("many_applications"),
        shared=days("shared_device"),
        device=days("applications_from_device"),
    )
    return of_counts(Across(invoices=sum(one.invoices for one in elsewhere), **counts), policy)

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
    counts = Across(
        documents=await suspicions.documents_elsewhere(session, application),
        invoices=sum(one.invoices for one in elsewhere),
        account_owners=await suspicions.account_owners(session, application),
        licence_owners=await suspicions.licence_owners(session, application),
        applications=await suspicions.applications_since(session, application, now - days("many_applications")),
        device_owners=await suspicions.device_owners(session, application, days("shared_device")),
        device_applications=await suspicions.applications_from_device(
            session, application, now - days("applications_from_device"), days("applications_from_device")
        ),
        other_phones=await suspicions.other_phones(session, application),
    )
    return of_counts(counts, policy)

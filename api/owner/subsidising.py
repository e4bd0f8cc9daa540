"""Which subsidy a plan may have, and what it costs with it: told beside the plan, changing nothing of it."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.views import OfferView, SubsidyView
from db import applications
from db.tables import Application
from infra import i18n
from lending.subsidies import Applicant, best


async def applicant_of(session: AsyncSession, application: Application) -> Applicant | None:
    """Who asks, as the schemes see them; None before a firm is known."""
    if application.firm_id is None:
        return None
    firm = await applications.firm(session, application.firm_id)
    return Applicant(firm.kind, firm.trade, firm.region)


def subsidy_of(caller: Caller, plan: OfferView, applicant: Applicant, on: date) -> SubsidyView | None:
    """The scheme that pays most of this plan's interest at usual sales, with the cost before and after."""
    usual = next(one for one in plan.simulation.weathers if one.kind == "normal")
    found = best(
        caller.tools.policies.subsidies,
        applicant,
        amount_minor=plan.amount_minor,
        annual_rate=plan.annual_rate,
        interest_by_month_minor=[row.interest_minor for row in usual.rows],
        on=on,
    )
    if found is None or usual.finish_on is None:
        return None
    before, name = usual.total_minor - plan.amount_minor, found.scheme.name
    text = i18n.text(f"lending.subsidy.{name}", caller.locale)
    return SubsidyView(name, text, found.pays_minor, before, before - found.pays_minor, found.scheme.last_on)

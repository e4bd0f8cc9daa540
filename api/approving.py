"""What every yes needs, whoever says it: one gate for a single verdict, the agenda and each vote (P33, P34)."""

from sqlalchemy.ext.asyncio import AsyncSession

from api import offline, securing
from api.caller import Caller
from api.manager import duties, investigating
from db import documents
from db.tables import Application
from lending.refusals import OfflineStepMissing, PapersMissing


async def may_say_yes(session: AsyncSession, caller: Caller, application: Application, amount_minor: int) -> None:
    """Raises what is missing, the most telling first: :class:`PapersMissing`, what the security does not carry,
    :class:`OfflineStepMissing`, :class:`InvestigationIncomplete`, :class:`DutiesOpen`."""
    policies = caller.tools.policies
    if lacking := await documents.missing_of(session, policies.checklist, application):
        raise PapersMissing(item=lacking[0])
    if policies.product(application.product_id).secured_by is not None:
        await securing.carried(session, caller, application, amount_minor)
    if unseen := await offline.first_missing(session, caller, application):
        raise OfflineStepMissing(offline_kind=unseen)
    await investigating.require(session, caller, application, amount_minor)
    await duties.require(session, caller, application)

"""A manager fills in for a customer who sits beside them or calls: by phone number, with every look on record.

They type; they cannot begin, consent or sign: that stays with the customer, on their own phone.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import drafting, fields
from api.caller import Caller
from api.hands import managers
from api.idempotency import Json, perform
from api.problems import NotFound
from api.views import DraftView
from db import audits, drafts, intake, people
from lending.refusals import ApplicationOpen


async def customer_of(caller: Caller, phone: str, key: str) -> UUID:
    """The customer of this number, a new one if nobody has it; raises :class:`ApplicationOpen` once they applied."""
    form = fields.Form()
    number = form.take("phone", fields.phone, phone, "")
    form.done()
    tools = caller.tools

    async def act(session: AsyncSession) -> Json:
        known = await people.know_by_phone(session, tools.vault, number, locale=caller.locale, now=tools.wall_now())
        if await intake.open_application_of(session, known) is not None:
            raise ApplicationOpen
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="draft.assist",
            object_kind="person",
            object_id=str(known),
            detail={},
            request_id=caller.request_id,
        )
        return {"person_id": str(known)}

    found = await perform(caller, "manager.assist", key, {"phone": number}, act, scope="staff")
    return UUID(found["person_id"])


async def save(caller: Caller, person_id: UUID, typed: dict[str, str], *, seen: int, key: str) -> DraftView:
    """What the customer said, typed by the manager."""
    return await drafting.save(caller, managers(person_id), typed, seen=seen, key=key)


async def find(caller: Caller, person_id: UUID) -> DraftView | None:
    """The customer's draft, None before anything was typed; the customer sees that somebody looked."""
    return await drafting.find(caller, managers(person_id))


async def read(caller: Caller, draft_id: UUID) -> tuple[UUID, DraftView]:
    """Whose draft it is, and what stands in it; the customer sees that somebody looked."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await drafts.by_id(session, draft_id)
    if row is None:
        raise NotFound
    return row.person_id, await drafting.read(caller, managers(row.person_id))

"""A look of staff at somebody's data: on record before anything opens, and shown to that person."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import clocks, people
from db.people import LOOKED, Erased
from db.tables import Application


async def look(session: AsyncSession, caller: Caller, application: Application, what: str) -> None:
    """The customer sees who looked (a role, not a name), at what and why."""
    now = await clocks.now(session, caller.tools.settings.clock_id)
    role = min(caller.principal.roles, default="partner" if caller.principal.kind == "machine" else "staff")
    await people.record_access(
        session, application.person_id, at=now, actor=role, what=what, purpose=f"application {application.number}"
    )


async def look_at_name(session: AsyncSession, caller: Caller, application: Application) -> None:
    """A name on a list is a look too; one that is part of a larger look is in that."""
    if application.person_id not in session.info.get(LOOKED, ()):
        await look(session, caller, application, "name")


async def names(session: AsyncSession, caller: Caller, application: Application) -> tuple[str, str | None]:
    """(name, firm) in clear, the look on record; empty where the person was erased."""
    vault = caller.tools.vault
    await look_at_name(session, caller, application)
    try:
        who = await people.identity_of(session, vault, application.person_id)
        firm = await people.firm_of(session, vault, application.firm_id) if application.firm_id else None
    except Erased:
        return "", None
    return who.name or "", firm.name if firm else None

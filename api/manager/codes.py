"""By whom a customer came: a manager's own code, and whose the customers of an area are."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auditing import noted
from api.belonging import AREA
from api.caller import Caller
from api.idempotency import Json, perform
from api.problems import BadFields, FieldError, NotFound
from api.views import ManagerCodeView, TerritoryView
from db import clocks, leaves, managing


async def mine(caller: Caller) -> ManagerCodeView:
    """One's own code, made at the first asking, and what came of it."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        code = await managing.code_of(session, caller.staff_id, now)
        came, lent = await managing.came_by(session, caller.staff_id)
    url = f"{caller.tools.settings.public_url.rstrip('/')}/m/{code}"
    return ManagerCodeView(code, url, caller.principal.name or "", came, lent)


async def anew(caller: Caller, key: str) -> ManagerCodeView:
    """Another code; the old one leads nowhere from now on (a card was lost, a poster was copied)."""

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await managing.end_code(session, caller.staff_id, now)
        await noted(session, caller, "manager.code_anew", "staff", str(caller.staff_id), {})
        return {}

    await perform(caller, "manager.code_anew", key, {}, act, scope="staff")
    return await mine(caller)


# --- territories ------------------------------------------------------------------------------------------------------


async def territories(caller: Caller) -> tuple[TerritoryView, ...]:
    """Every area with whose it is."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple(
            TerritoryView(row.area, row.staff_id, name, row.said_at)
            for row, name in await managing.territories(session)
        )


async def set_territory(caller: Caller, area: str, staff_id: UUID | None, key: str) -> tuple[TerritoryView, ...]:
    """An area is somebody's from now on, or nobody's; customers who are somebody's stay theirs."""
    if not AREA.fullmatch(area):
        raise BadFields(fields=(FieldError("area", "not_one_of_these"),))

    async def act(session: AsyncSession) -> Json:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        known = {one.id for one in await leaves.colleagues(session, managing.MANAGER, UUID(int=0))}
        if staff_id is None:
            if not await managing.drop_territory(session, area):
                raise NotFound
        elif staff_id not in known:
            raise BadFields(fields=(FieldError("staff_id", "not_one_of_these"),))
        else:
            await managing.set_territory(session, area, staff_id, by=caller.principal.actor, at=now)
        detail = {"area": area, "staff_id": str(staff_id) if staff_id else None}
        await noted(session, caller, "manager.territory", "territory", area, detail)
        return {}

    body = {"area": area, "staff_id": str(staff_id) if staff_id else None}
    await perform(caller, "manager.territory", key, body, act, scope="staff", object_id=area)
    return await territories(caller)

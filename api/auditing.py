"""An act of somebody's on the trail, in the transaction of the act."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.idempotency import Json
from db import audits


async def noted(
    session: AsyncSession, caller: Caller, action: str, object_kind: str, object_id: str, detail: Json
) -> None:
    """Who did what to which thing; ``detail`` holds ids, codes and hashes, never what identifies a person."""
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        detail=detail,
        request_id=caller.request_id,
    )

"""What was done to a loan, on record with who did it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import audits


async def on_record(session: AsyncSession, caller: Caller, action: str, loan_id: UUID, **detail: str) -> None:
    """One line of the audit trail, in the transaction of the act itself."""
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="loan",
        object_id=str(loan_id),
        detail=detail,
        request_id=caller.request_id,
    )

"""What a card is about in its customer's words: the workshop, the machine, the invoice, by name and last digits.

No card says a whole number of a title or an invoice: a list is read over shoulders, and four digits tell two machines
apart.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import collateral, pieces_named
from db.tables import Collateral, Receivable


async def of_tasks(session: AsyncSession, caller: Caller, task_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The piece that each task is about, by the task; those that are about none are left out."""
    found = await collateral.sent_for(session, task_ids)
    return {row.task_id: name for row in found if row.task_id and (name := await piece(session, caller, row))}


async def of_case(session: AsyncSession, caller: Caller, application_id: UUID) -> tuple[str, ...]:
    """What is offered for one application and still held."""
    rows = [row for row in await collateral.of_application(session, application_id) if row.state in collateral.HELD]
    found = [await piece(session, caller, row) for row in rows]
    return tuple(name for name in found if name)


async def piece(session: AsyncSession, caller: Caller, row: Collateral) -> str:
    """One piece of collateral; empty where its owner was erased."""
    types = caller.tools.policies.collateral.types
    return await pieces_named.piece(session, caller.tools.vault, types, row, caller.locale)


async def invoice(session: AsyncSession, caller: Caller, row: Receivable) -> str:
    """One invoice, by its buyer."""
    return await pieces_named.invoice(session, caller.tools.vault, row, caller.locale)

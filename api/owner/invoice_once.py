"""One invoice is offered once: whose it is already, told to its own owner plainly and to anybody else without a name.

An owner's own transaction sees no other's rows, so that this is asked beside it.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import invoice_numbers, receivables
from db.receivables import Paper
from db.tables import Receivable
from lending.calendars import Jurisdiction, business_date
from lending.refusals import ReceivableKnown, Refusal
from lending.refusals_of_security import ReceivableOwn


async def nobody_has(caller: Caller, paper: Paper, amount_minor: int, issued_on: date) -> None:
    """Raise where it is held, or its number was used up, by whomever: for one's own :class:`ReceivableOwn`."""
    why = await stands_against(caller, paper, amount_minor, issued_on)
    if why is not None:
        raise why


async def stands_against(caller: Caller, paper: Paper, amount_minor: int, issued_on: date) -> Refusal | None:
    """Why it cannot be offered again, if it cannot. Another firm's short number that ends alike is no word here: the
    desk compares those."""
    tools = caller.tools
    async with tools.sessions.begin(scope="worker") as session:
        found = await _held(session, caller, paper, amount_minor, issued_on)
        if found is None:
            return None
        if found.person_id != caller.person_id:
            return ReceivableKnown()
        on = business_date(found.created_at, Jurisdiction(tools.settings.jurisdiction))
        return ReceivableOwn(offered_on=on.isoformat(), receivable=found.state)


async def _held(
    session: AsyncSession, caller: Caller, paper: Paper, amount_minor: int, issued_on: date
) -> Receivable | None:
    vault, index_key = caller.tools.vault, caller.tools.settings.secret_bytes("index_key")
    mark = receivables.mark_of(paper, amount_minor, issued_on.isoformat(), index_key)
    same = await receivables.held_as(session, mark)
    if same is not None:
        return same
    new = Receivable(
        id=UUID(int=0),
        person_id=caller.person_id,
        seller_key=receivables.party_key(vault, paper.seller),
        buyer_key=receivables.party_key(vault, paper.buyer),
        amount_minor=amount_minor,
        issued_on=issued_on,
        created_at=datetime.max.replace(tzinfo=UTC),
    )
    found = await invoice_numbers.against(session, vault, paper, new)
    if found is not None and found.person_id != caller.person_id and not receivables.shares_number(vault, paper, found):
        return None
    return found

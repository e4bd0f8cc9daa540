"""One loan as the desk reads it: what is owed, every posting, every debit that was asked for, and its story."""

from uuid import UUID

from api import standing
from api.caller import Caller
from api.looking import look
from api.owner.repaying import loan_view
from api.problems import NotFound
from api.views import CollectionLine, JournalLine, LoanFile
from db import clocks, ledger, reading
from db.tables import Collection
from lending.calendars import Jurisdiction, business_date
from lending.ledger import Entry


async def loan(caller: Caller, loan_id: UUID) -> LoanFile:
    """The file of a loan. The reading is recorded, and its owner can see it."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await reading.loan(session, loan_id)
        if row is None:
            raise NotFound
        application = await reading.application(session, row.application_id)
        if application is None:
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await look(session, caller, application, "loan")
        return LoanFile(
            loan=await loan_view(session, row, business_date(now, Jurisdiction(row.jurisdiction))),
            journal=tuple(
                line for entry in reversed(await ledger.entries(session, loan_id)) for line in _postings(entry)
            ),
            collections=tuple(_collection(one) for one in reversed(await reading.collections(session, loan_id))),
            timeline=await standing.timeline(session, caller, application),
            currency=row.currency,
        )


def _postings(entry: Entry) -> tuple[JournalLine, ...]:
    return tuple(
        JournalLine(
            entry_id=entry.id,
            kind=entry.kind.value,
            booked_at=entry.booked_at,
            effective_on=entry.effective_on,
            debit=posting.debit.value,
            credit=posting.credit.value,
            amount_minor=posting.amount_minor,
            source=entry.source,
        )
        for posting in entry.postings
    )


def _collection(row: Collection) -> CollectionLine:
    return CollectionLine(
        close_on=row.close_on,
        net_revenue_minor=row.net_revenue_minor,
        asked_minor=row.amount_minor,
        received_minor=row.received_minor,
        state=row.state,
        rail_reference=row.rail_reference,
    )

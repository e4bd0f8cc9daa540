"""What only shows across firms: counts for one application, never a name.

Browsers are known by the random name that each was given at its first look; a network is not kept. Sessions are
counted within the days that the policy names and forgotten after ``SESSIONS_KEPT``.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Session, StatementFile

SESSIONS_KEPT = timedelta(days=180)


# Sessions are of the world's time, whatever day it is in the business. One statement: each verdict asks all of it.
_ACROSS = text("""
    with same as (
        select other.id from person mine join person other
            on other.id_number_index = mine.id_number_index and other.id <> mine.id where mine.id = :person
    )
    select
        (select count(distinct mine.sha256) from statement_file mine join statement_file other using (sha256)
          where mine.firm_id = :firm and other.person_id <> :person) as documents,
        (select count(distinct other.person_id) from bank_account mine join bank_account other using (number_index)
          where mine.id = :account and other.person_id <> :person) as account_owners,
        (select count(distinct other.person_id) from firm mine join firm other using (licence_index)
          where mine.id = :firm and other.person_id <> :person) as licence_owners,
        (select count(*) from application
          where (person_id = :person or person_id in (select id from same))
            and created_at >= :many_since) as applications,
        (select count(distinct other.person_id) from session mine join session other using (device)
          where mine.person_id = :person and mine.created_at >= now() - cast(:shared as interval)
            and other.person_id <> :person and other.created_at >= now() - cast(:shared as interval)) as device_owners,
        (select count(*) from application where created_at >= :device_since and (person_id = :person or person_id in (
            select other.person_id from session mine join session other using (device)
             where mine.person_id = :person and mine.created_at >= now() - cast(:device as interval)
               and other.created_at >= now() - cast(:device as interval)))) as device_applications,
        (select count(*) from same) as other_phones
""")


async def counts(
    session: AsyncSession,
    application: Application,
    now: datetime,
    *,
    many: timedelta,
    shared: timedelta,
    device: timedelta,
) -> dict[str, int]:
    """By name what ``scoring.fraud_across.Across`` counts, but for invoices.

    ``many``, ``shared`` and ``device`` are the days within which the same person's applications, other people with the
    same browsers, and applications by whoever used those browsers are counted, this one among them.
    """
    asked = {
        "person": application.person_id,
        "firm": application.firm_id,
        "account": application.bank_account_id,
        "many_since": now - many,
        "device_since": now - device,
        "shared": shared,
        "device": device,
    }
    found = (await session.execute(_ACROSS, asked)).mappings().one()
    return {name: int(count) for name, count in found.items()}


async def forget_sessions(session: AsyncSession) -> int:
    """Take away sessions that ended so long ago that no rule looks at them any more; how many."""
    gone = await session.execute(
        delete(Session).where(Session.expires_at < func.now() - SESSIONS_KEPT).returning(Session.token_hash)
    )
    return len(gone.all())


async def notices(session: AsyncSession, firm_id: UUID) -> list[dict[str, Any]]:
    """What the readers of the firm's bills noticed, in the order in which the bills came."""
    read = select(StatementFile.summary).where(StatementFile.firm_id == firm_id, StatementFile.state == "read")
    summaries = await session.scalars(read.order_by(StatementFile.received_at, StatementFile.id))
    return [notice for summary in summaries if summary for notice in summary.get("notices", ())]

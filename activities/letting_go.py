"""Whoever was asked to take part, and whatever was to secure it, is free again when nothing comes of an application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import applications, clocks, collateral, parties
from db.tables import Application
from lending.identifiers import derived_id
from lending.parties import LIVES, PartyState

ENDS = LIVES | {PartyState.BOUND}


async def release(session: AsyncSession, application: Application, cause: UUID, now: datetime) -> None:
    """The application ended without a loan, or its contract was undone: each party is told that nothing is left,
    and every registration is cancelled."""
    for row in await parties.of_application(session, application.id):
        if PartyState(row.state) not in ENDS:
            continue
        row.state, row.ended_at = PartyState.RELEASED.value, now
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", f"{cause}/{row.id}/party_released"),
            person_id=row.person_id,
            application_id=None,
            kind="party_released",
            params={"role": row.role},
            at=now,
        )
        await clocks.forget(session, clocks.workflow_of("party", row.id))
    await collateral.tell(session, await collateral.held(session, application.id), "unwind", cause=cause)
    await session.flush()

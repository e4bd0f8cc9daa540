"""The consent ledger as the rules read it, asked anew at every call: what was taken back counts from that moment."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import applications
from db.tables import Consent as Row
from lending import consents
from lending.consents import Consent, Purpose

KNOWN = {purpose.value for purpose in Purpose}
# What a source of evidence may be read under; what the owner states in the application needs no permission.
OF_SOURCE = {"statements": Purpose.FLOWS_ANALYSIS, "invoices": Purpose.INVOICES_ANALYSIS}


def consents_of(rows: Sequence[Row]) -> dict[Consent, UUID]:
    """Each consent with its row's id; purposes that no product knows any more allow nothing."""
    return {
        Consent(
            Purpose(row.purpose),
            row.text_hash,
            row.given_at,
            row.withdrawn_at,
            tuple(row.scope.split(",")),
            row.expires_on,
        ): row.id
        for row in rows
        if row.purpose in KNOWN
    }


async def given_by(session: AsyncSession, person_id: UUID) -> dict[Consent, UUID]:
    """All that a person ever allowed, read now."""
    return consents_of(await applications.consents(session, person_id))


async def require(session: AsyncSession, person_id: UUID, purpose: Purpose, now: datetime) -> Consent:
    """The consent in force, or :class:`lending.refusals.ConsentMissing`."""
    return consents.require(purpose, await given_by(session, person_id), now)


async def sources(session: AsyncSession, person_id: UUID, now: datetime) -> frozenset[str]:
    """The sources that may be read to judge an application now. Raises ``ConsentMissing`` without the bills'."""
    given = await given_by(session, person_id)
    consents.require(Purpose.FLOWS_ANALYSIS, given, now)
    return frozenset(
        source for source, purpose in OF_SOURCE.items() if any(c.purpose is purpose and c.allows_at(now) for c in given)
    )

"""The consent ledger: what was given and taken back, and what is in force, one definition for all who read or send."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Consent


async def add(
    session: AsyncSession,
    *,
    consent_id: UUID,
    person_id: UUID,
    application_id: UUID | None,
    purpose: str,
    scope: str,
    text_hash: str,
    locale: str,
    channel: str,
    proof: dict[str, str],
    given_at: datetime,
    expires_on: date,
    source: str = "",
) -> None:
    """A consent as it was given, with the hash of the words that stood there."""
    session.add(
        Consent(
            id=consent_id,
            person_id=person_id,
            application_id=application_id,
            purpose=purpose,
            source=source,
            scope=scope,
            text_hash=text_hash,
            locale=locale,
            channel=channel,
            proof=proof,
            given_at=given_at,
            expires_on=expires_on,
        )
    )
    await session.flush()


async def withdraw(session: AsyncSession, consent_id: UUID, person_id: UUID, at: datetime) -> Consent | None:
    """Take a consent back, and every earlier one to the same purpose: what was given twice is not left standing once.
    A second time changes nothing. None if it is not this person's."""
    consent = await session.scalar(select(Consent).where(Consent.id == consent_id, Consent.person_id == person_id))
    if consent is None:
        return None
    if consent.withdrawn_at is None:
        same = (Consent.person_id == person_id, Consent.purpose == consent.purpose, Consent.withdrawn_at.is_(None))
        await session.execute(update(Consent).where(*same).values(withdrawn_at=at))
        await session.refresh(consent)
    return consent


def living(purpose: str, at: datetime) -> ColumnElement[bool]:
    """A consent row that allows ``purpose`` at an instant: given, not taken back, not run out."""
    return and_(
        Consent.purpose == purpose,
        Consent.given_at <= at,
        Consent.withdrawn_at.is_(None),
        Consent.expires_on > at.date(),
    )


def allowed(person_id: Any, purpose: str, at: datetime) -> ColumnElement[bool]:
    """Whether the person of a column allows ``purpose`` at an instant."""
    return select(Consent.id).where(Consent.person_id == person_id, living(purpose, at)).exists()


async def ended(session: AsyncSession, purpose: str, persons: Collection[UUID], at: datetime) -> set[UUID]:
    """Those of the persons who allowed it once and do not any more."""
    if not persons:
        return set()
    found = await session.scalars(
        select(Consent.person_id)
        .where(Consent.purpose == purpose, Consent.person_id.in_(persons))
        .group_by(Consent.person_id)
        .having(func.count().filter(living(purpose, at)) == 0)
    )
    return set(found)


async def closed(session: AsyncSession, person_id: UUID, at: datetime) -> frozenset[str]:
    """The purposes that a person allowed once and does not any more."""
    rows = await of_person(session, person_id)
    stand = {
        one.purpose for one in rows if one.withdrawn_at is None and one.given_at <= at and one.expires_on > at.date()
    }
    return frozenset({one.purpose for one in rows} - stand)


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[Consent]:
    """Everything that a person ever allowed, oldest first."""
    found = select(Consent).where(Consent.person_id == person_id)
    return (await session.scalars(found.order_by(Consent.given_at))).all()


async def lacking(session: AsyncSession, person_id: UUID, purposes: Collection[str], at: datetime) -> bool:
    """Whether one of the purposes is not allowed: taken back, or run out by ``at``."""
    found = await session.scalars(
        select(Consent.purpose).where(
            Consent.person_id == person_id,
            Consent.purpose.in_(purposes),
            Consent.withdrawn_at.is_(None),
            Consent.expires_on > at.date(),
        )
    )
    return set(purposes) - set(found) != set()

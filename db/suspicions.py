"""What only shows across firms: counts for one application, never a name.

Browsers are known by the random name that each was given at its first look; a network is not kept. Sessions are
counted within the days that the policy names and forgotten after ``SESSIONS_KEPT``.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.tables import Application, BankAccount, Firm, Person, Session, StatementFile

SESSIONS_KEPT = timedelta(days=180)


async def documents_elsewhere(session: AsyncSession, application: Application) -> int:
    """How many of the firm's files another person brought too, byte for byte."""
    theirs = aliased(StatementFile)
    found = await session.scalar(
        select(func.count(func.distinct(StatementFile.sha256)))
        .join(theirs, theirs.sha256 == StatementFile.sha256)
        .where(StatementFile.firm_id == application.firm_id, theirs.person_id != application.person_id)
    )
    return found or 0


async def account_owners(session: AsyncSession, application: Application) -> int:
    """How many other people gave the account to which this application is to be paid."""
    if application.bank_account_id is None:
        return 0
    theirs = aliased(BankAccount)
    found = await session.scalar(
        select(func.count(func.distinct(theirs.person_id)))
        .join(BankAccount, BankAccount.number_index == theirs.number_index)
        .where(BankAccount.id == application.bank_account_id, theirs.person_id != application.person_id)
    )
    return found or 0


async def licence_owners(session: AsyncSession, application: Application) -> int:
    """How many other people came with the licence of this firm."""
    theirs = aliased(Firm)
    found = await session.scalar(
        select(func.count(func.distinct(theirs.person_id)))
        .join(Firm, Firm.licence_index == theirs.licence_index)
        .where(Firm.id == application.firm_id, theirs.person_id != application.person_id)
    )
    return found or 0


async def applications_since(session: AsyncSession, application: Application, since: datetime) -> int:
    """How many applications the same person began since then under any of their phones, this one counted."""
    theirs = or_(Application.person_id == application.person_id, Application.person_id.in_(_same_identity(application)))
    return await session.scalar(select(func.count()).where(theirs, Application.created_at >= since)) or 0


async def other_phones(session: AsyncSession, application: Application) -> int:
    """Under how many other phones the identity number of this applicant came."""
    return await session.scalar(select(func.count()).select_from(_same_identity(application).subquery())) or 0


def _same_identity(application: Application) -> Select[UUID]:
    """Other people with the identity number of the applicant; none of somebody who has not said theirs."""
    mine = select(Person.id_number_index).where(Person.id == application.person_id).scalar_subquery()
    return select(Person.id).where(Person.id_number_index == mine, Person.id != application.person_id)


async def device_owners(session: AsyncSession, application: Application, days: timedelta) -> int:
    """How many other people signed in within these days with a browser that this applicant signed in with."""
    found = await session.scalar(
        select(func.count(func.distinct(Session.person_id))).where(
            Session.device.in_(_browsers(application, days)),
            Session.person_id != application.person_id,
            _within(days),
        )
    )
    return found or 0


async def applications_from_device(
    session: AsyncSession, application: Application, since: datetime, days: timedelta
) -> int:
    """How many applications began since then, this one counted, by whoever signed in with this applicant's browsers
    within these days."""
    people = select(Session.person_id).where(Session.device.in_(_browsers(application, days)), _within(days))
    theirs = or_(Application.person_id == application.person_id, Application.person_id.in_(people))
    return await session.scalar(select(func.count()).where(theirs, Application.created_at >= since)) or 0


def _browsers(application: Application, days: timedelta) -> Select[str]:
    return select(Session.device).where(Session.person_id == application.person_id, _within(days))


def _within(days: timedelta) -> ColumnElement[bool]:
    """Sessions are of the world's time, whatever day it is in the business."""
    return Session.created_at >= func.now() - days


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

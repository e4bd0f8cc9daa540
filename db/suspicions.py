"""What only shows across firms: counts for one application, never a name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.tables import Application, BankAccount, Firm, StatementFile


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
    """How many applications the same person began since then, this one counted."""
    found = await session.scalar(
        select(func.count()).where(Application.person_id == application.person_id, Application.created_at >= since)
    )
    return found or 0


async def notices(session: AsyncSession, firm_id: UUID) -> list[dict[str, Any]]:
    """What the readers of the firm's bills noticed, in the order in which the bills came."""
    read = select(StatementFile.summary).where(StatementFile.firm_id == firm_id, StatementFile.state == "read")
    summaries = await session.scalars(read.order_by(StatementFile.received_at, StatementFile.id))
    return [notice for summary in summaries if summary for notice in summary.get("notices", ())]

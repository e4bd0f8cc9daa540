"""Orders for papers about a loan."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import PaperOrder
from lending.identifiers import derived_id


def document_of(order_id: UUID) -> UUID:
    """Under which id the paper of an order is filed."""
    return derived_id("document", f"paper-order/{order_id}")


async def ready(session: AsyncSession, order_id: UUID) -> PaperOrder | None:
    """An order whose paper is filed."""
    found = await session.get(PaperOrder, order_id)
    return found if found is not None and found.state == "ready" else None


async def order(
    session: AsyncSession,
    order_id: UUID,
    *,
    person_id: UUID,
    loan_id: UUID,
    kind: str,
    subject: UUID | None,
    from_on: date | None,
    to_on: date,
    locale: str,
    at: datetime,
) -> None:
    """Write an order down; one that was refused may be tried again, one that is ready stays as it is."""
    await session.execute(
        insert(PaperOrder)
        .values(
            id=order_id,
            person_id=person_id,
            loan_id=loan_id,
            kind=kind,
            subject=subject,
            from_on=from_on,
            to_on=to_on,
            locale=locale,
            state="asked",
            asked_at=at,
        )
        .on_conflict_do_nothing()
    )
    refused = (PaperOrder.id == order_id, PaperOrder.state == "refused")
    await session.execute(update(PaperOrder).where(*refused).values(state="asked", asked_at=at))

"""Seats of firms: given, taken, ended; and the one that a signed-in browser sits in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Firm, FirmSeat, Session
from lending.seats import LIVES, SeatState, standing

LIVE = tuple(state.value for state in LIVES)


async def add(session: AsyncSession, **values: object) -> bool:
    """A seat is offered, by the columns of the table; False if the same person has one at this firm already."""
    added = await session.scalar(
        insert(FirmSeat).values(state=SeatState.INVITED.value, **values).on_conflict_do_nothing().returning(FirmSeat.id)
    )
    return added is not None


async def one(session: AsyncSession, seat_id: UUID) -> FirmSeat | None:
    """A seat, locked."""
    return await session.scalar(
        select(FirmSeat).where(FirmSeat.id == seat_id).with_for_update().execution_options(populate_existing=True)
    )


async def given_by(session: AsyncSession, person_id: UUID) -> Sequence[FirmSeat]:
    """The seats that somebody gave, the newest first."""
    found = select(FirmSeat).where(FirmSeat.person_id == person_id).order_by(FirmSeat.given_at.desc(), FirmSeat.id)
    return (await session.scalars(found.limit(50))).all()


async def held_by(session: AsyncSession, holder_id: UUID) -> Sequence[FirmSeat]:
    """The seats that somebody was offered and has not lost, the newest first."""
    found = select(FirmSeat).where(FirmSeat.holder_id == holder_id, FirmSeat.state.in_(LIVE))
    return (await session.scalars(found.order_by(FirmSeat.given_at.desc(), FirmSeat.id).limit(50))).all()


async def firms_of(session: AsyncSession, person_id: UUID) -> Sequence[UUID]:
    """The firms that a person speaks for, the newest first."""
    found = select(Firm.id).where(Firm.person_id == person_id).order_by(Firm.created_at.desc(), Firm.id)
    return (await session.scalars(found.limit(10))).all()


async def sat_in(session: AsyncSession, seat_id: UUID, holder_id: UUID, now: datetime) -> FirmSeat | None:
    """The seat that a browser sits in, if it is still taken and its holder is who signed in; looked up at every
    request, so that a seat that was taken back ends with the next one."""
    row = await session.get(FirmSeat, seat_id)
    if row is None or row.holder_id != holder_id:
        return None
    return row if state_of(row, now) is SeatState.TAKEN else None


async def sit(session: AsyncSession, token_hash: bytes, seat_id: UUID | None) -> None:
    """A browser sits down in a seat, or stands up (None)."""
    await session.execute(update(Session).where(Session.token_hash == token_hash).values(seat_id=seat_id))


async def end(session: AsyncSession, row: FirmSeat, state: SeatState, now: datetime) -> None:
    """A seat is over: whoever sits in it stands up in the same transaction."""
    row.state, row.ended_at = state.value, now
    await session.execute(update(Session).where(Session.seat_id == row.id).values(seat_id=None))
    await session.flush()


async def lapse(session: AsyncSession, firm_id: UUID, holder_id: UUID, now: datetime) -> None:
    """An offer or a seat whose day is over makes room for a new one."""
    found = select(FirmSeat).where(
        FirmSeat.firm_id == firm_id, FirmSeat.holder_id == holder_id, FirmSeat.state.in_(LIVE)
    )
    for row in (await session.scalars(found.with_for_update())).all():
        if state_of(row, now) is SeatState.LAPSED:
            await end(session, row, SeatState.LAPSED, now)


def state_of(row: FirmSeat, now: datetime) -> SeatState:
    """How a seat stands now."""
    return standing(SeatState(row.state), answer_by=row.answer_by, ends_at=row.ends_at, now=now)

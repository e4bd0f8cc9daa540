"""Seats of a firm (P32): given by its owner to a phone number, entered by whoever has that number, ended by either.

Nothing here waits: an offer and a seat end by their day, which is asked at every request.
"""

from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.problems import BadFields, FieldError, NotFound
from api.views import FirmSeats, HeldSeat, SeatView
from db import applications, audits, clocks, people, seats
from db.tables import FirmSeat
from lending.identifiers import derived_id
from lending.refusals import SeatOver, SeatTaken, SeatYourOwn
from lending.seats import ANSWER_WITHIN, LASTS, LIVES, MOST, SeatRole, SeatState, seats_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A seat for whoever has this phone, in a role."""

    role: str
    phone: str = field(repr=False)


async def given(caller: Caller) -> tuple[FirmSeats, ...]:
    """One's own firms and who was let in to read."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        firms = await seats.firms_of(session, person)
        rows = await seats.given_by(session, person)
        names = {firm: (await people.firm_of(session, caller.tools.vault, firm)).name for firm in firms}
        roles = {firm: tuple(one.value for one in seats_of(*await people.kind_of(session, firm))) for firm in firms}
    return tuple(
        FirmSeats(firm, names[firm], tuple(_view(caller, row) for row in rows if row.firm_id == firm), roles[firm])
        for firm in firms
    )


async def offer(caller: Caller, firm_id: UUID, said: Offer, key: str) -> tuple[FirmSeats, ...]:
    """Offer a seat: a message tells them; they sign in with their own phone. It opens nothing until they do."""
    form = fields.Form()
    phone = form.take("phone", fields.phone, said.phone, "")
    if said.role not in set(SeatRole):
        form.refuse("role", "not_one_of_these")
    form.done()
    tools, person, seat_id = caller.tools, caller.person_id, uuid4()

    async def act(session: AsyncSession) -> Json:
        if firm_id not in await seats.firms_of(session, person):
            raise NotFound
        if said.role not in seats_of(*await people.kind_of(session, firm_id)):
            raise BadFields(fields=(FieldError("role", "not_of_this_firm"),))
        now = tools.wall_now()
        holder = await people.know_by_phone(session, tools.vault, phone, locale="zh_CN", now=now)
        if holder == person:
            raise SeatYourOwn
        await seats.lapse(session, firm_id, holder, now)
        rows = await seats.given_by(session, person)
        if sum(row.firm_id == firm_id and seats.state_of(row, now) in LIVES for row in rows) >= MOST:
            raise SeatTaken
        masked = people.masked_phone(phone)
        added = await seats.add(
            session,
            id=seat_id,
            firm_id=firm_id,
            person_id=person,
            holder_id=holder,
            role=said.role,
            phone_masked=masked,
            given_at=now,
            answer_by=now + ANSWER_WITHIN,
            ends_at=now + LASTS,
        )
        if not added:
            raise SeatTaken
        firm = await people.firm_of(session, tools.vault, firm_id)
        await _tell(session, caller, seat_id, holder, "seat_offered", seat=said.role, name=f"{firm.name[:2]}**")
        await _on_record(session, caller, "seat.offer", seat_id, role=said.role, firm_id=str(firm_id))
        return {}

    await perform(caller, "owner.offer_seat", key, {"firm_id": firm_id, **plain(said)}, act, scope="worker")
    return await given(caller)


async def revoke(caller: Caller, seat_id: UUID, key: str) -> tuple[FirmSeats, ...]:
    """Take a seat back: the holder's next request finds it gone."""
    person = caller.person_id

    async def act(session: AsyncSession) -> Json:
        row = await seats.one(session, seat_id)
        if row is None or row.person_id != person:
            raise NotFound
        if SeatState(row.state) not in LIVES:
            raise SeatOver
        await seats.end(session, row, SeatState.REVOKED, caller.tools.wall_now())
        await _tell(session, caller, seat_id, row.holder_id, "seat_revoked", seat=row.role)
        await _on_record(session, caller, "seat.revoke", seat_id, role=row.role)
        return {}

    await perform(caller, "owner.revoke_seat", key, {"seat_id": seat_id}, act, scope="worker")
    return await given(caller)


async def held(caller: Caller) -> tuple[HeldSeat, ...]:
    """The seats that one has at others' firms, or was offered."""
    holder, now = _myself(caller), caller.tools.wall_now()
    async with caller.tools.sessions.begin(scope="worker") as session:
        rows = [row for row in await seats.held_by(session, holder) if seats.state_of(row, now) in LIVES]
        return tuple([await _held(session, caller, row) for row in rows])


async def current(caller: Caller) -> HeldSeat | None:
    """The seat that one sits in just now."""
    seat = caller.principal.seat
    if seat is None:
        return None
    async with caller.tools.sessions.begin(scope="worker") as session:
        row = await seats.one(session, seat.id)
        return None if row is None else await _held(session, caller, row)


async def enter(caller: Caller, seat_id: UUID, key: str) -> HeldSeat:
    """Sit down: this browser reads for the firm from now on, and may do nothing of its own until it leaves."""
    holder, token = _myself(caller), caller.token_hash

    async def act(session: AsyncSession) -> Json:
        row, now = await seats.one(session, seat_id), caller.tools.wall_now()
        if row is None or row.holder_id != holder or token is None:
            raise NotFound
        match seats.state_of(row, now):
            case SeatState.INVITED:
                row.state, row.taken_at = SeatState.TAKEN.value, now
                await _tell(
                    session, caller, seat_id, row.person_id, "seat_taken", seat=row.role, phone=row.phone_masked
                )
            case SeatState.TAKEN:
                pass
            case _:
                raise SeatOver
        await session.flush()
        await seats.sit(session, token, seat_id)
        await _on_record(session, caller, "seat.enter", seat_id, role=row.role)
        return {}

    await perform(caller, "seat.enter", key, {"seat_id": seat_id}, act, scope="worker")
    async with caller.tools.sessions.begin(scope="worker") as session:
        row = await seats.one(session, seat_id)
        if row is None:
            raise NotFound
        return replace(await _held(session, caller, row), entered=True)


async def leave(caller: Caller) -> None:
    """Stand up: one is at home again. Doing it twice is the same as once."""
    if caller.token_hash is not None and caller.principal.seat is not None:
        async with caller.tools.sessions.begin(scope="worker") as session:
            await seats.sit(session, caller.token_hash, None)
            await _on_record(session, caller, "seat.leave", caller.principal.seat.id)


async def give_up(caller: Caller, seat_id: UUID, key: str) -> None:
    """Say no to an offer, or give a seat back, with no reason asked: the owner is told."""
    holder = _myself(caller)

    async def act(session: AsyncSession) -> Json:
        row = await seats.one(session, seat_id)
        if row is None or row.holder_id != holder:
            raise NotFound
        if SeatState(row.state) not in LIVES:
            raise SeatOver
        state = SeatState.DECLINED if row.state == SeatState.INVITED.value else SeatState.GIVEN_UP
        await seats.end(session, row, state, caller.tools.wall_now())
        await _tell(session, caller, seat_id, row.person_id, "seat_given_up", seat=row.role, phone=row.phone_masked)
        await _on_record(session, caller, f"seat.{state.value}", seat_id, role=row.role)
        return {}

    await perform(caller, "seat.give_up", key, {"seat_id": seat_id}, act, scope="worker")


def _myself(caller: Caller) -> UUID:
    """Whoever signed in, wherever they sit."""
    if caller.principal.id is None:
        raise NotFound
    return caller.principal.id


def _view(caller: Caller, row: FirmSeat) -> SeatView:
    state = seats.state_of(row, caller.tools.wall_now())
    return SeatView(
        id=row.id,
        role=row.role,
        phone_masked=row.phone_masked,
        state=state.value,
        given_at=row.given_at,
        answer_by=row.answer_by,
        ends_at=row.ends_at,
        taken_at=row.taken_at,
        ended_at=row.ended_at,
        revocable=state in LIVES,
    )


async def _held(session: AsyncSession, caller: Caller, row: FirmSeat) -> HeldSeat:
    vault = caller.tools.vault
    owner = await people.identity_of(session, vault, row.person_id)
    invited = row.state == SeatState.INVITED.value
    return HeldSeat(
        id=row.id,
        role=row.role,
        state=row.state,
        firm_name=(await people.firm_of(session, vault, row.firm_id)).name,
        by=f"{owner.name[:1]}**" if owner.name else people.masked_phone(owner.phone),
        until=row.answer_by if invited else row.ends_at,
        entered=caller.principal.seat is not None and caller.principal.seat.id == row.id,
    )


async def _tell(session: AsyncSession, caller: Caller, seat_id: UUID, person: UUID, kind: str, **params: str) -> None:
    await applications.notify_person(
        session,
        notice_id=derived_id("notice", f"seat/{seat_id}/{kind}"),
        person_id=person,
        application_id=None,
        kind=kind,
        params=params,
        at=await clocks.now(session, caller.tools.settings.clock_id),
    )


async def _on_record(session: AsyncSession, caller: Caller, action: str, seat_id: UUID, **detail: str) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="firm_seat",
        object_id=str(seat_id),
        detail=detail,
        request_id=caller.request_id,
    )

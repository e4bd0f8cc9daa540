"""Seats as JSON: those that an owner gives, and those that a person has."""

from uuid import UUID

from fastapi.responses import Response

from api.caller import Call
from api.idempotency import Key
from api.owner import seating
from api.policy import FIRM, OWNER, OWNER_CONSENTS
from api.replies import listed, many, one, shown
from api.routes import Router
from api.views import FirmSeats, HeldSeat
from api.wire import Input, Text

router = Router(prefix="/v1", tags=["owner"])


class SeatInput(Input):
    """Who is let in, as what."""

    role: Text
    phone: Text


@router.get("/seats", policy=OWNER, **many(FirmSeats))
async def given(call: Call) -> Response:
    """One's own firms and who reads for them."""
    return listed(await seating.given(call))


@router.post("/firms/{firm_id}/seats", policy=OWNER_CONSENTS, **many(FirmSeats))
async def offer(call: Call, firm_id: UUID, body: SeatInput, key: Key) -> Response:
    """Offer a seat to a phone number: ``accountant`` reads and brings, ``representative`` reads."""
    return listed(await seating.offer(call, firm_id, seating.Offer(body.role, body.phone), key))


@router.post("/seats/{seat_id}/revoke", policy=OWNER_CONSENTS, **many(FirmSeats))
async def revoke(call: Call, seat_id: UUID, key: Key) -> Response:
    """Take a seat back; it ends with the holder's next request."""
    return listed(await seating.revoke(call, seat_id, key))


@router.get("/my-seats", policy=OWNER, **many(HeldSeat))
async def held(call: Call) -> Response:
    """The seats that one has or was offered at others' firms."""
    return listed(await seating.held(call))


@router.post("/my-seats/{seat_id}/enter", policy=OWNER, **one(HeldSeat))
async def enter(call: Call, seat_id: UUID, key: Key) -> Response:
    """Sit down in one: this session reads for that firm until it leaves."""
    return shown(await seating.enter(call, seat_id, key))


@router.post("/my-seats/{seat_id}/give-up", policy=OWNER, status_code=204)
async def give_up(call: Call, seat_id: UUID, key: Key) -> Response:
    """Say no, or give it back."""
    await seating.give_up(call, seat_id, key)
    return Response(status_code=204)


@router.delete("/my-seats/entered", policy=FIRM, status_code=204)
async def leave(call: Call) -> Response:
    """Stand up: the session is one's own again."""
    await seating.leave(call)
    return Response(status_code=204)

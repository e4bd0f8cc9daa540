"""How an owner's loan is paid: by themselves over any rail, and what was debited."""

from uuid import UUID

from fastapi.responses import Response

from api.caller import Call
from api.owner import debits, paying
from api.policy import FIRM_LOANS
from api.replies import one, shown
from api.routes import Router
from api.views.debits import DebitsView
from api.views.incoming import PayoffQuote, WaysToPay

router = Router(prefix="/v1", tags=["owner"])


@router.get("/loans/{loan_id}/ways-to-pay", policy=FIRM_LOANS, **one(WaysToPay))
async def ways_to_pay(call: Call, loan_id: UUID) -> Response:
    """How to pay by oneself, over any rail: our account and one's own reference."""
    return shown(await paying.ways(call, loan_id))


@router.get("/loans/{loan_id}/payoff", policy=FIRM_LOANS, **one(PayoffQuote))
async def payoff(call: Call, loan_id: UUID) -> Response:
    """What pays it off today, until one minute to midnight: principal, interest to today, no fee, and what is saved."""
    return shown(await paying.payoff(call, loan_id))


@router.get("/loans/{loan_id}/debits", policy=FIRM_LOANS, **one(DebitsView))
async def debits_of(call: Call, loan_id: UUID) -> Response:
    """What was debited, by which mandate, announced when, and the bank's receipt for each."""
    return shown(await debits.debits(call, loan_id))

"""The desk's JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field

from api.caller import Call
from api.idempotency import Key
from api.policy import AUDIT, BOOK, CLOCK, CLOSES, STUCK
from api.replies import listed, many, one, shown
from api.routes import Router
from api.staff import desk, loans, outside, portfolio
from api.views import (
    AuditLine,
    Book,
    ClockView,
    CloseLine,
    InboundProblem,
    InboundState,
    LoanFile,
    OutsideMeasures,
    StuckCommand,
    TrialBalance,
)
from api.views.portfolio import Portfolio
from api.wire import Input

router = Router(prefix="/v1/desk", tags=["desk"])

Limit = Annotated[int, Query(ge=1, le=100)]
After = Annotated[str | None, Query(max_length=100)]


class ClockInput(Input):
    """A jump, a step, or another speed."""

    to: Annotated[datetime | None, Field(strict=False)] = None
    days: Annotated[int | None, Field(ge=-(10**6), le=10**6)] = None
    speed: Annotated[int | None, Field(ge=-(10**9), le=10**9)] = None


@router.get("/measures/outside", policy=BOOK, **one(OutsideMeasures))
async def measures_outside(call: Call) -> Response:
    """What tasks outside cost of whose time, and how often somebody came."""
    return shown(await outside.measures(call))


@router.get("/book", policy=BOOK, **one(Book))
async def book(
    call: Call, state: Annotated[str | None, Query(max_length=20)] = None, after: After = None, limit: Limit = 50
) -> Response:
    """All loans, a page at a time."""
    found = await desk.book(call, state=state, after=after, limit=limit)
    response = shown(found)
    if found.next:
        response.headers["Link"] = f'</v1/desk/book?after={found.next}&limit={limit}>; rel="next"'
    return response


@router.get("/portfolio", policy=BOOK, **one(Portfolio))
async def at_a_glance(call: Call) -> Response:
    """The book at a glance: buckets, roll rates, vintages, money of these days, and what does not go on by itself."""
    return shown(await portfolio.at_a_glance(call))


@router.get("/loans/{loan_id}", policy=BOOK, **one(LoanFile))
async def loan(call: Call, loan_id: UUID) -> Response:
    """One loan with its journal, its debits and its story."""
    return shown(await loans.loan(call, loan_id))


@router.get("/trial-balance", policy=CLOSES, **many(TrialBalance))
async def trial_balance(call: Call) -> Response:
    """The proof of the ledger: every account, and all of them together zero."""
    return listed(await desk.trial_balance(call))


@router.get("/closes", policy=CLOSES, **many(CloseLine))
async def closes(call: Call) -> Response:
    """The newest closes."""
    return listed(await desk.closes(call))


@router.get("/stuck", policy=STUCK, **many(StuckCommand))
async def stuck(call: Call) -> Response:
    """Commands that wait too long."""
    return listed(await desk.stuck(call))


@router.get("/inbound-problems", policy=STUCK, **many(InboundProblem))
async def inbound_problems(call: Call) -> Response:
    """Events from outside that could not be applied."""
    return listed(await desk.inbound_problems(call))


@router.get("/inbound", policy=BOOK, **one(InboundState))
async def inbound(call: Call) -> Response:
    """How many events from outside wait to be applied."""
    return shown(await desk.inbound(call))


@router.get("/audit", policy=AUDIT, **many(AuditLine))
async def audit(call: Call, after: Annotated[int, Query(ge=0, le=2**53)] = 0, limit: Limit = 100) -> Response:
    """Who did what, oldest first."""
    return listed(await desk.audit_trail(call, after=after, limit=limit))


@router.post("/clock", policy=CLOCK, **one(ClockView))
async def move_clock(call: Call, body: ClockInput, key: Key) -> Response:
    """Move business time ahead; never in production."""
    moved: dict[str, Any] = body.model_dump()
    return shown(await desk.move_clock(call, desk.MoveClock(**moved), key))

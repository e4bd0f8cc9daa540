"""The owner's JSON about lines: what is there, what a draw would cost, drawing, asking for a person."""

from decimal import Decimal
from uuid import UUID

from fastapi.responses import Response

from api.caller import Call
from api.idempotency import Key
from api.owner import applying, drawing
from api.policy import FIRM_LINES, OWNER, OWNER_APPLIES, OWNER_ASKS, OWNER_SIGNS
from api.replies import RECEIPT, listed, many, one, shown, tagged, told
from api.routes import Router
from api.views import DrawQuote, LineView
from api.wire import Input, MoneyInput, Share, Text

router = Router(prefix="/v1", tags=["owner"])


class DrawInput(Input):
    """How much, repaid from which share; ``entrusted``: to the seller who is named on the line's application."""

    amount: MoneyInput
    share: Share | None = None
    entrusted: bool = False

    @property
    def wish(self) -> drawing.Wish:
        """As the use takes it."""
        return drawing.Wish(self.amount.minor, Decimal(self.share) if self.share else None, self.entrusted)


class DrawProofInput(DrawInput):
    """Which draw, and how: liveness or bank_card."""

    method: Text


@router.get("/lines", policy=FIRM_LINES, **many(LineView))
async def lines(call: Call) -> Response:
    """One's own lines, newest first."""
    return listed(await drawing.own_lines(call))


@router.get("/lines/{line_id}", policy=FIRM_LINES, **one(LineView))
async def line(call: Call, line_id: UUID) -> Response:
    """One line: what can be drawn, what is drawn, what was done to it."""
    found = await drawing.own_line(call, line_id)
    return tagged(found, found.version)


@router.post("/lines/{line_id}/draw-quotes", policy=OWNER, **one(DrawQuote))
async def quote(call: Call, line_id: UUID, body: DrawInput) -> Response:
    """What a draw would cost and when it would be over; nothing is kept."""
    return shown(await drawing.quote(call, line_id, body.wish))


@router.post("/lines/{line_id}/draws", policy=OWNER_SIGNS, **RECEIPT)
async def draw(call: Call, line_id: UUID, body: DrawInput, key: Key) -> Response:
    """Draw."""
    return told(await drawing.draw(call, line_id, body.wish, key))


@router.post("/lines/{line_id}/step-up", policy=OWNER_SIGNS, **RECEIPT)
async def step_up(call: Call, line_id: UUID, body: DrawProofInput, key: Key) -> Response:
    """Prove who one is once more, for this draw."""
    return told(await drawing.prove(call, line_id, body.wish, body.method, key))


@router.post("/lines/{line_id}/review", policy=OWNER_ASKS, **RECEIPT)
async def ask_review(call: Call, line_id: UUID, key: Key) -> Response:
    """Ask a person to look at what was done to the line."""
    return told(await drawing.ask_review(call, line_id, key))


@router.post("/applications/{application_id}/identity/known", policy=OWNER_APPLIES, **RECEIPT)
async def identify_as_known(call: Call, application_id: UUID, key: Key) -> Response:
    """Be who one was in the application before: nothing is typed again, checks that still serve are not repeated."""
    return told(await applying.identify_as_known(call, application_id, key))

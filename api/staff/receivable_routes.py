"""Receivables at the desk as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.policy import LINES, MANAGER
from api.replies import RECEIPT, listed, many, told
from api.routes import Router
from api.staff import receivable_facts, receivable_words, receivables
from api.views import ReceivableView
from api.views.receivable import ReceivableFact
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/desk", tags=["staff"])

Words = Annotated[str, StringConstraints(max_length=2_000)]


class CompareInput(Input):
    """Another invoice, or the same one again, and what was compared."""

    clears: bool
    words: Words


class HeardInput(Input):
    """disputed, undisputed, barred, unbarred, credited or paid; the amount of the last two; the paper it is from."""

    fact: Text
    words: Words
    amount: MoneyInput | None = None
    document_id: Annotated[UUID, Field(strict=False)] | None = None


class SecondInput(Input):
    """Whether it is so, and what one looked at."""

    agrees: bool
    words: Words


class TakeBackInput(Input):
    """Why it was wrong."""

    words: Words


@router.get("/receivables", policy=MANAGER, **many(ReceivableView))
async def alike(call: Call) -> Response:
    """Invoices that are like another one and wait for a person."""
    return listed(await receivables.alike(call))


@router.get("/lines/{line_id}/receivables", policy=MANAGER, **many(ReceivableView))
async def of_line(call: Call, line_id: UUID) -> Response:
    """Everything that was offered for a line, and what it counts for today."""
    return listed(await receivables.of_line(call, line_id))


@router.post("/receivables/{receivable_id}/comparison", policy=LINES, **RECEIPT)
async def judge(call: Call, receivable_id: UUID, body: CompareInput, key: Key) -> Response:
    """Say whether it is another invoice."""
    return told(await receivables.judge(call, receivable_id, clears=body.clears, words=body.words, key=key))


@router.get("/receivables/{receivable_id}/facts", policy=MANAGER, **many(ReceivableFact))
async def facts(call: Call, receivable_id: UUID) -> Response:
    """What was written down of it."""
    return listed(await receivable_facts.of_receivable(call, receivable_id))


@router.post("/receivables/{receivable_id}/facts/{fact_id}/take-back", policy=LINES, **RECEIPT)
async def take_back(call: Call, receivable_id: UUID, fact_id: UUID, body: TakeBackInput, key: Key) -> Response:
    """Take a credit note or a payment back that somebody else entered by mistake."""
    return told(await receivable_facts.take_back(call, receivable_id, fact_id, body.words, key))


@router.post("/receivables/{receivable_id}/facts", policy=LINES, **RECEIPT)
async def note(call: Call, receivable_id: UUID, body: HeardInput, key: Key) -> Response:
    """Write down what became of it."""
    heard = receivables.Heard(body.fact, body.words, body.amount.minor if body.amount else 0, body.document_id)
    return told(await receivables.note(call, receivable_id, heard, key))


@router.post("/receivables/{receivable_id}/words/{word_id}/second", policy=LINES, **RECEIPT)
async def second(call: Call, receivable_id: UUID, word_id: UUID, body: SecondInput, key: Key) -> Response:
    """Say of what waits for a second person whether it is so."""
    return told(
        await receivable_words.second(call, receivable_id, word_id, agrees=body.agrees, words=body.words, key=key)
    )

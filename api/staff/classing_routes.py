"""The classes of the book as JSON for the desk."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.policy import CLASSES, CLASSES_CHANGE
from api.replies import one, shown
from api.routes import Router
from api.staff import classing
from api.views.classing import ClassBook
from api.wire import Input, Text

router = Router(prefix="/v1/desk/classes", tags=["desk"])
Words = Annotated[str, StringConstraints(max_length=classing.WORDS_LONGEST)]


class ProposalInput(Input):
    """A class with its reason (a better one with its paper), or a write-off with its paper."""

    kind: Text
    klass: Text | None = None
    words: Words
    evidence: Annotated[str, StringConstraints(max_length=classing.EVIDENCE_LONGEST)] = ""


class ProposalAnswer(Input):
    """agreed or refused, and why."""

    verdict: Text
    words: Words


@router.get("", policy=CLASSES, **one(ClassBook))
async def book(call: Call) -> Response:
    """Loans that are not normal or were written off, the worst first, and what the night set aside."""
    return shown(await classing.book(call))


@router.post("/{loan_id}/proposals", policy=CLASSES_CHANGE, **one(ClassBook))
async def propose(call: Call, loan_id: UUID, body: ProposalInput, key: Key) -> Response:
    """Propose another class, or a write-off: another person answers."""
    said = classing.Proposed(body.kind, body.klass or "", body.words, body.evidence)
    return shown(await classing.propose(call, loan_id, said, key))


@router.post("/proposals/{proposal_id}/answer", policy=CLASSES_CHANGE, **one(ClassBook))
async def answer(call: Call, proposal_id: UUID, body: ProposalAnswer, key: Key) -> Response:
    """Answer what another person proposed."""
    return shown(await classing.answer(call, proposal_id, body.verdict, body.words, key))

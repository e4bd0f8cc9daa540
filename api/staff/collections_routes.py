"""Loans past due: the desk's JSON."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.policy import COLLECTIONS, COLLECTIONS_ACTS
from api.replies import listed, many, one, shown
from api.routes import Router
from api.staff import collections
from api.views.late import CallLine, CaseLine
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/desk/collections", tags=["desk"])

StepName = Annotated[str, Path(max_length=40, pattern=r"^[a-z][a-z_]*$")]

# A day comes as a text.
Day = Annotated[date, Field(strict=False)]


class OutcomeInput(Input):
    """talked, no_answer, or promised with its day (and sum, if not all)."""

    outcome: Text
    promised_on: Day | None = None
    amount: MoneyInput | None = None


class AnswerInput(Input):
    """upheld or not_upheld, and why."""

    verdict: Text
    words: Annotated[str, StringConstraints(max_length=2_000)]


@router.get("", policy=COLLECTIONS, **many(CaseLine))
async def cases(call: Call) -> Response:
    """Open cases with segment, reason and figures, the longest late first."""
    return listed(await collections.cases(call))


@router.post("/{case_id}/steps/{name}/contact", policy=COLLECTIONS_ACTS, **one(CallLine))
async def begin(call: Call, case_id: UUID, name: StepName, key: Key) -> Response:
    """Ask for one call or visit: the number, or why not now and from when."""
    return shown(await collections.begin(call, case_id, name, key))


@router.post("/{case_id}/steps/{name}/outcome", policy=COLLECTIONS_ACTS, **many(CaseLine))
async def outcome(call: Call, case_id: UUID, name: StepName, body: OutcomeInput, key: Key) -> Response:
    """Say what came of it."""
    amount = body.amount.minor if body.amount else None
    said = collections.Outcome(body.outcome, body.promised_on, amount)
    return listed(await collections.outcome(call, case_id, name, said, key))


@router.post("/{case_id}/dispute", policy=COLLECTIONS_ACTS, **many(CaseLine))
async def answer(call: Call, case_id: UUID, body: AnswerInput, key: Key) -> Response:
    """Answer what the borrower disputes."""
    return listed(await collections.answer(call, case_id, body.verdict, body.words, key))

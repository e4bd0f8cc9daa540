"""Collateral at the manager's, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import StringConstraints

from api import paper_checks
from api.caller import Call
from api.idempotency import Key
from api.manager import securing, telling_apart, valuer_reports
from api.policy import MANAGER, MANAGER_DECIDES
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router, attachment
from api.uploads import FILE, form_of, one_file
from api.views import CollateralView, PaperCheckView, SecurityView
from api.wire import AMOUNT, Input, MoneyInput, Text

router = Router(prefix="/v1/manager", tags=["manager"])
REPORT_OF_A_VALUER = form_of({"properties": {"file": FILE}})


class PaperInput(Input):
    """What the code on the paper says, as a camera reads it."""

    code: Text


@router.get("/collateral", policy=MANAGER, **many(CollateralView))
async def waiting(call: Call) -> Response:
    """Pieces that wait for somebody, the most urgent first."""
    return listed(await securing.waiting(call))


@router.get("/collateral/{collateral_id}", policy=MANAGER, **one(CollateralView))
async def piece(call: Call, collateral_id: UUID) -> Response:
    """One of them, with every value that anybody found."""
    return shown(await securing.one(call, collateral_id))


class ApartInput(Input):
    """Why two things whose numbers are one character apart are two."""

    reason: Annotated[str, StringConstraints(max_length=2_000)]


@router.post("/collateral/{collateral_id}/apart", policy=MANAGER_DECIDES, **one(CollateralView))
async def tell_apart(call: Call, collateral_id: UUID, body: ApartInput, key: Key) -> Response:
    """Say of a piece whose number is near another one's that they are two, once; what is said stays beside it."""
    await telling_apart.tell(call, collateral_id, reason=body.reason, key=key)
    return shown(await securing.one(call, collateral_id))


@router.get("/applications/{application_id}/collateral", policy=MANAGER, **one(SecurityView))
async def of_case(call: Call, application_id: UUID) -> Response:
    """Everything that secures a case, and what it carries."""
    return shown(await securing.of_case(call, application_id))


@router.post(
    "/collateral/{collateral_id}/appraisals", policy=MANAGER_DECIDES, openapi_extra=REPORT_OF_A_VALUER, **RECEIPT
)
async def appraise(
    request: Request,
    call: Call,
    collateral_id: UUID,
    key: Key,
    valuer: Text,
    value: Annotated[str, StringConstraints(pattern=AMOUNT)],
    reference: Text,
    valued_on: Text,
) -> Response:
    """Write down what a valuer of the list found (``valuer``: its id; ``value`` in yuan), with their report: a PDF or a
    photo, kept by its hash."""
    async with one_file(request) as upload:
        said = securing.Figure(valuer, MoneyInput(amount=value).minor, reference, valued_on)
        return told(await securing.appraise(call, collateral_id, said, upload, key))


@router.get("/collateral/appraisals/{appraisal_id}/report", policy=MANAGER, response_model=None)
async def report(call: Call, appraisal_id: UUID) -> Response:
    """The report that came with a figure; the look is on record."""
    return attachment(await securing.report(call, appraisal_id))


class TakenInput(Input):
    """Why a report is this piece's: what was compared."""

    reason: Annotated[str, StringConstraints(max_length=2_000)]


@router.post("/collateral/appraisals/{appraisal_id}/word", policy=MANAGER_DECIDES, **one(CollateralView))
async def take_report(call: Call, appraisal_id: UUID, body: TakenInput, key: Key) -> Response:
    """Say of a report that leaves something open that it is this piece's: another person than who brought it."""
    return shown(await securing.one(call, await valuer_reports.take(call, appraisal_id, reason=body.reason, key=key)))


@router.post("/applications/{application_id}/paper-check", policy=MANAGER_DECIDES, **one(PaperCheckView))
async def check_paper(call: Call, application_id: UUID, body: PaperInput, key: Key) -> Response:
    """Hold the contract on paper beside the one on the screen, by its code."""
    return shown(await paper_checks.check(call, application_id, body.code, key))

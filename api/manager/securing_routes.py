"""Collateral at the manager's, as JSON."""

from uuid import UUID

from fastapi.responses import Response

from api import paper_checks
from api.caller import Call
from api.idempotency import Key
from api.manager import securing
from api.policy import MANAGER, MANAGER_DECIDES
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router
from api.views import CollateralView, PaperCheckView, SecurityView
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/manager", tags=["manager"])


class PaperInput(Input):
    """What the code on the paper says, as a camera reads it."""

    code: Text


class FigureInput(Input):
    """Who valued it, how much, the number of the report, on which day."""

    valuer: Text
    value: MoneyInput
    reference: Text
    valued_on: Text


@router.get("/collateral", policy=MANAGER, **many(CollateralView))
async def waiting(call: Call) -> Response:
    """Pieces that wait for somebody, the most urgent first."""
    return listed(await securing.waiting(call))


@router.get("/collateral/{collateral_id}", policy=MANAGER, **one(CollateralView))
async def piece(call: Call, collateral_id: UUID) -> Response:
    """One of them, with every value that anybody found."""
    return shown(await securing.one(call, collateral_id))


@router.get("/applications/{application_id}/collateral", policy=MANAGER, **one(SecurityView))
async def of_case(call: Call, application_id: UUID) -> Response:
    """Everything that secures a case, and what it carries."""
    return shown(await securing.of_case(call, application_id))


@router.post("/collateral/{collateral_id}/appraisals", policy=MANAGER_DECIDES, **RECEIPT)
async def appraise(call: Call, collateral_id: UUID, body: FigureInput, key: Key) -> Response:
    """Write down what a valuer found."""
    said = securing.Figure(body.valuer, body.value.minor, body.reference, body.valued_on)
    return told(await securing.appraise(call, collateral_id, said, key))


@router.post("/applications/{application_id}/paper-check", policy=MANAGER_DECIDES, **one(PaperCheckView))
async def check_paper(call: Call, application_id: UUID, body: PaperInput, key: Key) -> Response:
    """Hold the contract on paper beside the one on the screen, by its code."""
    return shown(await paper_checks.check(call, application_id, body.code, key))

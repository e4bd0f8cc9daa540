"""The owner's bills for a running loan as JSON."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call
from api.idempotency import Key
from api.owner import bringing_sales
from api.owner.evidence_routes import ONE_FILE_AND_PASSWORD
from api.policy import OWNER, OWNER_APPLIES
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router
from api.uploads import one_file
from api.views.sales import SalesFileView

router = Router(prefix="/v1", tags=["owner"])


@router.post("/loans/{loan_id}/statements", policy=OWNER_APPLIES, openapi_extra=ONE_FILE_AND_PASSWORD, **RECEIPT)
async def bring(request: Request, call: Call, loan_id: UUID, key: Key) -> Response:
    """Bring a bill for days that no feed told. What was read of it stands under ``GET``; nothing counts before the
    confirmation."""
    async with one_file(request) as upload:
        return told(await bringing_sales.bring(call, loan_id, upload, key))


@router.get("/loans/{loan_id}/statements", policy=OWNER, **many(SalesFileView))
async def statements(call: Call, loan_id: UUID) -> Response:
    """What was brought for one's loan: its days and sums, and what was left out and why; the newest first."""
    return listed(await bringing_sales.files(call, loan_id))


@router.post("/loans/{loan_id}/statements/{file_id}/confirmation", policy=OWNER_APPLIES, **one(SalesFileView))
async def confirm(call: Call, loan_id: UUID, file_id: UUID, key: Key) -> Response:
    """Say yes to what was read of a bill: its days count. What contradicts a feed or would lower a day waits for a
    person."""
    return shown(await bringing_sales.confirm(call, loan_id, file_id, key))

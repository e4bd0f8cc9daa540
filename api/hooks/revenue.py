"""Revenue in batches, from whoever takes the firms' money: JSON or CSV, signed, taken in before it is answered."""

import asyncio
import hashlib
from datetime import date

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from api.middleware.body import LARGE
from api.policy import SIGNED
from api.problems import BadFields, FieldError, NotSignedIn
from api.routes import Router
from api.tools import Tools
from api.wire import Json
from db import clocks, people, revenue
from db.tables import RevenueBatch
from gateways.webhooks import WebhookForged, verify
from infra.crypto import Vault
from infra.telemetry import counter
from lending.calendars import Jurisdiction, business_date
from lending.refusals import ContentDiffers
from lending.revenue import COLUMNS, NotABatch, RowProblem, Told, checked, read_csv, read_json

log = structlog.get_logger(__name__)
rows_told = counter("revenue_rows", "Rows of revenue batches by what became of them", ("became",))

router = Router(prefix="/v1", tags=["hooks"])
HERE = "/revenue_batches"
ERRORS_LISTED = 1_000


class RowError(BaseModel):
    """A row that was left out; the others count. ``row`` counts from 1, in a CSV without its heading."""

    row: int
    code: str
    field: str = ""


class RevenueBatchView(BaseModel):
    """What became of a batch. ``fingerprint``: SHA-256 of its bytes. ``new`` days, ``corrected`` ones (told otherwise
    before), ``repeated`` as they stood, ``without_loan`` (nothing to share them), ``refused`` with the first thousand
    as ``errors``."""

    batch: str
    source: str
    fingerprint: str
    rows: int
    new: int
    corrected: int
    repeated: int
    without_loan: int
    refused: int
    errors: list[RowError] = Field(max_length=ERRORS_LISTED)


_ROW: Json = {
    "type": "object",
    "required": list(COLUMNS),
    "additionalProperties": False,
    "properties": {
        "account": {"type": "string", "pattern": "^[0-9]{8,34}$"},
        "on": {"type": "string", "format": "date"},
        **{name: {"type": "integer", "minimum": 0} for name in COLUMNS[2:5]},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
}
_BODY: Json = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["rows"],
                    "properties": {"rows": {"type": "array", "minItems": 1, "maxItems": 100_000, "items": _ROW}},
                }
            },
            "text/csv": {"schema": {"type": "string", "description": f"First line: {','.join(COLUMNS)}"}},
        },
    }
}


@router.post(HERE, policy=SIGNED, openapi_extra=_BODY, response_model=RevenueBatchView)
async def post_batch(request: Request) -> Response:
    """Tell whole days of up to 100,000 accounts. The batch's name is its ``webhook-id``, which is signed: the same
    bytes again give the same answer, other bytes under the same name are refused. What a source tells of a day replaces
    what it told before: an open day is recomputed, the difference of a closed one is settled with the next close."""
    tools: Tools = request.app.state.tools
    source, name, body = await _verified(request, tools)
    fingerprint = hashlib.sha256(body).hexdigest()
    async with tools.sessions.begin(scope="worker") as session:
        if (before := await revenue.known(session, source, name)) is not None:
            return _answer(before, fingerprint)
        now = await clocks.now(session, tools.settings.clock_id)
    today = business_date(now, Jurisdiction(tools.settings.jurisdiction))
    tabular = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv"
    # Seconds for the largest: no transaction is open and nobody waits for its connection.
    count, rows, wrong = await asyncio.to_thread(read, tools.vault, body, today, tabular=tabular)
    async with tools.sessions.begin(scope="worker") as session:
        if (before := await revenue.known(session, source, name)) is not None:
            return _answer(before, fingerprint)
        taken = await revenue.take(session, source, name, rows, now)
        problems = sorted((*wrong, *taken.problems), key=lambda one: one.row)
        batch = RevenueBatch(
            id=revenue.batch_id(source, name),
            source=source,
            name=name,
            sha256=fingerprint,
            rows=count,
            new=taken.new,
            corrected=taken.corrected,
            repeated=taken.repeated,
            without_loan=taken.without_loan,
            refused=len(problems),
            errors=[[one.row, one.code, one.field] for one in problems[:ERRORS_LISTED]],
            received_at=now,
        )
        session.add(batch)
    for became in ("new", "corrected", "repeated", "without_loan", "refused"):
        rows_told.labels(became).inc(getattr(batch, became))
    return _answer(batch, fingerprint)


def _answer(batch: RevenueBatch, fingerprint: str) -> Response:
    if batch.sha256 != fingerprint:
        raise ContentDiffers
    view = RevenueBatchView(
        batch=batch.name,
        source=batch.source,
        fingerprint=batch.sha256,
        rows=batch.rows,
        new=batch.new,
        corrected=batch.corrected,
        repeated=batch.repeated,
        without_loan=batch.without_loan,
        refused=batch.refused,
        errors=[RowError(row=row, code=code, field=field) for row, code, field in batch.errors],
    )
    return JSONResponse(view.model_dump(mode="json"))


async def _verified(request: Request, tools: Tools) -> tuple[str, str, bytes]:
    """(source, the batch's name, its bytes): whose secret signed it is whose word it is."""
    body = await request.body()
    secrets = {
        "wallet": tools.settings.revenue_webhook_secret.get_secret_value(),
        "rail": tools.settings.rail_webhook_secret.get_secret_value(),
    }
    code = ""
    for source, secret in secrets.items():
        try:
            proven = verify([secret], request.headers, body, limit=LARGE["/v1" + HERE])
        except WebhookForged as forged:
            code = forged.code
            continue
        if not proven.id.isprintable():
            raise BadFields(fields=(FieldError("webhook-id", "control_characters"),))
        return source, proven.id, proven.body
    log.warning("hook.forged", code=code, path=request.url.path)
    raise NotSignedIn


def read(
    vault: Vault, body: bytes, today: date, *, tabular: bool
) -> tuple[int, list[revenue.Row], list[RowProblem]]:  # fmt: skip
    """How many rows there are, the good ones, and what is wrong with the others; :class:`BadFields` for no batch.

    Account numbers do not come further than this: only their keyed hashes go on.
    """
    try:
        rows = read_csv(body) if tabular else read_json(body)
    except NotABatch as no:
        raise BadFields(fields=(FieldError("body", no.code),)) from None
    good: list[revenue.Row] = []
    wrong: list[RowProblem] = []
    for one in checked(rows, today):
        if isinstance(one, Told):
            good.append(revenue.hashed(one, vault.blind_index(people.ACCOUNT, one.account)))
        else:
            wrong.append(one)
    return len(rows), good, wrong

"""Webhooks: proven over their raw bytes, kept once, answered within milliseconds; a worker applies them."""

from datetime import date
from typing import Annotated, Any, Literal, TypeVar

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.middleware.body import check_json
from api.policy import SIGNED
from api.problems import BadFields, FieldError, NotSignedIn
from api.routes import Router
from api.tools import Tools
from api.wire import Json
from db import intake, people
from gateways.webhooks import WebhookForged, verify

log = structlog.get_logger(__name__)

router = Router(prefix="/v1/hooks", tags=["hooks"])

Minor = Annotated[int, Field(strict=True, ge=-(10**13), le=10**13)]
# As many as fit into 256 KiB; more come in more batches.
ROWS_AT_MOST = 1_500


class Event(BaseModel):
    """What every event has; additions are ignored, so that a party may grow its events."""

    model_config = ConfigDict(extra="ignore", frozen=True)


EventT = TypeVar("EventT", bound=Event)


class PaymentUpdated(Event):
    """The rail says that a payment changed; we ask it."""

    type: Literal["payment.updated"]
    end_to_end_id: Annotated[str, Field(min_length=1, max_length=35, pattern=r"^[A-Za-z0-9-]+$")]
    state: Annotated[str, Field(max_length=40)]
    rail_reference: Annotated[str | None, Field(max_length=100)] = None
    at: Annotated[str | None, Field(max_length=40)] = None
    seq: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0


class CreditReceived(Event):
    """The rail says that money came to us; we ask it for what and from whom."""

    type: Literal["credit.received"]
    rail_reference: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Z0-9]+$")]
    seq: Annotated[int, Field(strict=True, ge=1)]


class RevenueRow(BaseModel):
    """One account's day. Amounts are exact: a typo in a name must not pass as a missing figure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Annotated[str, Field(pattern=r"^[0-9]{8,34}$")]
    on: date
    sales_minor: Minor
    refunds_minor: Minor
    chargebacks_minor: Minor
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class RevenuePosted(Event):
    """A wallet tells the sales of some accounts."""

    type: Literal["revenue.posted"]
    batch_id: Annotated[str, Field(min_length=1, max_length=100)]
    rows: Annotated[tuple[RevenueRow, ...], Field(max_length=ROWS_AT_MOST)]


class MailReceived(Event):
    """The message gateway has a mail for one of our mailboxes; we fetch it."""

    type: Literal["mail.received"]
    mail_id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
    recipient: Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")]
    sender: Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")]
    proven: Annotated[bool, Field(strict=True)]


def _body(kind: type[BaseModel], *others: type[BaseModel]) -> Json:
    schema: dict[str, Any] = kind.model_json_schema()
    if others:
        schema = {"oneOf": [schema, *(other.model_json_schema() for other in others)]}
    if schema.pop("$defs", None):  # the document has its own place for definitions
        schema["properties"]["rows"]["items"] = RevenueRow.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post("/rail", policy=SIGNED, status_code=202, openapi_extra=_body(PaymentUpdated, CreditReceived))
async def rail(request: Request) -> Response:
    """A payment changed, or money came to us. Repeats are acknowledged and change nothing."""
    tools: Tools = request.app.state.tools
    event_id, body = await _verified(request, tools.settings.rail_webhook_secret.get_secret_value())
    if b'"credit.received"' in body:
        credit = _parsed(CreditReceived, body)
        return await _keep(tools, "credit", event_id, credit.model_dump(mode="json"))
    event = _parsed(PaymentUpdated, body)
    return await _keep(tools, "rail", event_id, event.model_dump(mode="json"))


@router.post("/revenue", policy=SIGNED, status_code=202, openapi_extra=_body(RevenuePosted))
async def revenue(request: Request) -> Response:
    """Sales of a day. Account numbers do not come further than this line: only their keyed hashes are kept."""
    tools: Tools = request.app.state.tools
    event_id, body = await _verified(request, tools.settings.revenue_webhook_secret.get_secret_value())
    event = _parsed(RevenuePosted, body)
    kept: Json = {"batch_id": event.batch_id, "rows": [_row(tools, row) for row in event.rows]}
    return await _keep(tools, "revenue", event_id, kept)


@router.post("/mail", policy=SIGNED, status_code=202, openapi_extra=_body(MailReceived))
async def mail(request: Request) -> Response:
    """A mail came to a bill mailbox. Of the sender only the domain is kept, of the recipient what names the mailbox."""
    tools: Tools = request.app.state.tools
    event_id, body = await _verified(request, tools.settings.messages_webhook_secret.get_secret_value())
    event = _parsed(MailReceived, body)
    local, _, domain = event.recipient.rpartition("@")
    kept: Json = {
        "mail_id": event.mail_id,
        "local": local.lower() if domain.lower() == tools.settings.mail_domain else "",
        "sender_domain": event.sender.rpartition("@")[2].lower(),
        "proven": event.proven,
    }
    return await _keep(tools, "mail", event_id, kept)


def _row(tools: Tools, row: RevenueRow) -> dict[str, Any]:
    told = row.model_dump(mode="json", exclude={"account"})
    return {"account_index": tools.vault.blind_index(people.ACCOUNT, row.account).hex(), **told}


async def _verified(request: Request, secret: str) -> tuple[str, bytes]:
    try:
        proven = verify([secret], request.headers, await request.body())
    except WebhookForged as forged:
        log.warning("hook.forged", code=forged.code, path=request.url.path)
        raise NotSignedIn from None
    check_json(proven.body)
    return proven.id, proven.body


def _parsed(kind: type[EventT], body: bytes) -> EventT:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        places = ["/".join(str(part) for part in one["loc"]) for one in error.errors()[:20]]
        raise BadFields(fields=tuple(FieldError(place or "body", "wrong_form") for place in places)) from None


async def _keep(tools: Tools, source: str, event_id: str, body: Json) -> Response:
    async with tools.sessions.begin(scope="worker") as session:
        await intake.keep_event(session, source, event_id, body, tools.wall_now())
    return JSONResponse({"state": "kept"}, 202)

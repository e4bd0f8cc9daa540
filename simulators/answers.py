"""Reading what is asked and answering it: strict JSON in, JSON or a problem with a stable code out."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

BODY_LIMIT = 2 * 1024 * 1024  # bytes; a batch of 2,000 debits is half a megabyte
BEIJING = timezone(timedelta(hours=8))  # the whole country keeps this one offset
AMOUNT_LIMIT = 10**15  # fen; ten thousand times the largest payment anybody would try


class Refused(Exception):
    """The party says no: a status and a code. What was asked is never quoted back."""

    def __init__(self, status: int, code: str, detail: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail


def _plain(text: str) -> str:
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in text if letter != "\n"):
        raise ValueError("control characters")
    return text


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,99}$")]
Amount = Annotated[int, Field(gt=0, lt=AMOUNT_LIMIT)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Asked(BaseModel):
    """The body of a request: exact fields, so that a typing error never passes for an absent value."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def content_hash(self) -> str:
        """What makes two requests with the same id the same request."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


AskedT = TypeVar("AskedT", bound=Asked)


async def asked(request: Request, kind: type[AskedT]) -> AskedT:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Refused(413, "too_large")
    try:
        return kind.model_validate_json(bytes(body))
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, fault["loc"])) + ": " + fault["type"] for fault in error.errors()[:5])
        raise Refused(422, "malformed", fields) from None


def day_asked(request: Request, name: str) -> date:
    try:
        return date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        raise Refused(422, "malformed", f"{name}: a day as YYYY-MM-DD") from None


def refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 (Starlette hands over what was registered)
    body = {"code": error.code, "status": error.status, "title": error.code, "detail": error.detail}
    return JSONResponse(body, error.status, media_type="application/problem+json")


def said(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status, media_type="application/json")


def now() -> datetime:
    return datetime.now(UTC)


def instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def beijing_day(at: float) -> date:
    return datetime.fromtimestamp(at, BEIJING).date()

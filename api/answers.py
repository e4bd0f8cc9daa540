"""Turning a no into an answer: problem+json under /v1, a page elsewhere."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg import OperationalError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import OperationalError as DatabaseAway
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.caller import Caller
from api.problem_words import body_of, told
from api.problems import BadFields, BadJson, FieldError, Internal, PersonErased, Problem, Unavailable, of_status
from api.tools import Tools
from db.people import Erased
from gateways.failures import GatewayUnavailable
from infra import i18n
from infra.storage import StorageUnavailable
from lending.refusals import Refusal

PROBLEM = "application/problem+json"
PageOfProblem = Callable[[Request, Refusal | Problem], Awaitable[Response]]
AWAY = (DatabaseAway, InterfaceError, PoolTimeout, OperationalError)

log = structlog.get_logger(__name__)


def by_a_queue(request: Request) -> bool:
    """Whether a page's module sends what waited and reads the answer itself, instead of somebody before a page."""
    return PROBLEM in request.headers.get("accept", "")


async def problem_response(request: Request, error: Refusal | Problem) -> Response:
    """The answer to this request."""
    page: PageOfProblem | None = getattr(request.app.state, "problem_page", None)
    for_machines = request.url.path.startswith(("/v1/", "/health/", "/metrics")) or by_a_queue(request)
    if page is not None and not for_machines:
        try:
            return await page(request, error)
        except Exception as fault:
            log.error("problem_page.fault", exc_info=fault)
    caller: Caller | None = getattr(request.state, "caller", None)
    locale = caller.locale if caller else i18n.negotiate(request.headers.get("accept-language"))
    tools: Tools = request.app.state.tools
    body = body_of(
        error, locale=locale, instance=request.state.request_id, base_url=tools.settings.public_url.rstrip("/")
    )
    words = told(error, locale)
    headers = {"Content-Language": locale.replace("_", "-")}
    if words.retry_after is not None:
        headers["Retry-After"] = str(words.retry_after)
    if words.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="huoshui"'
    return JSONResponse(body, words.status, headers, media_type=PROBLEM)


def install(app: FastAPI) -> None:
    """Let every kind of failure in a route end in one answer of one shape."""

    async def no(request: Request, error: Exception) -> Response:
        return await problem_response(request, as_problem(error))

    for kind in (Refusal, Problem, HTTPException, RequestValidationError, *AWAY, DBAPIError):
        app.add_exception_handler(kind, no)
    app.add_exception_handler(Erased, no)
    app.add_exception_handler(StorageUnavailable, no)
    app.add_exception_handler(GatewayUnavailable, no)


def as_problem(error: Exception) -> Refusal | Problem:
    """What to tell of an exception; a fault of ours tells nothing and is logged."""
    match error:
        case Refusal() | Problem():
            return error
        case RequestValidationError():
            return of_validation(error)
        case HTTPException():
            return of_status(error.status_code)
        case Erased():
            return PersonErased()
        case StorageUnavailable():
            return Unavailable(retry_after=5, party="storage")
        case GatewayUnavailable():
            return Unavailable(retry_after=5, party=error.code.partition("_")[0])
        case DatabaseAway() | InterfaceError() | PoolTimeout() | OperationalError():
            log.warning("database.away", reason=type(error).__name__)
            return Unavailable(retry_after=2, party="database")
        case _:
            log.error("http.fault", exc_info=error)
            return Internal()


def of_validation(error: RequestValidationError) -> Problem:
    """pydantic's findings as named fields; what the caller typed is not quoted."""
    found: list[FieldError] = []
    for one in error.errors():
        place: tuple[Any, ...] = tuple(one.get("loc", ()))
        kind = str(one.get("type", ""))
        if kind == "json_invalid":
            return BadJson()
        field = "/".join(str(part) for part in place[1:]) or "body"
        found.append(FieldError(field, FIELD_CODES.get(kind, "wrong")))
    return BadFields(fields=tuple(found))


# pydantic's error types -> our stable codes; whatever is not named here is "wrong".
FIELD_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "string_type": "not_text",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "string_pattern_mismatch": "wrong_form",
    "int_type": "not_a_whole_number",
    "int_parsing": "not_a_whole_number",
    "int_from_float": "not_a_whole_number",
    "greater_than_equal": "too_small",
    "greater_than": "too_small",
    "less_than_equal": "too_large",
    "less_than": "too_large",
    "uuid_parsing": "wrong_form",
    "uuid_type": "wrong_form",
    "date_parsing": "wrong_form",
    "datetime_parsing": "wrong_form",
    "datetime_from_date_parsing": "wrong_form",
    "timezone_aware": "needs_a_zone",
    "literal_error": "not_one_of_these",
    "enum": "not_one_of_these",
    "bool_type": "not_yes_or_no",
    "decimal_parsing": "wrong_form",
    "model_attributes_type": "not_an_object",
    "model_type": "not_an_object",
    "dict_type": "not_an_object",
    "list_type": "not_a_list",
    "too_long": "too_long",
    "too_short": "too_short",
}

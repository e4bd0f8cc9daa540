"""The OpenAPI document: what every operation has in common is written once, here."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response

from api.policy import PUBLIC, SIGNED, doors
from api.routes import Router

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why not (RFC 9457). `code` is stable; `messages` hold the sentence in both languages.",
    "required": ["type", "title", "status", "detail", "instance", "code", "messages"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The Request-Id."},
        "code": {"type": "string"},
        "messages": {
            "type": "object",
            "required": ["zh_CN", "en"],
            "properties": {"zh_CN": {"type": "string"}, "en": {"type": "string"}},
        },
        "params": {"type": "object"},
        "draft": {"type": "object", "description": "`draft_changed`: the draft as it stands."},
        "differs": {
            "type": "array",
            "description": "`draft_changed`: each field that two people typed, with both texts.",
            "items": {
                "type": "object",
                "required": ["name", "theirs", "channel", "mine"],
                "properties": {name: {"type": "string"} for name in ("name", "theirs", "channel", "mine")},
            },
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
ANSWERS = {
    "400": "The request cannot be understood.",
    "401": "Nobody is signed in.",
    "403": "Not allowed.",
    "404": "No such thing, or not yours.",
    "405": "No such method here.",
    "409": "Not now: the state does not allow it, or the same request is running.",
    "410": "It has run out.",
    "412": "It has changed since the version in `If-Match`.",
    "413": "Too large.",
    "415": "Not this media type.",
    "422": "A field is wrong, or a rule says no.",
    "429": "Too often.",
    "503": "Something we need is away.",
}


def describe(app: FastAPI, *, served: bool) -> None:
    """Let ``app.openapi()`` give the finished document, and serve it at /v1/openapi.json if it may be public."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document
    if served:
        serving = Router(include_in_schema=False)

        @serving.get("/v1/openapi.json", policy=PUBLIC)
        async def openapi() -> Response:
            """The document."""
            return JSONResponse(document())

        app.include_router(serving)


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=(
            "Money is `{amount, currency}` with the amount as text. Dates are ISO 8601. Every unsafe request carries "
            "an `Idempotency-Key`; the same key with the same body gives the same answer. Every answer names the "
            "`Api-Version`; limited routes say in `RateLimit` what is left."
        ),
        routes=app.routes,
    )
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["schemas"].pop("HTTPValidationError", None)
    components["schemas"].pop("ValidationError", None)
    components["responses"] = {
        f"Problem{status}": {
            "description": meaning,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, meaning in ANSWERS.items()
    }
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-sid"},
        "bearer": {"type": "http", "scheme": "bearer"},
        "signature": {"type": "apiKey", "in": "header", "name": "webhook-signature"},
    }
    policies = {(door.path, method.lower()): door.policy for door in doors(app) for method in door.methods}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            policy = policies[path, method]
            if policy == SIGNED:
                operation["security"] = [{"signature": []}]
            elif policy.permission is not None:
                operation["security"] = [{"session": []}, {"bearer": []}]
                operation["x-permission"] = policy.permission
            _answers(operation)
    return document


def _answers(operation: dict[str, Any]) -> None:
    answers = operation.setdefault("responses", {})
    for status in ANSWERS:
        answers[status] = {"$ref": f"#/components/responses/Problem{status}"}

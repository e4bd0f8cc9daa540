"""The document says what the API does, and changes only on purpose."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.middleware.body import SIGNED_PATHS

SNAPSHOT = Path(__file__).parent / "openapi.json"
# Made once for each answer that the document describes: making one costs more than a request.
VALIDATORS: dict[tuple[str, str, int], Any] = {}


@pytest.fixture(scope="module")
def document(settings_for: Any) -> dict[str, Any]:
    return create_app(settings_for()).openapi()


def test_api_3_the_document_is_the_one_that_was_agreed(document: dict[str, Any]) -> None:
    """``HUOSHUI_SNAPSHOT=write`` writes a new one; read the difference before committing it."""
    found = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("HUOSHUI_SNAPSHOT") == "write":
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT.read_text(encoding="utf-8"), (
        "the OpenAPI document changed: if it was meant, run this test with HUOSHUI_SNAPSHOT=write"
    )


def test_every_operation_says_what_no_looks_like_and_who_may(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["responses"]["422"] == {"$ref": "#/components/responses/Problem422"}, (path, method)
            assert operation["description"], (path, method)
            if "security" in operation:
                assert "x-permission" in operation or path.startswith(SIGNED_PATHS)


def test_no_reference_dangles(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    for kind in ("schemas", "responses"):
        for part in text.split(f'"$ref": "#/components/{kind}/')[1:]:
            assert part.split('"')[0] in document["components"][kind]


def test_no_secret_stands_in_the_document(document: dict[str, Any], settings_for: Any) -> None:
    chosen = settings_for()
    text = json.dumps(document)
    for name in ("session_key", "index_key", "payload_key", "key_encryption_key", "rail_webhook_secret"):
        assert getattr(chosen, name).get_secret_value() not in text


@pytest.mark.parametrize("count", [1, pytest.param(8, marks=pytest.mark.long)])
async def test_whatever_is_sent_is_answered_as_the_document_says(api: Any, count: int) -> None:
    """A short fuzz over every operation, as an owner, as a manager and as nobody."""
    schema = schemathesis.openapi.from_dict(api.app.openapi())
    people = [api.client(), (await api.owner()).client, (await api.staff("manager")).client]
    people.append((await api.staff("operations")).client)
    wrong: list[str] = []
    seen: Counter[int] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        # One never ends, one ends everything, and one asks an authority that these tests do not have.
        if operation.path.endswith(("/events", "/sign-out", "/papers/verify")):
            continue
        for case in examples(operation, count):
            for client in people:
                problem = await tried(client, case, seen)
                if problem:
                    wrong.append(problem)
    assert not wrong, "\n".join(wrong[:20])
    assert seen[200] > 20, "the fuzz must get through, or it shows nothing"
    assert {401, 404, 422} <= set(seen)


def examples(operation: Any, count: int) -> list[Any]:
    found: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def collect(case: Any) -> None:
        found.append(case)

    collect()
    return found


async def tried(client: Any, case: Any, seen: Counter[int]) -> str | None:
    sent = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: value for name, value in sent.pop("headers", {}).items() if value is not None}
    headers = {k: v for k, v in headers.items() if k.lower() not in ("authorization", "cookie", "user-agent")}
    sent.pop("cookies", None)
    if "json" in sent:
        sent = {**sent, "content": json.dumps(sent.pop("json")).encode()}
        headers["Content-Type"] = "application/json"
    if "data" in sent:
        data = sent.pop("data")
        sent["content" if isinstance(data, bytes | str) else "data"] = data
    if "files" in sent:
        sent["files"] = [(name, _part(part)) for name, part in sent.pop("files")]
    try:
        headers = {k: str(v).encode("latin-1", "ignore").decode("latin-1") for k, v in headers.items()}
        answer = await client.request(**sent, headers={k: v for k, v in headers.items() if v.isprintable()})
    except (ValueError, TypeError, UnicodeError):
        return None  # not a request that an HTTP client can send
    seen[answer.status_code] += 1
    responses = case.operation.definition.raw["responses"]
    place = f"{case.method} {case.path}: {answer.status_code}"
    if answer.status_code >= 500:
        return f"{place} {answer.text[:200]}"
    if str(answer.status_code) not in responses:
        return f"{place} is not in the document"
    if answer.status_code >= 400:
        return None if answer.headers["content-type"] == "application/problem+json" else f"{place} is no problem+json"
    return conforms(case, answer, responses)


def _part(part: Any) -> Any:
    """A part of a form as a client can send it: a number goes as its digits."""
    if isinstance(part, tuple):
        return (part[0], part[1] if isinstance(part[1], bytes | str) else str(part[1]), *part[2:])
    return part if isinstance(part, bytes | str) else str(part)


def conforms(case: Any, answer: Any, responses: dict[str, Any]) -> str | None:
    """Compare a good answer with its schema."""
    import jsonschema_rs

    content = responses[str(answer.status_code)].get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if not schema or answer.headers.get("content-type") != "application/json":
        return None
    key = case.method, case.path, answer.status_code
    if key not in VALIDATORS:
        whole = {**schema, "components": case.operation.schema.raw_schema["components"]}
        VALIDATORS[key] = jsonschema_rs.validator_for(whole)
    for error in VALIDATORS[key].iter_errors(answer.json()):
        return f"{case.method} {case.path}: {error.instance_path} {error.message[:200]}"
    return None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_a_field(typed: str) -> None:
    from api import fields

    for read in (fields.line, fields.name, fields.phone, fields.id_number, fields.licence, fields.account, fields.code):
        try:
            read(typed)
        except fields.Wrong as wrong:
            from infra import i18n

            assert i18n.known(f"api.field.{wrong.code}")

import asyncio
import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from infra import logs
from infra.settings import Settings

CANARY = "canary-7f3a-王小明"


@pytest.fixture
def lines(plain_settings: Settings) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Configures logging as a process does, and hands out what it wrote so far."""
    root = logging.getLogger()
    before, level, hook = list(root.handlers), root.level, sys.excepthook
    written = io.StringIO()
    logs.configure(plain_settings, "test", written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    sys.excepthook = hook
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_a_line_carries_only_keys_on_the_list(lines: Callable[[], list[dict[str, Any]]]) -> None:
    structlog.get_logger("api").info("application.submitted", application_id="a-1", phone="x", name_of_owner=CANARY)
    (line,) = lines()
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "application.submitted",
        "application_id": "a-1",
        "level": "info",
        "logger": "api",
        "process": "test",
    }


@pytest.mark.parametrize(
    ("private", "instead"),
    [
        ("id 11010519491231002X.", "id [id]."),
        ("call 13800138000 now", "call [phone] now"),
        ("call +86 138 0013 8000 now", "call [phone] now"),
        ("card 6222 0212 3456 7890 123", "card [card]"),
        ("card 6222021234567890123", "card [card]"),
        ("Authorization: Bearer abcdef123456.xyz", "Authorization: Bearer [secret]"),
        ("hook whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "hook [secret]"),
        ("$argon2id$v=19$m=65536,t=3,p=4$abc$def", "[hash]"),
        ("postgresql://app:pa55@host/db", "postgresql://app:[secret]@host/db"),
        ("mail wang@example.cn", "mail [mail]"),
        ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "[token]"),
        ("one\r\ntwo\x1b[31m", "one  two [31m"),
    ],
)
def test_what_looks_private_is_scrubbed_from_every_text(
    lines: Callable[[], list[dict[str, Any]]], private: str, instead: str
) -> None:
    logging.getLogger("somebody.else").warning("%s", private)
    assert [line["message"] for line in lines()] == [instead]


def test_ids_hashes_times_and_amounts_are_left_alone() -> None:
    for text in (
        "6a1f7c1e-1111-4222-8333-444455556666",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2026-11-21T15:40:00.123456Z",
        "application/6a1f7c1e-1380-4138-8000-138001380001",
        "8000000",
    ):
        assert logs.scrub(text) == text


def test_an_exception_is_class_code_and_place_but_not_its_message(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    class MismatchError(Exception):
        code = "identity_mismatch"

    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise MismatchError(CANARY) from cause
    except MismatchError:
        structlog.get_logger("worker").exception("activity.failed", attempt=2)
    (line,) = lines()
    assert CANARY not in json.dumps(line, ensure_ascii=False)
    outer, inner = line["exception"]
    assert (outer["type"].split(".")[-1], outer["code"]) == ("MismatchError", "identity_mismatch")
    assert outer["frames"][0].startswith("tests/infra/test_logs.py:")
    assert inner["type"] == "KeyError"


def test_a_fault_of_the_program_keeps_its_message_so_that_it_can_be_mended(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    try:
        object().nothing  # type: ignore[attr-defined]  # noqa: B018
    except AttributeError:
        structlog.get_logger("worker").exception("broken")
    (line,) = lines()
    assert "nothing" in line["exception"][0]["message"]


def test_the_loggers_of_libraries_and_warnings_go_the_same_way(lines: Callable[[], list[dict[str, Any]]]) -> None:
    for name in ("uvicorn.error", "sqlalchemy.engine", "temporalio.activity", "botocore.client"):
        logging.getLogger(name).error("trouble for 13800138000")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("odd 13800138000", stacklevel=1)
    found = lines()
    assert [line["logger"] for line in found] == [
        "uvicorn.error",
        "sqlalchemy.engine",
        "temporalio.activity",
        "botocore.client",
        "py.warnings",
    ]
    assert all("[phone]" in line["message"] and "13800138000" not in json.dumps(line) for line in found)


def test_uvicorns_access_log_with_its_query_strings_is_silent(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logging.getLogger("uvicorn.access").info("GET /search?q=%s", CANARY)
    assert lines() == []


async def test_a_forgotten_task_does_not_quote_its_exception(lines: Callable[[], list[dict[str, Any]]]) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    loop = asyncio.get_running_loop()
    task = loop.create_task(fail())
    await asyncio.wait([task])
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "future": task, "exception": task.exception()}
    )
    (line,) = lines()
    assert "never retrieved" in line["message"]
    assert CANARY not in json.dumps(line, ensure_ascii=False)


def test_context_of_a_request_rides_on_every_line(lines: Callable[[], list[dict[str, Any]]]) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-12345678", secret_thing=CANARY):
        logging.getLogger("temporalio.client").warning("slow")
    (line,) = lines()
    assert line["request_id"] == "r-12345678"
    assert "secret_thing" not in line

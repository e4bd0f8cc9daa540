"""One JSON line per event on standard output; only keys on the allow-list, then a scrubber for what looks private.

The loggers of uvicorn, SQLAlchemy, Temporal, boto3 and Python's warnings go the same way. Exceptions appear as class,
code and place; their messages are left out, because a message may quote what a person typed (unless the settings say
otherwise).
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Protocol, TextIO, cast

import structlog
from structlog.typing import Processor

# What a line may carry. Ids are random or derived; the only free texts are `event` and `message`, which are scrubbed.
ALLOWED = frozenset(
    """
    at level logger event message process pid exception
    request_id command_id application_id loan_id payout_id offer_id task_id case_id line_id order_id document_id
    statement_id inquiry_id check_id message_id end_to_end_id batch_id instruction_id entry_id close_id shard
    principal_id session_id partner_id workflow_id workflow_type run_id activity_type attempt task_queue namespace
    update_id method route status ms seconds bytes count rows size days speed clock_id business_date business_at as_of
    jurisdiction product stage step state from_state to_state kind outcome code reason grade policy_version
    model_version model party port address url service profile version locale key key_id migration path exit_code
    signal retry_in unit name
    """.split()  # noqa: SIM905 (a list of this length reads worse)
)

SCRUBBED = (
    # What PIPL and the card schemes care about, and what opens doors. A second net: nothing of it should arrive here.
    (re.compile(r"(?i)\b(bearer|basic|dpop)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 [secret]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)*"), "[token]"),
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=]+"), "[secret]"),
    (re.compile(r"\$argon2[a-z]*\$\S+"), "[hash]"),
    (re.compile(r"(?i)(://[^:/@\s]+:)[^@\s]+@"), r"\1[secret]@"),
    (re.compile(r"(?i)\b(password|passwd|pwd|secret|token|api_?key)(['\"]?\s*[=:]\s*)[^\s,;&]+"), r"\1\2[secret]"),
    (
        re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"),
        "[id]",
    ),
    (re.compile(r"(?<![0-9A-Za-z-])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z-])"), "[phone]"),
    (
        re.compile(r"(?<![0-9A-Za-z-])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,4}(?:[ -]?\d{1,3})?(?![0-9A-Za-z-])"),
        "[card]",
    ),
    (re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[mail]"),
    # asyncio and pydantic quote values inside their messages.
    (re.compile(r"(?s)(exception=\w+)\(.*"), r"\1(…)"),
    (re.compile(r"(?s)(input_value=).*?(, input_type=|\]|$)"), r"\1…\2"),
    (re.compile(r"(?s)(DETAIL:).*"), r"\1 …"),
)
SHORTEST_SECRET = 8  # shorter words cannot match any pattern above, and most words of a line are shorter
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")

# The messages of these name modules, attributes, types and files, not people.
PLAIN_MESSAGES = (
    ImportError,
    AttributeError,
    NameError,
    TypeError,
    ConnectionError,
    FileNotFoundError,
    PermissionError,
)
ROOT = Path(__file__).resolve().parents[1]
FRAMES = 12  # the innermost frames, which name the fault; outer ones repeat the framework


class LogSettings(Protocol):
    """What a process must tell about its logs."""

    @property
    def log_level(self) -> str: ...
    @property
    def log_exception_messages(self) -> bool: ...


def configure(settings: LogSettings, process: str, stream: TextIO | None = None) -> None:
    """Routes every logger of this process to JSON lines on ``stream`` (standard output), marked with its name."""
    structlog.reset_defaults()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _named(process),
    ]
    finish: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _exceptions(with_messages=settings.log_exception_messages),
        _allow,
        _scrub,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _foreign], processors=finish))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    _quiet_others()
    logging.captureWarnings(True)
    sys.excepthook = _uncaught


def scrub(text: str) -> str:
    """``text`` without id numbers, phones, cards, addresses of mail, tokens, secrets and control characters."""
    if len(text) < SHORTEST_SECRET and text.isascii() and text.isprintable():
        return text
    for pattern, instead in SCRUBBED:
        text = pattern.sub(instead, text)
    return CONTROL.sub(" ", text)


def _quiet_others() -> None:
    """Takes the handlers that libraries put on their own loggers: what they say reaches the root."""
    for existing in list(logging.root.manager.loggerDict.values()):
        if isinstance(existing, logging.Logger):
            existing.handlers.clear()
            existing.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # it logs query strings; the API has its own line
    for name in (
        "botocore",
        "boto3",
        "s3transfer",
        "urllib3",
        "httpx2",
        "httpcore2",
        "asyncio",
        "sqlalchemy",
        "alembic",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def _named(process: str) -> Processor:
    def add(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)
        return event

    return add


def _foreign(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's line: its whole text is a message, not an event name of ours."""
    event["message"] = str(event.get("event", ""))
    event["event"] = "library"
    return event


def _allow(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    dropped = [key for key in event if key not in ALLOWED]
    for key in dropped:
        del event[key]
    return event


def _scrub(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    match value:
        case str():
            return scrub(value)
        case bool() | int() | float() | None:
            return value
        case dict():
            return {str(key): _clean(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        case list() | tuple():
            return [_clean(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return scrub(str(value))


def _exceptions(*, with_messages: bool) -> Processor:
    def replace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        info: Any = event.pop("exc_info", None)
        event.pop("stack_info", None)
        error: Any = sys.exc_info()[1] if info is True else info
        if isinstance(error, tuple):
            error = cast("tuple[Any, Any, Any]", error)[1]
        if isinstance(error, BaseException):
            event["exception"] = describe(error, with_messages=with_messages)
        return event

    return replace


def describe(error: BaseException, *, with_messages: bool = False) -> list[dict[str, Any]]:
    """An exception and its causes as class, code and innermost frames, the first being the one that was raised last."""
    chain: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 5:
        kind = type(current)
        part: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
        code = getattr(current, "code", None) or getattr(getattr(current, "orig", None), "sqlstate", None)
        if isinstance(code, str | int):
            part["code"] = code
        if with_messages or isinstance(current, PLAIN_MESSAGES):
            part["message"] = scrub(str(current))
        frames = traceback.extract_tb(current.__traceback__)[-FRAMES:]
        part["frames"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append(part)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-2:])


def _uncaught(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger("uncaught").critical("process.died", exc_info=error)

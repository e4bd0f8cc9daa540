"""A no in words for one reader, and as the document that goes out (RFC 9457)."""

from dataclasses import dataclass
from typing import Any

from api.phrases import phrase
from api.problems import ALL_PROBLEMS, STATUS, FieldError, Params, Problem
from api.states import named
from lending import refusals
from lending.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Told:
    """A problem in words for one reader."""

    status: int
    code: str
    title: str
    detail: str
    params: Params
    fields: tuple[tuple[FieldError, str], ...]
    retry_after: int | None


def status_of(error: Refusal | Problem) -> int:
    """The HTTP status of a no."""
    return error.status if isinstance(error, Problem) else STATUS[type(error)]


def title_key(code: str) -> str:
    """The catalogue key of a problem's short name."""
    return f"api.problem.{code}.title"


def detail_key(code: str) -> str:
    """The catalogue key of a problem's sentence: lending's own words for a refusal, ours otherwise."""
    return f"api.problem.{code}.detail" if code in ALL_PROBLEMS else f"lending.refusal.{code}"


def told(error: Refusal | Problem, locale: str) -> Told:
    """What a reader of ``locale`` is told."""
    params: Params = dict(error.params)
    fields = error.fields if isinstance(error, Problem) else ()
    retry = error.retry_after if isinstance(error, Problem) else _wait(error)
    return Told(
        status=status_of(error),
        code=error.code,
        title=phrase(title_key(error.code), locale, {}),
        detail=phrase(detail_key(error.code), locale, named(params, locale)),
        params=params,
        fields=tuple((field, phrase(field.key, locale, dict(field.params))) for field in fields),
        retry_after=None if retry is None else max(1, round(retry + 0.5)),
    )


def _wait(refusal: Refusal) -> float | None:
    return int(str(refusal.params["wait_minutes"])) * 60.0 if isinstance(refusal, refusals.TooManyTries) else None


def body_of(error: Refusal | Problem, *, locale: str, instance: str, base_url: str) -> dict[str, Any]:
    """The members of the problem+json document."""
    words = told(error, locale)
    other = "en" if locale != "en" else "zh_CN"
    body: dict[str, Any] = {
        "type": f"{base_url}/v1/problems/{words.code}",
        "title": words.title,
        "status": words.status,
        "detail": words.detail,
        "instance": instance,
        "code": words.code,
        "messages": {locale: words.detail, other: told(error, other).detail},
    }
    if isinstance(error, Problem):
        body |= error.extension
    if words.params:
        body["params"] = dict(words.params)
    if words.fields:
        body["errors"] = [
            {"pointer": f"#/{field.field}", "code": field.code, "detail": said} for field, said in words.fields
        ]
    return body

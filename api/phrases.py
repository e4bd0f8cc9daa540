"""Sentences of decisions; the formatting itself is :mod:`infra.phrases`."""

from collections.abc import Mapping
from typing import Any

from api.views import Reason
from infra import i18n
from infra.phrases import figure, phrase

__all__ = ["figure", "phrase", "reason", "reason_key"]


def reason(code: str, params: Mapping[str, Any], locale: str) -> Reason:
    """A reason of a decision in words. Rules' reasons are lending's; the score's are the model's own."""
    return Reason(code, params, phrase(reason_key(code), locale, params))


def reason_key(code: str) -> str:
    """Where the words of a reason stand."""
    for room in ("lending", "scoring", "api"):
        if i18n.known(key := f"{room}.reason.{code}"):
            return key
    return f"api.reason.{code}"

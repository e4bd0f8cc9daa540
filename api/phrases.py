"""Sentences of decisions; the formatting itself is :mod:`infra.phrases`."""

from collections.abc import Mapping
from typing import Any

from api.views import Reason
from infra import i18n
from infra.phrases import by_name, figure, phrase

# A figure of the score that rounds to nothing: "0 %" explains less than the word "none".
NOTHING = frozenset({"0%", "+0%", "-0%", "0", "-0", "0.0"})

__all__ = ["by_name", "figure", "phrase", "reason", "reason_key"]


def reason(code: str, params: Mapping[str, Any], locale: str, *, staff: bool = False) -> Reason:
    """A reason of a decision in words. Rules' reasons are lending's; the score's are the model's own.

    What speaks to the owner ("your usual") has other words for ``staff``.
    """
    key = reason_key(code)
    if staff and i18n.known(for_staff := f"api.staff_reason.{code}"):
        key = for_staff
    if params.get("figure") in NOTHING and i18n.known(f"{key}.none"):
        key = f"{key}.none"
    return Reason(code, params, phrase(key, locale, params))


def reason_key(code: str) -> str:
    """Where the words of a reason stand; under ``.none`` those for a figure that is nothing at all."""
    for room in ("lending", "scoring", "api"):
        if i18n.known(key := f"{room}.reason.{code}"):
            return key
    return f"api.reason.{code}"

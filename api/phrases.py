"""Sentences from the catalogue with figures in them: parameters are named by what they are and formatted by that name.

``*_minor`` is money (of the ``currency`` beside it), ``*_at`` a moment, ``*_on`` a day, ``*_rate`` and ``share`` a
percentage; ``stage``, ``check`` and ``purpose`` are codes that have words of their own.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from api.views import Reason
from infra import i18n

# The lender's wall clock; one jurisdiction, one time zone.
BEIJING = timezone(timedelta(hours=8))

CODES = {
    "stage": "lending.stage.{}",
    "check": "lending.check.{}",
    "purpose": "lending.consent.{}.title",
    "party": "api.party.{}",
}


def phrase(key: str, locale: str, params: Mapping[str, Any]) -> str:
    """The text of ``key`` with its parameters formatted for the reader; parameters that it does not use are ignored."""
    wanted = i18n.parameters(key) if i18n.known(key) else frozenset[str]()
    currency = str(params.get("currency", "CNY"))
    figures = {name: figure(name, params.get(name, ""), currency, locale) for name in wanted}
    if "n" in params:
        figures["n"] = params["n"]
    return i18n.text(key, locale, **figures)


def figure(name: str, value: Any, currency: str, locale: str) -> Any:
    """One parameter as the reader sees it."""
    if name == "n" or value is None or value == "":
        return value
    if name in CODES:
        key = CODES[name].format(value)
        return i18n.text(key, locale) if i18n.known(key) else value
    if name.endswith("_minor"):
        return i18n.money(int(value), currency, locale)
    if name.endswith("_at") or name == "until":
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return i18n.moment(moment.astimezone(BEIJING), locale)
    if name == "on" or name.endswith("_on"):
        return i18n.day(value if isinstance(value, date) else date.fromisoformat(str(value)), locale)
    if name in ("share", "annual_rate") or name.endswith(("_share", "_rate")):
        return i18n.percent(Decimal(str(value)), locale)
    if isinstance(value, int) and not isinstance(value, bool):
        return i18n.number(value, locale)
    return value


def reason(code: str, params: Mapping[str, Any], locale: str) -> Reason:
    """A reason of a decision in words. Rules' reasons are lending's; the score's are the model's own."""
    return Reason(code, params, phrase(reason_key(code), locale, params))


def reason_key(code: str) -> str:
    """Where the words of a reason stand."""
    for room in ("lending", "scoring", "api"):
        if i18n.known(key := f"{room}.reason.{code}"):
            return key
    return f"api.reason.{code}"

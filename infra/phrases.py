"""Sentences from the catalogue with figures in them: parameters are named by what they are and formatted by that name.

``*_minor`` is money (of the ``currency`` beside it), ``*_at`` and ``until`` a moment, ``*_on`` a day, ``*_rate`` and
``share`` a percentage. A code with words of its own (``<room>.<name>.<code>`` in the catalogue) is shown in them;
what has parts of its own is a phrase of them (``<room>.<name>``), and a list has commas between.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from infra import i18n

# The lender's wall clock; one jurisdiction, one time zone.
BEIJING = timezone(timedelta(hours=8))


def phrase(key: str, locale: str, params: Mapping[str, Any]) -> str:
    """The text of ``key`` with its parameters formatted for the reader; parameters that it does not use are ignored."""
    wanted = i18n.parameters(key) if i18n.known(key) else frozenset[str]()
    currency = str(params.get("currency", "CNY"))
    figures = {name: figure(name, params.get(name, ""), currency, locale) for name in wanted}
    if "n" in params:
        figures["n"] = params["n"]
    return i18n.text(key, locale, **figures)


def notice(kind: str, locale: str, params: Mapping[str, Any], site: str) -> str:
    """The text of a message. ``site``: where the lender's pages are, so that an address in it is whole."""
    said = phrase(
        f"api.notice.{kind}{by_name(f'api.notice.{kind}', params)}", locale, {**params, "site": site.rstrip("/")}
    )
    return of_piece("api.notice_of.piece", said, locale, params)


def of_piece(key: str, said: str, locale: str, params: Mapping[str, Any]) -> str:
    """A message, or a line of the story, with the piece in front of it that it is about (``piece_named``)."""
    if not (piece := params.get("piece_named")):
        return said
    rest = said.removeprefix(i18n.text("api.notice_of.brand", locale)).lstrip()
    return i18n.text(key, locale, piece=piece, rest=rest)


def by_name(key: str, params: Mapping[str, Any]) -> str:
    """Which wording of a text that may name somebody, ``who``: with nobody to name it has no gap."""
    return ".by" if params.get("who") and i18n.known(f"{key}.by") else ""


def figure(name: str, value: Any, currency: str, locale: str) -> Any:
    """One parameter as the reader sees it."""
    # A number that something is called by is no quantity: no separators.
    if name in ("n", "number") or value is None or value == "":
        return value
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
    if isinstance(value, list | tuple):
        many = cast("list[object]", value)
        between = "、" if locale == "zh_CN" else ", "
        return between.join(str(figure(name.removesuffix("s"), one, currency, locale)) for one in many)
    if isinstance(value, Mapping):
        return _composed(name, cast("Mapping[str, Any]", value), locale)
    return _coded(name, str(value), locale)


def _composed(name: str, parts: Mapping[str, Any], locale: str) -> str:
    """A figure of several parts, in the sentence that the catalogue has for its name (``<room>.<name>``)."""
    return next(phrase(key, locale, parts) for room in _rooms() if i18n.known(key := f"{room}.{name}"))


def _coded(name: str, value: str, locale: str) -> str:
    for room in _rooms():
        if i18n.known(key := f"{room}.{name}.{value}"):
            return i18n.text(key, locale)
    return value


@lru_cache(maxsize=1)
def _rooms() -> tuple[str, ...]:
    catalogue = i18n.keys()
    return tuple(sorted({key.partition(".")[0] for key in catalogue}))

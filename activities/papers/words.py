"""Sentences that are chosen when a paper is made and put into words when it is shown, in the reader's language.

Parameters are plain values named as the tables name them, and the name says how a value is written: ``*_minor`` is
money, ``on`` and ``*_on`` a day, ``*_at`` a minute in Beijing, ``share`` and ``*_rate`` a percentage, other integers
are grouped. The pages read stored sheets by the same convention.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from babel.dates import format_date  # pyright: ignore[reportUnknownVariableType]

from infra import i18n
from infra.papers.glyphs import printable

Value = str | int
BEIJING = timezone(timedelta(hours=8))
# A rate on a signed paper is never rounded to look simpler; eight decimals of a fraction are six of a percentage.
RATE_DIGITS = 6
# A paper names the day without its weekday, as contracts do.
DAYS = {"zh_CN": "y年M月d日", "en": "d MMM y"}


@dataclass(frozen=True)
class Words:
    """A text's key and its parameters; ``currency`` among them says which money, CNY if absent."""

    key: str
    params: Mapping[str, Value] = field(default_factory=dict[str, Value])


def say(words: Words, locale: str) -> str:
    """The sentence in one language. Strings that a person typed are made printable and never read as markup."""
    currency = str(words.params.get("currency", "CNY"))
    return i18n.text(
        words.key, locale, **{name: _written(name, value, currency, locale) for name, value in words.params.items()}
    )


def _written(name: str, value: Value, currency: str, locale: str) -> Value:
    if name == "n":
        return value
    if name.endswith("_minor"):
        return i18n.money(int(value), currency, locale)
    if name.endswith("_at"):
        return moment(datetime.fromisoformat(str(value)), locale)
    if name == "on" or name.endswith("_on"):
        return day(date.fromisoformat(str(value)), locale)
    if name == "share" or name.endswith(("_share", "_rate")):
        return percent(Decimal(value), locale)
    return i18n.number(value, locale) if isinstance(value, int) else printable(value)


def day(value: date, locale: str) -> str:
    """ "2026年11月21日" or "21 Nov 2026" """
    return format_date(value, DAYS[locale], locale=locale)


def percent(value: Decimal, locale: str) -> str:
    """A rate as it was agreed: "7.3%", "0.02%"."""
    return i18n.percent(value, locale, RATE_DIGITS)


def moment(value: datetime, locale: str) -> str:
    """A minute in Beijing."""
    return i18n.moment(value.astimezone(BEIJING), locale)

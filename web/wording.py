"""Texts and figures as the reader of this page sees them.

Who reads (language, time zone) is set once per page; templates then write ``{{ amount|money }}`` without passing it
along. Figures are formatted by ``infra.i18n`` and nowhere else.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_skeleton
from markupsafe import Markup, escape

from infra import i18n

BEIJING = timezone(timedelta(hours=8))
HTML_LANGUAGES = {"zh_CN": "zh-CN", "en": "en"}


# What a field is called where its error stands away from it.
FIELD_LABELS: Mapping[str, str] = {
    **{name: f"web.home.{name}" for name in ("amount", "months", "share", "revenue")},
    **{
        name: f"web.identity.{name}"
        for name in ("kind", "capacity", "name", "id_number", "firm_name", "licence", "account", "bank", "purpose")
    },
    "presence": "web.seeing.presence",
    "phone": "web.sign_in.phone",
    "code": "web.confirm.code",
    "payee_name": "web.payee.name",
    "role": "web.parties.role",
    "liability": "web.parties.liability",
    "login": "web.staff_sign_in.login",
    "password": "web.staff_sign_in.password",
    "reason": "web.case.reason",
    "verdict": "web.case.decision",
}


@dataclass(frozen=True)
class Reader:
    """Who reads the page: their ``locale``, the zone of the lender's clock, today's business date."""

    locale: str = i18n.DEFAULT_LOCALE
    zone: tzinfo = BEIJING
    today: date | None = None


_reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039 (frozen)


@contextmanager
def reading(reader: Reader) -> Iterator[None]:
    """Everything formatted inside is for this reader."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


@dataclass(frozen=True)
class Say:
    """A text to be shown: a key and its parameters, formatted when it is shown, in the reader's language.

    Parameters follow the names of the tables: ``amount_minor`` is money, ``due_at`` a moment, ``on`` and
    ``credited_on`` a day, ``share`` and ``annual_rate`` a percentage. A parameter may itself be a :class:`Say`.
    """

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


def t(key: str, **params: object) -> str:
    """The text of a key; parameters that are figures must already be formatted."""
    return i18n.text(key, _reader.get().locale, **params)


def rich(key: str, **params: object) -> Markup:
    """The text of a key whose parameters may be marked-up: the text is escaped, the parameters by their own kind."""
    marks = {name: f"\x00{place}\x00" for place, name in enumerate(params)}
    plain = {name: value for name, value in params.items() if name == "n"}
    found = str(escape(i18n.text(key, _reader.get().locale, **{**marks, **plain})))
    for name, value in params.items():
        found = found.replace(marks[name], str(escape(value)))
    return Markup(found)  # noqa: S704 (every part was escaped above)


def say(what: Say | str) -> str:
    """The text of a :class:`Say`; a plain string is somebody's own words and is shown as it is."""
    if isinstance(what, str):
        return what
    currency = str(what.params.get("currency", "CNY"))
    return t(what.key, **{name: _figure(name, value, currency) for name, value in what.params.items()})


def trade(code: str) -> str:
    """A trade in words; one that has none, of a data set of somebody else's, is shown as it was given."""
    key = f"simulators.trade.{code}"
    return t(key) if i18n.known(key) else code


def of_field(error: Say | str, name: str) -> str:
    """An error with the name of its field before it, unless it says it already."""
    said, key = say(error), FIELD_LABELS.get(name)
    label = t(key) if key else ""
    return said if not label or label.lower() in said.lower() else f"{label}{t('web.format.colon')}{said}"


def _figure(name: str, value: object, currency: str) -> object:
    if isinstance(value, Say):
        return say(value)
    if isinstance(value, bool) or value is None or name == "n":
        return value
    if name.endswith("_minor"):
        return money(int(str(value)), currency)
    if name.endswith("_at"):
        return moment(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    if name == "on" or name.endswith("_on"):
        return day(value if isinstance(value, date) else date.fromisoformat(str(value)))
    if name in ("share", "annual_rate") or name.endswith(("_share", "_rate")):
        return percent(Decimal(str(value)))
    if isinstance(value, int):
        return number(value)
    return value


def money(minor: int, currency: str = "CNY") -> str:
    """ "¥80,000.00" """
    return i18n.money(minor, currency, _reader.get().locale)


def yuan(minor: int) -> str:
    """Whole yuan for axes and steps, where the fen would be noise: "¥80,000"."""
    return i18n.money(minor, "CNY", _reader.get().locale).removesuffix(".00")


def plain_yuan(minor: int) -> str:
    """As a person types it into a number field: "80000", "1234.50"."""
    whole, fen = divmod(minor, 100)
    return f"{whole}.{fen:02d}" if fen else str(whole)


def short_yuan(minor: int) -> str:
    """For the axis of a chart: "6万" in Chinese, "60k" in English; small sums as they are."""
    whole = Decimal(minor) / 100
    if abs(whole) < 1000:
        return number(whole.quantize(Decimal(1)))
    if _reader.get().locale == "zh_CN":
        if abs(whole) < 10_000:
            return number(whole.quantize(Decimal(1)))
        return t("web.format.ten_thousand", number=number((whole / 10_000).quantize(Decimal("0.1")).normalize()))
    return t("web.format.ten_thousand", number=number((whole / 1000).quantize(Decimal("0.1")).normalize()))


def day(value: date) -> str:
    """ "2026年11月21日(周六)" """
    return i18n.day(value, _reader.get().locale)


@lru_cache(maxsize=8)
def _babel(name: str) -> Locale:
    """The locale for its name; parsing one costs more than a page."""
    return Locale.parse(name)


def month(value: date) -> str:
    """ "2027年3月" or "Mar 2027" """
    return format_skeleton("yMMM", value, locale=_babel(_reader.get().locale))


def month_number(value: date) -> str:
    """The month alone, for an axis: "3月" or "Mar"."""
    return format_skeleton("MMM", value, locale=_babel(_reader.get().locale))


def moment(value: datetime) -> str:
    """A minute on the lender's clock. On the reader's own business day only the time: "15:40"."""
    reader = _reader.get()
    local = value.astimezone(reader.zone)
    if reader.today is not None and local.date() == reader.today:
        return f"{local:%H:%M}"
    return i18n.moment(local, reader.locale)


def full_moment(value: datetime) -> str:
    """A minute with its date always."""
    reader = _reader.get()
    return i18n.moment(value.astimezone(reader.zone), reader.locale)


def hour(value: datetime) -> str:
    """The time alone, on the lender's clock: "09:30"."""
    return f"{value.astimezone(_reader.get().zone):%H:%M}"


def that_day(value: datetime) -> str:
    """The day that a moment lies in, on the lender's clock."""
    reader = _reader.get()
    return i18n.day(value.astimezone(reader.zone).date(), reader.locale)


def machine_time(value: date | datetime) -> str:
    """For ``<time datetime>``."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def percent(value: Decimal, digits: int = 2) -> str:
    """ "7.3%" """
    return i18n.percent(value, _reader.get().locale, digits)


def places(value: Decimal, digits: int) -> Decimal:
    """A figure rounded for reading, half to even; minus nothing is nothing."""
    found = value.quantize(Decimal(1).scaleb(-digits))
    return abs(found) if found == 0 else found


def number(value: int | Decimal) -> str:
    """ "2,318" """
    return i18n.number(value, _reader.get().locale)


def metres(count: int) -> str:
    """A distance for people: "180 m", "3.2 km"."""
    if count < 1_000:
        return t("web.format.metres", number=number(max(10, round(count / 10) * 10)))
    return t("web.format.kilometres", number=number(places(Decimal(count) / 1_000, 1)))


def lasting(minutes: int) -> str:
    """How long something took, for people: the two largest of days, hours and minutes."""
    days, rest = divmod(max(minutes, 1), 24 * 60)
    hours, left = divmod(rest, 60)
    parts = ("days", days), ("hours", hours), ("minutes", left if not days else 0)
    return " ".join(t(f"web.format.{name}", n=count) for name, count in parts if count)


def size(count: int) -> str:
    """A file's size for people: "84 KB"."""
    if count < 1024 * 1024:
        return t("web.format.kilobytes", number=number(max(1, round(count / 1024))))
    return t("web.format.megabytes", number=number(Decimal(round(count / 1024 / 1024, 1))))


def language() -> str:
    """For ``<html lang>``."""
    return HTML_LANGUAGES[_reader.get().locale]


def locale() -> str:
    """The reader's locale."""
    return _reader.get().locale


def grouped(value: str, by: int = 4) -> str:
    """A hash or an account in groups that an eye can follow: "9f2c 11ab …"."""
    return " ".join(re.findall(f".{{1,{by}}}", value))

"""Every text that a person sees, by a stable key, in Simplified Chinese (written first) and English.

Each room keeps its texts in ``locales/<room>.yaml``: ``key: {zh: …, en: …}`` with ``{parameters}``; where English needs
a plural: ``en: {one: …, other: …}``, chosen by the parameter ``n``. The fragments are compiled to gettext catalogues in
memory.
"""

import gettext
import io
import os
import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import structlog
import yaml
from babel.core import Locale
from babel.dates import format_date, format_datetime  # pyright: ignore[reportUnknownVariableType]
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo  # pyright: ignore[reportUnknownVariableType]
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol

LOCALES = ("zh_CN", "en")
DEFAULT_LOCALE = "zh_CN"
FOLDER = Path(__file__).resolve().parents[1] / "locales"
LANGUAGES = {"zh_CN": "zh", "en": "en"}  # how the fragments name them
SYMBOLS = {"CNY": "¥"}  # the same in both languages, as on every Chinese till
DAY_PATTERNS = {"zh_CN": "y年M月d日(EEE)", "en": "EEE d MMM y"}
MOMENT_PATTERNS = {"zh_CN": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}

log = structlog.get_logger(__name__)


class UnknownText(KeyError):
    """No such key. Raised outside production, so that a forgotten text is found by a test and not by a customer."""


class BadFragment(ValueError):
    """A fragment that cannot be used; the message names file, key and what is wrong."""


# A mark that leans on a Chinese letter is as wide as one; "24:00" and "CSV(UTF-8)" are none of its business.
WIDE = dict(zip(",;:()?!", "，；：（）？！", strict=True))
HALF_WIDTH = re.compile(r"(?<=[\u2e80-\u9fff“”‘’])[,;:()?!]|[,;:()?!](?=[\u2e80-\u9fff“”‘’])")
# What is counted in English texts; "1 months" is the one mistake that a translated page is known by.
ONE_OF_MANY = re.compile(
    r"(?<![\w.,:/-])1 (months|days|hours|minutes|seconds|lines|rows|loans|entries|tries|duplicates|cells|enquiries)\b"
)


def text(key: str, locale: str, **params: object) -> str:
    """The text of ``key`` with its parameters filled in. Raises :class:`UnknownText` outside production.

    In production an unknown key is logged and shown as it is: a bare key on a page harms less than no page.
    """
    catalogue = _catalogues().get(locale) or _catalogues()[DEFAULT_LOCALE]
    n = params.get("n")
    found = catalogue.ngettext(key, _plural(key), n) if isinstance(n, int) else catalogue.gettext(key)
    if found in (key, _plural(key)):
        if _strict():
            raise UnknownText(f"no text {key!r} in locales/*.yaml")
        log.error("i18n.unknown_key", key=key, locale=locale)
        return key
    if "{" not in found:
        return found
    said = found.format(**params)
    return ONE_OF_MANY.sub(_one, said) if locale == "en" and " 1 " in f" {said}" else said


def _one(match: re.Match[str]) -> str:
    """A counted word after a one: a text with several numbers has no plural form of its own."""
    word = match[1]
    return "1 " + (f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s"))


def known(key: str) -> bool:
    """Whether a text of this key exists."""
    return key in keys()


@lru_cache(maxsize=1)
def keys() -> frozenset[str]:
    """Every key of every fragment."""
    return frozenset(_fragments())


def parameters(key: str) -> frozenset[str]:
    """The parameter names of a text."""
    return _parameters(_strings(_fragments()[key]["zh"]))


def negotiate(accept_language: str | None) -> str:
    """The locale for an ``Accept-Language`` header; zh_CN when it says nothing that we speak."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        language = tag.split("-")[0].split("_")[0].lower()
        if weight > 0 and language in ("zh", "en"):
            wishes.append((-weight, place, "zh_CN" if language == "zh" else "en"))
    return min(wishes)[2] if wishes else DEFAULT_LOCALE


def money(minor: int, currency: str, locale: str) -> str:
    """An amount in minor units: ``money(8_000_000, "CNY", "zh_CN")`` is "¥80,000.00"."""
    digits = get_currency_precision(currency)
    amount = Decimal(minor).scaleb(-digits)
    number = format_decimal(abs(amount), format="#,##0" + ("." + "0" * digits if digits else ""), locale=locale)
    symbol = SYMBOLS.get(currency) or get_currency_symbol(currency, locale=locale)
    return f"{'-' if minor < 0 else ''}{symbol}{number}"


def day(value: date, locale: str) -> str:
    """A day with its weekday: "2026年11月21日(周六)" or "Sat 21 Nov 2026"."""
    return format_date(value, DAY_PATTERNS[locale], locale=locale)


def moment(value: datetime, locale: str) -> str:
    """A minute on the clock of ``value``'s own time zone: "2026年11月21日 15:40" or "21 Nov 2026, 15:40"."""
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone: whose 15:40 is it?")
    return format_datetime(value, MOMENT_PATTERNS[locale], tzinfo=value.tzinfo, locale=locale)


def percent(value: Decimal, locale: str, digits: int = 2) -> str:
    """A share as a percentage with at most ``digits`` decimals: ``Decimal("0.073")`` is "7.3%"."""
    return format_decimal(value * 100, format="#,##0." + "#" * digits, locale=locale) + "%"


def number(value: int | Decimal, locale: str) -> str:
    """A count with its thousands grouped: "2,318"."""
    return format_decimal(value, locale=locale)


def check(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the fragments of a folder, one line each; empty when all is well.

    Half-width marks beside Chinese letters are a fault of the writing alone: found here, and no reason not to start.
    """
    fragments = {path: _read(path) for path in sorted(folder.glob("*.yaml"))}
    return (
        _check(fragments)
        + _written_twice(folder)
        + [
            f"{path.name}: {key}: write {WIDE[found[0]]} instead of {found[0]} in {entry['zh']!r}"
            for path, entries in fragments.items()
            for key, entry in entries.items()
            if isinstance(entry, dict) and (found := HALF_WIDTH.search(str(cast("dict[str, object]", entry).get("zh"))))
        ]
    )


def _written_twice(folder: Path) -> list[str]:
    """YAML takes the later of two equal keys without a word, and the earlier text is lost."""
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        counts = Counter(re.findall(r"^([\w.]+):", path.read_text(encoding="utf-8"), re.MULTILINE))
        faults += [f"{path.name}: {key}: written {times} times" for key, times in counts.items() if times > 1]
    return faults


def _check(fragments: Mapping[Path, Mapping[str, Any]]) -> list[str]:
    faults: list[str] = []
    seen: dict[str, str] = {}
    for path, entries in fragments.items():
        for key, entry in entries.items():
            where = f"{path.name}: {key}"
            if key in seen:
                faults.append(f"{where}: also in {seen[key]}")
            seen[key] = path.name
            faults += [f"{where}: {fault}" for fault in _faults(path.stem, key, entry)]
    return faults


def _faults(room: str, key: str, entry: object) -> Iterable[str]:
    if not key.startswith(f"{room}."):
        yield f"the key must begin with {room!r}, the name of its file"
    if not isinstance(entry, dict) or set(cast("dict[str, object]", entry)) != {"zh", "en"}:
        yield "needs exactly zh and en"
        return
    texts = cast("dict[str, object]", entry)
    if not isinstance(texts["zh"], str):
        yield "zh must be one text: Chinese has no plural"
        return
    english = texts["en"]
    plural = _is_plural(english)
    if not plural and not isinstance(english, str):
        yield "en must be a text, or {one: …, other: …}"
        return
    try:
        wanted, given = _parameters(_strings(texts["zh"])), _parameters(_strings(english))
    except ValueError as error:
        yield f"braces do not match ({error})"
        return
    if wanted != given and not (plural and wanted - given <= {"n"}):
        yield f"parameters differ: zh has {sorted(wanted)}, en has {sorted(given)}"
    if not all(part.strip() for part in [*_strings(texts["zh"]), *_strings(english)]):
        yield "an empty text"


def _is_plural(entry: object) -> bool:
    return isinstance(entry, dict) and set(cast("dict[str, object]", entry)) == {"one", "other"}


def _strings(entry: object) -> list[str]:
    """The text, or its singular and plural."""
    if isinstance(entry, dict):
        forms = cast("dict[str, str]", entry)
        return [forms["one"], forms["other"]]
    return [str(entry)]


def _parameters(texts: list[str]) -> frozenset[str]:
    names = (field for part in texts for _, field, _, _ in string.Formatter().parse(part))
    return frozenset(name for name in names if name)


def _plural(key: str) -> str:
    return f"{key}#other"


def _strict() -> bool:
    return os.environ.get("HUOSHUI_PROFILE") != "production"


def _read(path: Path) -> Mapping[str, Any]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: object = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (both loaders are safe ones)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise BadFragment(f"{path.name}: not a mapping of keys to texts")
    return cast("Mapping[str, Any]", content)


@lru_cache(maxsize=1)
def _fragments() -> Mapping[str, Any]:
    read = {path: _read(path) for path in sorted(FOLDER.glob("*.yaml"))}
    faults = _check(read)
    if faults:
        raise BadFragment("; ".join(faults[:5]))
    return {key: entry for entries in read.values() for key, entry in entries.items()}


@lru_cache(maxsize=1)
def _catalogues() -> Mapping[str, gettext.GNUTranslations]:
    return {locale: _compile(locale, LANGUAGES[locale]) for locale in LOCALES}


def _compile(locale: str, language: str) -> gettext.GNUTranslations:
    catalog = Catalog(locale=Locale.parse(locale), fuzzy=False)
    for key, entry in _fragments().items():
        parts = _strings(entry[language])
        forms = tuple(parts) if len(parts) == catalog.num_plurals else tuple(parts * catalog.num_plurals)
        catalog.add((key, _plural(key)), forms)
    file = io.BytesIO()
    write_mo(file, catalog)
    file.seek(0)
    return gettext.GNUTranslations(file)


def main() -> int:
    """``python -m infra.i18n``: says what is wrong with the fragments; exit code 1 when something is."""
    faults = check()
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{len(keys())} texts, complete in {' and '.join(LOCALES)}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())

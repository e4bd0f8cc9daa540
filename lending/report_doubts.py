"""Whether a valuer's report speaks of its piece by itself: in its text stand the piece's number and the figure."""

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum

# A page of so few letters and figures is a picture, whatever a reader of it made out.
LEAST_TEXT = 20
# So many letters before a figure say whether it is what was found.
REACH = 40
_VALUES = re.compile(r"价值|估值|评估|估价|结论|总价|\bvalued?\b|\bvaluation\b|\bworth\b|\bappraised\b", re.IGNORECASE)
_DENIED = re.compile(r"不|非|未|无|\bnot\b|\bno\b|\bnever\b", re.IGNORECASE)
_ENDS = re.compile(r"[。；;!！?？\n]")
_RUN = re.compile(r"\d+")
_SUM = re.compile(r"(\d+(?:\.\d+)?)\s*([万亿]?)")
_TIMES = {"": 1, "万": 10_000, "亿": 100_000_000}


class ReportDoubt(StrEnum):
    """Why a report waits for another person than whoever brought it."""

    UNREAD = "unread"  # a scan or a photo: nobody but a person can say which piece it is of
    UNNAMED = "unnamed"  # the piece's number does not stand in it
    NO_FIGURE = "no_figure"
    LIKE_PHOTO = "like_photo"  # a page of it shows the same as a photo that somebody took
    LIKE_REPORT = "like_report"  # it is the report of another piece but for its numbers, or a page shows the same


def of_text(text: str, title: str, value_minor: int) -> tuple[ReportDoubt, ...]:
    """What the text of a report leaves open. ``title``: the number that the piece is known by, which stands there whole
    and in one piece, its town and letters too; ``value_minor``: what the valuer found, which stands there in yuan, 万
    or 亿 behind a word of valuing, and not denied."""
    plain = unicodedata.normalize("NFKC", text)
    if len(re.sub(r"[\W_]+", "", plain)) < LEAST_TEXT:
        return (ReportDoubt.UNREAD,)
    found = [] if _names(plain, unicodedata.normalize("NFKC", title)) else [ReportDoubt.UNNAMED]
    line = re.sub(r"(?<=\d),(?=\d{3})", "", " ".join(plain.split()))
    if not any(_is_valued(line, hit, value_minor) for hit in _SUM.finditer(line)):
        found.append(ReportDoubt.NO_FIGURE)
    return tuple(found)


def words_of(text: str) -> str:
    """What a report says but for figures: the same of two pieces, it is one report with others put in."""
    return re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _names(text: str, title: str) -> bool:
    number = _joined(title)
    if not _RUN.search(number):
        return False
    return re.search(rf"(?<![a-z0-9]){re.escape(number)}(?![0-9])", _joined(text)) is not None


def _joined(text: str) -> str:
    """Without what only divides: blanks, dashes, brackets, and zeros that fill a number up."""
    plain = _RUN.sub(lambda hit: hit[0].lstrip("0") or "0", text.casefold())
    return re.sub(r"(?<=[^\W_])[\W_]+(?=[^\W_])", lambda hit: "\n" if _ENDS.search(hit[0]) else "", plain)


def _is_valued(line: str, hit: re.Match[str], value_minor: int) -> bool:
    figure, unit = hit.groups()
    if Decimal(figure) * _TIMES[unit] * 100 != value_minor:
        return False
    before = _ENDS.split(line[max(0, hit.start() - REACH) : hit.start()])[-1]
    return _VALUES.search(before) is not None and _DENIED.search(before) is None

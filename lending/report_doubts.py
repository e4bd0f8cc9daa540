"""Whether a valuer's report speaks of its piece by itself: in its text stand the piece's number and the figure."""

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum

# A page of so few letters and figures is a picture, whatever a reader of it made out.
LEAST_TEXT = 20
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
    """What the text of a report leaves open. ``title``: the number that the piece is known by, of which the figures
    count alone; ``value_minor``: what the valuer found, which stands there in yuan, 万 or 亿."""
    plain = unicodedata.normalize("NFKC", text)
    if len(re.sub(r"[\W_]+", "", plain)) < LEAST_TEXT:
        return (ReportDoubt.UNREAD,)
    named, runs = _runs(unicodedata.normalize("NFKC", title)), _runs(plain)
    found = [] if named and named <= runs else [ReportDoubt.UNNAMED]
    sums = _SUM.findall(re.sub(r"(?<=\d)[,\s](?=\d{3})", "", plain))
    if not any(Decimal(figure) * _TIMES[unit] * 100 == value_minor for figure, unit in sums):
        found.append(ReportDoubt.NO_FIGURE)
    return tuple(found)


def words_of(text: str) -> str:
    """What a report says but for figures: the same of two pieces, it is one report with others put in."""
    return re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _runs(text: str) -> set[str]:
    return {one.lstrip("0") or "0" for one in _RUN.findall(text)}

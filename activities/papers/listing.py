"""A list that somebody asks for, as paper: facts, tables and who issued it. One template for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from activities.papers.glyphs import printable
from activities.papers.press import press
from infra import i18n


@dataclass(frozen=True)
class Part:
    """A titled part: ``facts`` are labels with values; a table has a ``head``, rows of the same length, and columns
    that are set to the right (``right``) or take what is left of the line (``wide``), both by number from 0."""

    title: str = ""
    facts: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    right: frozenset[int] = frozenset()
    wide: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(f"{self.title}: a row is not as long as its heading")


@dataclass(frozen=True)
class Listing:
    """A finished paper in words; ``issuer`` is who answers for it, ``dated`` the day that stands on it."""

    heading: str
    number: str
    parts: Sequence[Part]
    issuer: str
    dated: date
    day: str
    lead: str = ""
    notes: Sequence[str] = ()
    footer: str = ""


def print_listing(listing: Listing, locale: str) -> bytes:
    """The list as PDF/A-2b; the same list always gives the same bytes."""
    return press("listing", _values(listing, locale), dated=listing.dated)


def _values(listing: Listing, locale: str) -> dict[str, Any]:
    number = printable(listing.number)
    return {
        "title": f"{listing.heading} {number}",
        "author": listing.issuer,
        "lang": "zh" if locale == "zh_CN" else "en",
        "region": "cn" if locale == "zh_CN" else "gb",
        "heading": listing.heading,
        "number_line": f"{i18n.text('papers.listing.number', locale)} {number}",
        "lead": printable(listing.lead),
        "parts": [_part(part) for part in listing.parts],
        "notes": [printable(note) for note in listing.notes],
        "issued": [listing.issuer, listing.day],
        "footer": printable(listing.footer),
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": part.title,
        "facts": [[label, printable(value)] for label, value in part.facts],
        "head": list(part.head),
        "rows": [[printable(cell) for cell in row] for row in part.rows],
        "right": sorted(part.right),
        "widths": ["wide" if n in part.wide else "auto" for n in range(len(part.head))],
    }

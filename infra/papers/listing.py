"""A list that somebody asks for, as paper: facts, tables and who issued it. One template for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from infra import i18n
from infra.papers.glyphs import printable
from infra.papers.press import press

TEMPLATE = Path(__file__).with_name("listing.typ")


@dataclass(frozen=True)
class Cell:
    """A cell that leads somewhere or that something leads to. ``at``: the name of this place in the paper; ``to``: a
    place of this paper; ``file``: a file beside the paper, for who reads it on a screen."""

    text: str
    at: str = ""
    to: str = ""
    file: str = ""


@dataclass(frozen=True)
class Part:
    """A titled part: ``facts`` are labels with values; a table has a ``head``, rows of the same length, and columns
    that are set to the right (``right``), take what is left of the line (``wide``) or break anywhere, since they hold
    hashes and numbers of others (``code``), by number from 0. ``words``: what somebody wrote, below. ``lang``: of the
    part, where it is not the paper's. ``first``: it begins a page."""

    title: str = ""
    facts: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str | Cell]] = ()
    right: frozenset[int] = frozenset()
    wide: frozenset[int] = frozenset()
    code: frozenset[int] = frozenset()
    words: str = ""
    lang: str = ""
    first: bool = False

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
    return press(TEMPLATE, _values(listing, locale), dated=listing.dated)


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
        "rows": [[_cell(cell) for cell in row] for row in part.rows],
        "right": sorted(part.right),
        "code": sorted(part.code),
        "widths": ["wide" if n in part.wide | part.code else "auto" for n in range(len(part.head))],
        "words": printable(part.words),
        "first": part.first,
    }


def _cell(cell: str | Cell) -> dict[str, str]:
    one = cell if isinstance(cell, Cell) else Cell(cell)
    return {"text": printable(one.text), "at": one.at, "to": one.to}

"""Printed pages as tables: words with their places into rows of cells under a heading.

Text of a PDF comes with places; a scan and a photo get theirs from character recognition (``imports.pictures``). Either
way a page is a list of words. Columns are what stands under a heading's words; a row is what stands beside a day, and
text above or below it that has no day of its own is wrapped text of the nearest row.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from imports.cells import is_empty, parse_amount, parse_moment
from imports.columns import is_header, roles_named
from imports.headers import repeats
from imports.headings import role_of
from imports.misreadings import RowNotUnderstood
from imports.yearless import is_day


@dataclass(slots=True)
class Word:
    """Text in a box; ``top`` grows downwards. ``recognised``: read from a picture, ``sure`` of it from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    recognised: bool = False
    sure: float = 1.0

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(slots=True)
class Column:
    """Where a heading's words stand."""

    left: float
    right: float
    name: str


def rows_of(pages: Iterable[Sequence[Word]]) -> Iterator[list[str]]:
    """The rows of all pages: what stands above the first heading in one cell each, the heading, the rows under it."""
    columns: list[Column] = []
    heading: list[str] = []
    for words in pages:
        lines = lines_of(words)
        found = _heading(lines)
        if found is not None:
            first, height, columns_here = found
            for line in lines[:first]:
                yield [_text(line)]
            named = [column.name for column in columns_here]
            if not heading or not repeats(named, heading):
                heading = named
                yield heading
            columns, lines = columns_here, lines[first + height :]
        if not columns:
            for line in lines:
                yield [_text(line)]
            continue
        yield from _table(lines, columns)


def lines_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words that stand side by side, from the top down, each line from left to right; text close together is one word.

    Recognition has put its words together already, in boxes with a margin of their own.
    """
    lines: list[list[Word]] = []
    for word in sorted((word for word in words if word.text.strip()), key=lambda word: word.middle):
        if lines and abs(median(other.middle for other in lines[-1]) - word.middle) < 0.5 * (word.bottom - word.top):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_joined(sorted(line, key=lambda word: word.left)) for line in lines]


def _joined(line: list[Word]) -> list[Word]:
    made: list[Word] = []
    for word in line:
        size = word.bottom - word.top
        if made and not word.recognised and word.left - made[-1].right < 0.3 * size:
            last = made[-1]
            space = " " if word.left - last.right > 0.12 * size and _is_latin(last, word) else ""
            right, bottom = max(last.right, word.right), max(last.bottom, word.bottom)
            made[-1] = Word(last.left, min(last.top, word.top), right, bottom, f"{last.text}{space}{word.text}")
        else:
            made.append(word)
    return made


def _is_latin(left: Word, right: Word) -> bool:
    return left.text[-1:].isascii() and right.text[:1].isascii()


def _text(line: Sequence[Word]) -> str:
    return "  ".join(word.text for word in line)


def _heading(lines: list[list[Word]]) -> tuple[int, int, list[Column]] | None:
    """Which line holds the heading, of how many lines it is made, and its columns. Of several the best."""
    best: tuple[int, int, int, list[Column]] | None = None
    for at, line in enumerate(lines):
        for height in (1, 2, 3):
            part = [word for other in lines[at : at + height] for word in other]
            if any(_is_day(word.text) for word in part):
                break
            columns = _columns(line if height == 1 else part)
            names = [column.name for column in columns]
            if is_header(names) and (best is None or roles_named(names) > best[0]):
                best = (roles_named(names), at, height, columns)
    return None if best is None else best[1:]


def _columns(words: list[Word]) -> list[Column]:
    """Words that stand over one another are one heading, such as Trans / Date or 发生额 over 借方."""
    columns: list[Column] = []
    for word in sorted(words, key=lambda word: (word.left + word.right) / 2):
        last = columns[-1] if columns else None
        if last is not None and min(last.right, word.right) - max(last.left, word.left) > 0.3 * min(
            last.right - last.left, word.right - word.left
        ):
            last.left, last.right = min(last.left, word.left), max(last.right, word.right)
            both = [last.name, word.text]
            last.name = f"{last.name}{word.text}" if not role_of(last.name) or role_of("".join(both)) else last.name
        else:
            columns.append(Column(word.left, word.right, word.text))
    return columns


def _table(lines: list[list[Word]], columns: list[Column]) -> Iterator[list[str]]:
    """Rows from the top down. A line that is no row of its own belongs to the row that it hangs on."""
    placed = [_placed(line, columns) for line in lines]
    is_row = [
        any(_is_day(word.text) for word in line[:3]) or _amounts(cells) > 1
        for line, cells in zip(lines, placed, strict=True)
    ]
    hangs = [row or _amounts(cells) == 0 for row, cells in zip(is_row, placed, strict=True)]
    owner = [_owner(at, lines, is_row, hangs) for at in range(len(lines))]
    for at, cells in enumerate(placed):
        if owner[at] is None:
            yield [_text(lines[at])] if len(lines[at]) == 1 else _as_cells(cells)
        elif owner[at] == at:
            parts = [placed[other] for other in range(len(lines)) if owner[other] == at]
            yield _as_cells([[word for part in parts for word in part[position]] for position in range(len(columns))])


def _owner(at: int, lines: list[list[Word]], is_row: list[bool], hangs: list[bool]) -> int | None:
    """The row that a line belongs to: itself, the one that it hangs on, or none. Wrapped text stands close."""
    seen: set[int] = set()
    while not is_row[at]:
        if at in seen or not hangs[at]:
            return None
        seen.add(at)
        near = [other for other in (at - 1, at + 1) if 0 <= other < len(lines) and _apart(lines, at, other) < 1.2]
        if not near:
            return None
        at = min(near, key=lambda other, here=at: _apart(lines, here, other) - (0.1 if other < here else 0))
    return at


def _apart(lines: list[list[Word]], one: int, other: int) -> float:
    """The white between two lines in heights of a letter."""
    above, below = sorted((lines[one], lines[other]), key=lambda line: line[0].middle)
    height = median(word.bottom - word.top for word in [*above, *below])
    return (min(word.top for word in below) - max(word.bottom for word in above)) / max(height, 0.1)


def _as_cells(cells: list[list[Word]]) -> list[str]:
    return ["".join(f" {word.text}" if n and word.text.isascii() else word.text for n, word in enumerate(words))
            for words in cells]  # fmt: skip


def _placed(line: list[Word], columns: list[Column]) -> list[list[Word]]:
    cells: list[list[Word]] = [[] for _ in columns]
    for word in line:
        cells[_column(word, columns)].append(word)
    return cells


def _column(word: Word, columns: list[Column]) -> int:
    """The column that a word shares most width with; where it shares none, the nearest."""

    def shared(column: Column) -> float:
        return min(word.right, column.right) - max(word.left, column.left)

    best = max(range(len(columns)), key=lambda position: shared(columns[position]))
    if shared(columns[best]) > 0:
        return best
    # Between two headings: figures hang on the right of theirs, text on the left.
    return min(
        range(len(columns)),
        key=lambda position: min(
            abs(columns[position].left - word.left),
            abs(columns[position].right - word.right),
            -shared(columns[position]),
        ),
    )


def typed(text: str) -> list[Word]:
    """Text set out with spaces, as terminals print it: words with their places, a Chinese character two wide."""
    words: list[Word] = []
    for n, line in enumerate(text.splitlines()):
        for found in _APART.finditer(line):
            left = _width(line[: found.start()])
            words.append(Word(left, 3 * n, left + _width(found[0]), 3 * n + 1, found[0]))
    return words


_APART = re.compile(r"\S+(?: \S+)*")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _is_day(text: str) -> bool:
    if is_day(text):
        return True
    moment = parse_moment(re.sub(r"\s+\S*$", "", text) if " " in text.strip() else text)
    whole = parse_moment(text)
    return (whole is not None and bool(whole.day)) or (moment is not None and bool(moment.day) and " " in text.strip())


def _amounts(cells: list[list[Word]]) -> int:
    """How many cells of a line are amounts with a point or a comma."""
    amounts = 0
    for words in cells:
        text = "".join(word.text for word in words)
        if is_empty(text) or ("." not in text and "," not in text):
            continue
        try:
            amounts += parse_amount(text) is not None
        except RowNotUnderstood:
            continue
    return amounts

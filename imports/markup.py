"""Tables that are written as markup and named .xls: a web page's table, or the XML of an old spreadsheet program.

Only the text of cells is taken. Nothing is fetched, no entity is defined, no script is run.
"""

import re
from html.parser import HTMLParser

from imports.misreadings import StatementNotUnderstood

MOST_CELLS = 5_000_000
MOST_SPAN = 100
_ROWS, _CELLS = frozenset({"tr", "row", "ss:row"}), frozenset({"td", "th", "cell", "ss:cell"})
_SILENT = frozenset({"script", "style"})
_TABLE = re.compile(rb"<(?:tr|row|ss:row)[\s>]", re.I)
_SPREADSHEET = re.compile(rb"schemas-microsoft-com:office:spreadsheet")


def holds_table(data: bytes) -> bool:
    """Whether markup holds rows of a table; UTF-16 is looked into as well."""
    head = data[:200_000].replace(b"\x00", b"")
    web = re.search(rb"<table[\s>]", head, re.I) is not None
    return (web or _SPREADSHEET.search(head) is not None) and _TABLE.search(head) is not None


class _Tables(HTMLParser):
    """Collects rows of all tables in their order; a cell over several columns or rows leaves the others empty."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span = 1
        self._silent = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _ROWS:
            self._end_row()
            self._row = []
        elif tag in _CELLS and self._row is not None:
            self._end_cell()
            told = {name.rpartition(":")[2]: value or "" for name, value in attrs}
            index = told.get("index", "")
            if index.isdecimal() and len(self._row) < int(index) <= 1_000:  # the spreadsheet's way to skip empty cells
                self._row += [""] * (int(index) - 1 - len(self._row))
            across = told.get("colspan", "") or ""
            merged = told.get("mergeacross", "")
            self._span = min(
                int(across) if across.isdecimal() else int(merged) + 1 if merged.isdecimal() else 1, MOST_SPAN
            )
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _CELLS:
            self._end_cell()
        elif tag in _ROWS or tag == "table":
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            self._row += [" ".join("".join(self._cell).split()), *([""] * (self._span - 1))]
            self._cells += self._span
            if self._cells > MOST_CELLS:
                raise StatementNotUnderstood("unpacks_too_large", limit=MOST_CELLS // 1_000_000)
        self._cell, self._span = None, 1

    def _end_row(self) -> None:
        self._end_cell()
        if self._row:
            self.rows.append(self._row)
        self._row = None


def rows_of(text: str) -> list[list[str]]:
    """The rows of all tables in markup."""
    tables = _Tables()
    tables.feed(text)
    tables.close()
    return tables.rows

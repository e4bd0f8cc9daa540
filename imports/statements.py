"""A bill in memory: recognise its table by what the columns are, read every row, say what was understood."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from imports import archives, headers, iso20022, layouts, markup, pages, pictures, six_digits, swift, yearless
from imports.cells import is_empty, parse_moment
from imports.columns import Columns, headings_seen, is_header, recognise, roles_named
from imports.edited import Edits
from imports.headings import Role, role_of
from imports.invoice_columns import is_invoice_heading
from imports.lines import CounterpartyKeys, NormalisedLine
from imports.long_cells import stopped
from imports.misreadings import StatementNotUnderstood
from imports.preamble import read_preamble
from imports.reading import Reader
from imports.remarks import is_footer, is_lone
from imports.sheets import DELIMITERS, LARGEST_FILE_BYTES, Sheet, Text, check_size, decode, looks_like, workbook_sheets
from imports.summary import StatementSummary, summarise
from imports.table import Line, Row, Seen, Table
from imports.tally import Source, Tally
from imports.vectors import Piece, Vectors, Vectorwise, after, pieces

READ = frozenset({"text", "markup", "xlsx", "xls", "mt940", "camt", "pdf", "picture"})
LARGEST_TYPED_BYTES = 4 * 1024 * 1024  # every word of such a text becomes an object
DEEPEST_HEADER = 200  # a heading stands above the data; some exports say fifty lines of law first
SAMPLE = 300


class NeedsRecognition(Exception):
    """The file is a picture, and this process was not made for reading pictures: another one is."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A bill that was read: its lines in the order of the file, and what was understood."""

    name: str
    lines: tuple[NormalisedLine, ...]
    summary: StatementSummary


def read(data: bytes, name: str = "", *, today: str = "", limit_bytes: int = LARGEST_FILE_BYTES) -> Statement:
    """Reads a whole bill.

    ``name`` is only kept for messages: what a file is, its content says. ``today`` (``YYYY-MM-DD``) is the business
    date that no line may lie after; empty for no such check. Raises StatementNotUnderstood; a single row that is not
    understood is named in the summary instead.
    """
    reading = Reading(data, today=today, limit_bytes=limit_bytes)
    lines = [NormalisedLine(*line[:-1]) for block in reading.blocks() for line in block]
    return statement_of(name, lines, reading.summary())


def statement_of(name: str, lines: list[NormalisedLine], summary: StatementSummary) -> Statement:
    """Lines as they were read, in the order of the file and without descriptions that say nothing."""
    lines = [line._replace(description="") if is_empty(line.description) else line for line in lines]
    lines.sort(key=lambda line: line.row)
    return Statement(name, tuple(lines), summary)


class Reading:
    """One pass over a file: ``blocks`` to its end, then ``summary``."""

    def __init__(
        self,
        data: bytes,
        *,
        today: str = "",
        limit_bytes: int = LARGEST_FILE_BYTES,
        keys: CounterpartyKeys | None = None,
        recognise: bool = True,
    ) -> None:
        check_size(data, limit_bytes)
        kind = looks_like(data)
        self._encoding = kind
        self._parts = (
            [(name, part, looks_like(part)) for name, part in archives.members(data)]
            if kind == "zip"
            else [("", data, kind)]
        )
        inner = {found for _, _, found in self._parts}
        if "zip" in inner:
            raise StatementNotUnderstood("archive_inside")
        if not inner & READ:
            raise StatementNotUnderstood(f"{min(inner)}_file")
        self._today = today
        self._keys = keys
        self._recognise = recognise
        self.tally = Tally()
        self._edits = Edits()
        self._first: tuple[Source, Columns] | None = None

    def blocks(self) -> Iterator[list[Line]]:
        """Lines in blocks. Raises StatementNotUnderstood at any point: nothing may be kept before the end."""
        for block in self._blocks(vectors=False):
            if not isinstance(block, Vectors):
                yield block

    def parts(self) -> Iterator[list[Line] | Vectors]:
        """The same, those of a long file as vectors where they can be."""
        return self._blocks(vectors=True)

    def _blocks(self, *, vectors: bool) -> Iterator[list[Line] | Vectors]:
        seen: Seen = {}
        occurrences: Counter[str] = Counter()
        first_row = 1
        misfit: StatementNotUnderstood | None = None
        for sheet in self._sheets():
            self.tally.notices += sheet.notices
            try:
                columns, preamble_rows, rows, header_row, ready = _find_table(sheet, self._today)
            except StatementNotUnderstood as error:
                misfit = misfit or error
                continue
            preamble = read_preamble(preamble_rows)
            layout = layouts.layout_of(columns, preamble.text)
            source = Source(layout, layouts.family_of(layout, preamble.account_tail), preamble, self._today)
            self._first = self._first or (source, columns)
            table = Table(columns, source, self.tally, self._keys, delimited=sheet.text is not None)
            reader = Reader(table, seen, occurrences)
            more: Iterator[Piece | list[Row]] = iter(())
            if vectors and ready is not None and sheet.text is not None and Vectorwise.suits(table):
                begin = after(sheet.text, sheet.rows.line_num)  # pyright: ignore[reportAttributeAccessIssue]
                if begin is not None:
                    rows, more = islice(rows, ready), pieces(sheet.text, sheet.delimiter, begin)
            try:
                for block in reader.blocks(rows, first_row + header_row, more):
                    self._edits.look(block)
                    yield block
            except csv.Error:
                raise stopped(sheet.text, sheet.delimiter) from None
            if sheet.text is not None:
                _refuse_cut(sheet.text, reader.last_row, columns)
            first_row = self.tally.rows + 1
        if self._first is None:
            raise misfit or StatementNotUnderstood("empty")
        self._judge()

    def summary(self) -> StatementSummary:
        """What was understood; only after ``blocks`` came to its end."""
        if self._first is None:
            raise RuntimeError("the file is not read yet")
        source, columns = self._first
        summary = summarise(tally=self.tally, source=source, columns=columns, encoding=self._encoding)
        if any(notice.code == "read_from_picture" for notice in summary.notices):
            return summary  # a number misread from a picture is no number that somebody typed
        return replace(summary, notices=(*summary.notices, *self._edits.notices()))

    def _sheets(self) -> Iterator[Sheet]:
        for name, data, kind in self._parts:
            if kind in ("xlsx", "xls"):
                yield from workbook_sheets(data, kind)
            elif kind == "mt940":
                yield from swift.sheets(data)
            elif kind == "camt":
                yield from iso20022.sheets(data)
            elif kind == "pdf":
                yield from self._printed(name, data)
            elif kind == "picture":
                yield from self._recognised(name, iter([pictures.picture(data)]))
            elif kind in ("text", "markup"):
                text = decode(data)
                if len(self._parts) == 1:
                    self._encoding = text.named
                yield _written(name, text, kind)

    def _printed(self, name: str, data: bytes) -> Iterator[Sheet]:
        """A PDF by its text; one without any is a scan."""
        words = pictures.pdf_pages(data)
        if sum(len(page) for page in words) > 3 * len(words):
            yield Sheet(name, pages.rows_of(words))
        else:
            yield from self._recognised(name, pictures.pdf_pictures(data))

    def _recognised(self, name: str, images: Iterator[Any]) -> Iterator[Sheet]:
        if not self._recognise:
            raise NeedsRecognition
        self.tally.recognised = True
        yield Sheet(name, pages.rows_of(pictures.recognition().words(image) for image in images))

    def _judge(self) -> None:
        tally = self.tally
        if tally.future_count:
            row, day = tally.future[0]
            raise StatementNotUnderstood(
                "future_date", where=str(row), date=day, today=self._today, rows=tally.future_count
            )
        if not tally.lines:
            if tally.not_understood:
                row, code, _ = tally.not_understood[0]
                raise StatementNotUnderstood(
                    "nothing_understood", where=str(row), rows=tally.not_understood_count, first=code
                )
            raise StatementNotUnderstood("no_lines")


def _written(name: str, text: Text, kind: str) -> Sheet:
    """A text's rows: of its markup, by its delimiter, or by where words stand when there is none."""
    if kind == "markup":
        return Sheet(name, iter(markup.rows_of(text.data.decode(text.encoding))))
    delimiter = _delimiter(text)
    if not delimiter and len(text.data) <= LARGEST_TYPED_BYTES and b"  " in text.data:
        rows = list(pages.rows_of([pages.typed(text.data.decode(text.encoding))]))
        if any(map(is_header, rows)):
            return Sheet(name, iter(rows))
    return Sheet(name, text.rows(delimiter or ","), text, delimiter=delimiter or ",")


def _delimiter(text: Text) -> str:
    """The delimiter under which a heading row names most columns; of equals the one that makes most cells; or empty."""
    head = text.head(DEEPEST_HEADER)
    best, most = "", (0, 0)
    for delimiter in DELIMITERS:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # what stands above a cell that is too long tells enough
            rows.extend(head.rows(delimiter))
        for row, under in zip(rows, [*rows[1:], []], strict=False):
            for heading in (row, headers.joined(row, under)):
                if heading and is_header(heading) and (named := (roles_named(heading), len(row))) > most:
                    best, most = delimiter, named
    return best


def _find_table(sheet: Sheet, today: str) -> tuple[Columns, list[list[str]], Iterator[Sequence[str]], int, int | None]:
    """The columns, the rows above the heading, the rows under it, the number of the heading's last row, and how many of
    the rows under it are in hand; None where the others are not to be taken as the file has them."""
    above: list[list[str]] = []
    head: list[list[str]] = []
    try:
        head.extend(islice(sheet.rows, DEEPEST_HEADER + SAMPLE))
    except csv.Error:
        if any(is_header(row) for row in head):
            raise stopped(sheet.text, sheet.delimiter, sheet.name) from None
        raise StatementNotUnderstood("not_a_bill", where=sheet.name) from None
    unmade = headers.marks_in(head)
    if unmade:
        head = [headers.without_marks(row) for row in head]
    wrong: StatementNotUnderstood | None = None
    for number, row in enumerate(head[:DEEPEST_HEADER], start=1):
        if is_invoice_heading(row):
            raise StatementNotUnderstood("invoice_list", where=str(number))
        heading, height = headers.heading_at(head, number - 1)
        if not heading:
            above.append(row)
            continue
        last = number + height - 1
        body = [row for row in head[last : last + SAMPLE] if len(row) > 1 and not is_footer(row)]
        sample = [row for row in body if not headers.repeats(row, heading)]
        as_told = not unmade
        rows: Iterator[Sequence[str]] = chain(
            head[last:], map(headers.without_marks, sheet.rows) if unmade else sheet.rows
        )
        if (dated := _without_years(heading, sample)) is not None:
            period = yearless.period_of(read_preamble(above), [row[dated] for row in sample if dated < len(row)])
            if period is None:
                shown = next(row[dated].strip() for row in sample if dated < len(row))
                wrong = wrong or StatementNotUnderstood(
                    "dates_without_year", where=str(number), column=heading[dated].strip()[:20], cell=shown[:20]
                )
                above.append(row)
                continue
            sample = list(yearless.with_years(sample, dated, period))
            as_told = False
            rows = yearless.with_years(rows, dated, period)
        try:
            six = six_digits.column_of(heading, sample, at_row=number, today=today)
        except StatementNotUnderstood as error:
            wrong = wrong or error
            above.append(row)
            continue
        if six is not None:
            sample, rows, as_told = (
                list(six_digits.with_years(sample, six, today)),
                six_digits.with_years(rows, six, today),
                False,
            )
        try:
            columns = recognise(last, heading, sample)
        except KeyError as error:
            # A list of totals above the table has headings too; the table itself may still come.
            shown = _shown(heading)
            wrong = wrong or StatementNotUnderstood(f"no_{error.args[0]}_column", where=str(number), seen=shown)
            above.append(row)
            continue
        if sheet.text is None or sheet.text.mentions(*headers.SUMS):
            rows, as_told = headers.subtotals_left_out(rows), False
        if headers.days_stand_once(sample, columns):
            rows, as_told = headers.filled_down(rows, columns), False
        return columns, above, rows, last, len(head) - last if as_told else None
    if wrong is not None:
        raise wrong
    row, missing = headings_seen(head)
    if row and len(missing) == 1:
        raise StatementNotUnderstood(f"no_{missing[0]}_column", where=sheet.name, seen=_shown(row))
    if (bare := _bare(head)) is not None:
        raise StatementNotUnderstood("no_heading", where=str(bare + 1), seen=_shown(head[bare]))
    raise StatementNotUnderstood("not_a_bill", where=sheet.name)


def _without_years(heading: Sequence[str], sample: Sequence[Sequence[str]]) -> int | None:
    """The column of days that have no year; None where a day is whole."""
    found = None
    for position, name in enumerate(heading):
        named = role_of(name)
        cells = [row[position] for row in sample if position < len(row) and not is_empty(row[position])]
        if named is None or named[0] != Role.MOMENT or not cells:
            continue
        if any((moment := parse_moment(cell)) is not None and moment.day for cell in cells):
            return None
        if found is None and sum(map(yearless.is_day, cells)) * 2 > len(cells):
            found = position
    return found


def _bare(head: Sequence[Sequence[str]]) -> int | None:
    """The first of rows that hold a day and an amount, and no heading over them."""
    for at, row in enumerate(head[:DEEPEST_HEADER]):
        days = any((moment := parse_moment(cell)) is not None and moment.day for cell in row)
        if days and any("." in cell and headers.is_amount(cell) for cell in row):
            return at
    return None


def _shown(row: Sequence[str]) -> str:
    return ", ".join([cell.strip()[:20] for cell in row if cell.strip()][:12])


def _refuse_cut(text: Text, last: Sequence[str], columns: Columns) -> None:
    """A download that broke off ends in the middle of a row: its totals would be wrong without anybody noticing."""
    if text.cut:
        raise StatementNotUnderstood("truncated", reason="character")
    embedded = sum(cell.count("\n") for cell in last)
    if embedded and text.last_lines(embedded + 1).count('"') % 2:
        raise StatementNotUnderstood("truncated", reason="quote")
    if text.ends_with_newline or not last:
        return
    if text.last_lines(1).count('"') % 2:
        raise StatementNotUnderstood("truncated", reason="quote")
    named = max(position for position, heading in enumerate(columns.headings, start=1) if heading)
    begins_a_row = len(last) > 1 or (last[0].strip()[:1].isdigit() and len(last[0].strip()) <= 19)
    if len(last) < named and begins_a_row and not (is_footer(last) or is_lone(last)):
        raise StatementNotUnderstood("truncated", reason="row", last=" ".join(last)[:60])

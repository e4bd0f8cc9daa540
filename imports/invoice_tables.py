"""The bytes of an invoice list as tables of text cells: csv, xls (also one of markup), xlsx and parquet, each also
gzipped."""

import csv
import io
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from imports import markup
from imports.cells import is_empty, parse_moment
from imports.headings import plain_heading
from imports.invoice_columns import InvoiceColumns, Role, is_heading, recognise, role_of, shown
from imports.long_cells import stopped
from imports.misreadings import StatementNotUnderstood
from imports.sheets import (
    DELIMITERS,
    LARGEST_UNPACKED_BYTES,
    Sheet,
    Text,
    check_size,
    decode,
    looks_like,
    workbook_sheets,
)

DEEPEST_HEADER = 200
SAMPLE = 300
_BATCH = 4_096
_PARQUET, _GZIP = b"PAR1", b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Found:
    """A table in a file: its columns, what stands above it, its rows, and the number of the row below its heading."""

    sheet: str
    columns: InvoiceColumns
    above: tuple[tuple[str, ...], ...]
    rows: Iterator[list[str]]
    first_row: int
    text: Text | None = None  # where it came from, for a text file
    delimiter: str = ","


def tables(data: bytes, given: Mapping[Role, str], *, limit_bytes: int) -> Iterator[Found]:
    """The tables of a file that hold invoices. Raises StatementNotUnderstood when there is none."""
    check_size(data, limit_bytes)
    misfit: StatementNotUnderstood | None = None
    any_found = False
    for sheet in _sheets(data):
        try:
            found = _table(sheet, given)
        except StatementNotUnderstood as error:
            misfit = misfit or error
            continue
        any_found = True
        yield found
    if not any_found:
        raise misfit or StatementNotUnderstood("empty")


def _sheets(data: bytes) -> Iterator[Sheet]:
    if data.startswith(_GZIP):
        data = _unpacked(data)
        check_size(data, LARGEST_UNPACKED_BYTES)
    if data.startswith(_PARQUET):
        yield Sheet("", _parquet(data))
        return
    match looks_like(data):
        case "text" | "markup" as kind:
            text = decode(data)
            if text.cut:
                raise StatementNotUnderstood("truncated", reason="character")
            if kind == "markup":
                yield Sheet("", iter(markup.rows_of(text.data.decode(text.encoding))))
            else:
                delimiter = _delimiter(text)
                yield Sheet("", text.rows(delimiter), text, delimiter=delimiter)
        case "xlsx" | "xls" as kind:
            yield from workbook_sheets(data, kind)
        case "zip":
            raise StatementNotUnderstood("archive_file")
        case "mt940" | "camt":
            raise StatementNotUnderstood("not_a_bill")
        case other:
            raise StatementNotUnderstood(f"{other}_file")


def _unpacked(data: bytes) -> bytes:
    """What a gzip holds, counted while it is unpacked."""
    opened = zlib.decompressobj(wbits=31)
    try:
        out = opened.decompress(data, LARGEST_UNPACKED_BYTES + 1)
    except zlib.error:
        raise StatementNotUnderstood("broken") from None
    if len(out) > LARGEST_UNPACKED_BYTES:
        raise StatementNotUnderstood("unpacks_too_large", limit=LARGEST_UNPACKED_BYTES // 1024**2)
    if not opened.eof:
        raise StatementNotUnderstood("truncated")
    return out


def _parquet(data: bytes) -> Iterator[list[str]]:
    """The rows of a parquet file as text, its column names first, by batches. Raises ``broken``."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        groups = [file.metadata.row_group(n) for n in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > LARGEST_UNPACKED_BYTES:
            raise StatementNotUnderstood("unpacks_too_large", limit=LARGEST_UNPACKED_BYTES // 1024**2)
        yield [str(name) for name in file.schema_arrow.names]
        for batch in file.iter_batches(_BATCH, use_threads=False):
            columns = [[_as_text(value) for value in column.to_pylist()] for column in batch.columns]
            yield from (list(row) for row in zip(*columns, strict=True))
    except (pa.ArrowException, OSError, ValueError):
        raise StatementNotUnderstood("broken") from None


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return (
                "" if value != value else str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
            )
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _delimiter(text: Text) -> str:
    head = text.head(DEEPEST_HEADER)
    best, most = ",", 0
    for delimiter in DELIMITERS:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # what stands above a cell that is too long tells enough
            rows.extend(head.rows(delimiter))
        named = max((sum(1 for cell in row if role_of(cell)) for row in rows), default=0)
        if named > most:
            best, most = delimiter, named
    return best


def _table(sheet: Sheet, given: Mapping[Role, str]) -> Found:
    try:
        head = list(islice(sheet.rows, DEEPEST_HEADER + SAMPLE))
    except csv.Error:
        raise stopped(sheet.text, sheet.delimiter, sheet.name) from None
    if not any(any(cell.strip() for cell in row) for row in head):
        raise StatementNotUnderstood("empty", where=sheet.name)
    number = _heading_row(head, given)
    if number is None:
        filled = next((row for row in head if len([cell for cell in row if cell.strip()]) >= 3), [])
        raise StatementNotUnderstood("not_invoices", where=sheet.name, seen=shown(filled))
    sample = [row for row in head[number:] if len(row) > 1][:SAMPLE]
    columns = recognise(number, head[number - 1], sample, given)
    above = tuple(tuple(row) for row in head[: number - 1])
    return Found(sheet.name, columns, above, chain(head[number:], sheet.rows), number + 1, sheet.text, sheet.delimiter)


def _heading_row(head: list[list[str]], given: Mapping[Role, str]) -> int | None:
    """The heading's row, from 1: the one that holds what is mapped, else the first that names an invoice's columns.

    A table whose first full row holds words and whose next one holds a day is headed by it, whatever it is called.
    """
    wanted = {plain_heading(heading) for heading in given.values() if not heading.isdecimal()}
    for n, row in enumerate(head[:DEEPEST_HEADER], start=1):
        if wanted and wanted <= {plain_heading(cell) for cell in row}:
            return n
    for n, row in enumerate(head[:DEEPEST_HEADER], start=1):
        if is_heading(row):
            return n
    for n, row in enumerate(head[: DEEPEST_HEADER - 1], start=1):
        filled = [cell for cell in row if not is_empty(cell)]
        if len(filled) >= 3 and not any(_is_value(cell) for cell in filled):
            under = head[n] if n < len(head) else []
            return n if any(_is_value(cell) for cell in under if cell.strip()) else None
    return None


def _is_value(cell: str) -> bool:
    return any(character.isdigit() for character in cell) and (
        parse_moment(cell) is not None or cell.strip().replace(".", "").replace(",", "").lstrip("-¥￥$").isdecimal()
    )

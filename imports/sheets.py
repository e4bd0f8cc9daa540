"""The bytes of a file as sheets of text cells: csv in any usual encoding, xlsx and xls. No cell is ever evaluated."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from imports.archives import LARGEST_PACKING_RATIO, LARGEST_UNPACKED_BYTES, holds_workbook
from imports.markup import holds_table
from imports.misreadings import Notice, StatementNotUnderstood
from infra.unlocking import locked

LARGEST_FILE_BYTES = 20 * 1024 * 1024
LONGEST_CELL = 8_192
DELIMITERS = (",", "\t", ";", "|")

_CAMT = re.compile(rb"camt\.05[234]")
_MT940 = (re.compile(rb"(?:^|[\n{}]) ?:20:"), re.compile(rb"\n ?:60[FM]:"))

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file. ``rows`` may be iterated once."""

    name: str
    rows: Iterator[list[str]]
    text: "Text | None" = None  # where it came from, for a text file: its end says whether it is whole
    notices: "Sequence[Notice]" = ()  # what the format itself says does not add up
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Text:
    """A text file whose bytes were proved to be good in ``encoding``; decoded again line by line as it is read.

    ``cut`` when its last character is half there.
    """

    data: bytes
    encoding: str
    named: str  # the encoding that the file came in
    cut: bool = False

    def rows(self, delimiter: str) -> Iterator[list[str]]:
        """The rows; blank ones are empty lists."""
        return text_rows(io.TextIOWrapper(io.BytesIO(self.data), self.encoding, newline=""), delimiter)

    def head(self, lines: int) -> "Text":
        """The first lines alone, to find the delimiter and the heading in."""
        end = -1
        for _ in range(lines):
            end = self.data.find(b"\n", end + 1)
            if end < 0:
                return self
        return Text(self.data[: end + 1], self.encoding, self.named)

    def last_lines(self, count: int) -> str:
        """The last lines with what separates them."""
        kept = self.data.rstrip(b"\r\n").rsplit(b"\n", count)[-count:]
        return b"\n".join(kept).decode(self.encoding, "replace")

    def mentions(self, *words: str) -> bool:
        """Whether one of these words stands anywhere in it; Latin ones in either case."""
        data = self.data
        return any(
            form.encode(self.encoding, "ignore") in data
            for word in words
            for form in {word, word.upper(), word.title()}
        )

    @property
    def ends_with_newline(self) -> bool:
        return self.data.endswith((b"\n", b"\r"))


def text_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Lines as rows of cells: a ``csv.reader``, which counts in ``line_num`` how many it has taken."""
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")


def check_size(data: bytes, limit: int = LARGEST_FILE_BYTES) -> None:
    """Raises StatementNotUnderstood ``empty`` or ``too_large``."""
    if not data.strip():
        raise StatementNotUnderstood("empty")
    if len(data) > limit:
        raise StatementNotUnderstood("too_large", megabytes=round(len(data) / 1024**2, 1), limit=limit // 1024**2)


def looks_like(data: bytes) -> str:
    """What a file is by its bytes, never by its name.

    ``text``, ``xlsx``, ``xls``, ``pdf``, ``picture``, ``zip``, ``mt940``, ``camt``, ``markup`` (with a table),
    ``archive`` (of a kind that is not unpacked), ``web_page`` or ``program``.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        workbook = holds_workbook(data)
        if workbook is None:  # cut or damaged: the reader of workbooks says which
            workbook = b"xl/" in data or b"[Content_Types].xml" in data[:2048]
        return "xlsx" if workbook else "zip"
    for magic, kind in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"%PDF", "pdf"),
        (b"\x89PNG", "picture"),
        (b"\xff\xd8\xff", "picture"),
        (b"GIF8", "picture"),
        (b"RIFF", "picture"),
        (b"II*\x00", "picture"),
        (b"MM\x00*", "picture"),
        (b"BM", "picture"),
        (b"Rar!", "archive"),
        (b"7z\xbc\xaf", "archive"),
        (b"\x1f\x8b", "archive"),
        (b"\x7fELF", "program"),
        (b"MZ\x90", "program"),
    ):
        if data.startswith(magic):
            return kind
    start = data[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<?xml", b"<document", b"<ns")) and _CAMT.search(data[:8192]):
        return "camt"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif"):
        return "picture"
    if data[:1024].lstrip().startswith(b"%PDF"):
        return "pdf"
    if all(tag.search(data[:65_536].replace(b"\r", b"\n")) for tag in _MT940):
        return "mt940"
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script")):
        return "markup" if holds_table(data) else "web_page"
    return "text"


# --- text -------------------------------------------------------------------------------------------------------------


def decode(data: bytes) -> Text:
    """The text of a csv: by its byte-order mark, else UTF-16 by its zeros, else UTF-8, else GB18030.

    Raises StatementNotUnderstood ``wrong_encoding`` when none of them fits and ``nul`` when a zero character is inside.
    """
    if data.startswith(codecs.BOM_UTF8):
        text = _proved(data[3:], "utf-8")
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _from_utf16(data, "utf-16")
    elif (wide := _wide(data[:4096])) is not None:
        text = _from_utf16(data, wide)
    else:
        text = _proved(data, "utf-8") or _told(data)
    if text is None:
        raise StatementNotUnderstood("wrong_encoding", tried="UTF-8, UTF-16, GB18030")
    # Neither UTF-8 nor GB18030 uses a zero byte inside another character, nor a line feed.
    if (at := text.data.find(b"\x00")) >= 0:
        raise StatementNotUnderstood("nul", where=str(text.data.count(b"\n", 0, at) + 1))
    if _is_noise(text.data[:60_000].decode(text.encoding, "ignore")):
        raise StatementNotUnderstood("wrong_encoding", tried="UTF-8, UTF-16, GB18030")
    return text


# Words that stand over a bill's columns, in the characters of each script.
_TELLING = {
    "gb18030": re.compile("日期|时间|金额|余额|摘要|交易"),
    "big5hkscs": re.compile("日期|時間|金額|餘額"),
    "cp932": re.compile("日付|残高|年月日|取引"),
}
_LATIN = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")


def _told(data: bytes) -> Text | None:
    """The text of an older encoding: the one in which the headings are words, else GB18030 where that fits.

    Western letters stand alone among plain ones, Chinese characters are two such bytes each.
    """
    found = [text for encoding in _TELLING if (text := _proved(data, encoding)) is not None]
    for text in found:
        if _TELLING[text.encoding].search(text.data[:20_000].decode(text.encoding, "ignore")):
            return text
    alone, high = len(_LATIN.findall(data[:60_000])), sum(byte > 0x7F for byte in data[:60_000])
    if alone * 10 >= high * 9 and (western := _proved(data, "cp1252")) is not None:
        return western
    return next((text for text in found if text.encoding == "gb18030"), None)


def _from_utf16(data: bytes, encoding: str) -> Text | None:
    even = data[: len(data) & ~1]
    try:
        content = even.decode(encoding)
    except UnicodeDecodeError:
        return None
    if "\udc00" <= max(content, default="") <= "\udfff":
        return None
    return Text(content.encode("utf-8"), "utf-8", "utf-16", cut=len(even) < len(data))


def _wide(start: bytes) -> str | None:
    # ASCII digits and commas in UTF-16 leave a zero in every second byte.
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 8 < len(start) or min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _proved(data: bytes, encoding: str) -> Text | None:
    """The text when every byte of it is good in an encoding; by pieces, since a whole copy would cost memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    piece = 1 << 20
    for start in range(0, len(data), piece):
        try:
            decoder.decode(data[start : start + piece])
        except UnicodeDecodeError:
            return None
    left = len(decoder.getstate()[0])
    if not left:
        return Text(data, encoding, encoding)
    # A file that was cut in the middle of a character is a cut file, not one in another encoding.
    return Text(data[:-left], encoding, encoding, cut=True) if len(data) > 64 else None


def _is_noise(sample: str) -> bool:
    # Bytes of another encoding that GB18030 happens to accept come out as control, private-use and rare characters.
    strange = sum(
        1
        for character in sample
        if (character < " " and character not in "\t\r\n\x0c")
        or "\ue000" <= character <= "\uf8ff"
        or "\x7f" <= character < "\xa0"
    )
    return strange * 50 > len(sample)


# --- workbooks --------------------------------------------------------------------------------------------------------


def workbook_sheets(data: bytes, kind: str) -> Iterator[Sheet]:
    """The sheets of an xlsx or xls as text cells; a formula counts as the value that was stored with it.

    Raises StatementNotUnderstood ``truncated``, ``encrypted``, ``unpacks_too_large`` or ``broken``.
    """
    if kind == "xlsx":
        _check_unpacked(data)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = workbook.sheet_names
    except PasswordError:
        raise StatementNotUnderstood("encrypted") from None
    except ZipError:
        raise StatementNotUnderstood("truncated") from None
    except (CalamineError, ValueError, OSError) as error:
        if locked(data) or "assword" in str(error) or "ncrypt" in str(error):
            raise StatementNotUnderstood("encrypted") from None
        raise StatementNotUnderstood("truncated" if _cut_compound(data) else "broken") from None
    for name in names:
        try:
            sheet = workbook.get_sheet_by_name(name)
            rows = sheet.iter_rows()
        except (CalamineError, ValueError, OSError):
            raise StatementNotUnderstood("broken", where=name) from None
        yield Sheet(name, ([_as_text(cell) for cell in row] for row in rows))


def _cut_compound(data: bytes) -> bool:
    # An OLE2 file is a whole number of sectors of 512 bytes.
    return len(data) % 512 != 0


def _check_unpacked(data: bytes) -> None:
    """Unpacks by streaming and counts what really comes out: sizes in a zip's header are the sender's word."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.flag_bits & 1:
                    raise StatementNotUnderstood("encrypted")
                with archive.open(entry) as part:
                    while chunk := part.read(1 << 20):
                        total += len(chunk)
                        ratio = total / max(len(data), 1)
                        if total > LARGEST_UNPACKED_BYTES or (ratio > LARGEST_PACKING_RATIO and total > 1 << 24):
                            raise StatementNotUnderstood("unpacks_too_large", limit=LARGEST_UNPACKED_BYTES // 1024**2)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError):
        raise StatementNotUnderstood("truncated") from None
    except Exception as error:
        if isinstance(error, StatementNotUnderstood):
            raise
        raise StatementNotUnderstood("broken") from None  # zlib.error and whatever a made-up archive provokes


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return "" if cell is None else str(cell)

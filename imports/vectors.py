"""The usual rows of a long bill, some ten thousand at a time, as Arrow's and numpy's vectors.

It has no rules of its own: each distinct cell is understood by the memories of ``imports.columnwise``, and whatever is
not surely usual is handed back, a row or a whole piece. A test holds all ways to the same answers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imports.cells import WITHOUT_COINS
from imports.columnwise import Columnwise, Unusual
from imports.lines import FINGERPRINT_BYTES
from imports.sheets import LONGEST_CELL, Text, text_rows
from imports.table import COUNTED, NO_REFERENCE, NOBODY, NULL, Name, Row, Seen, Table

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_BYTES = 4 << 20  # of a file: a shorter one is read sooner than Arrow is loaded
PIECE_BYTES = 2 << 20
ROWS_ALONE = 1_000  # where a piece cannot be read as vectors
_SPACES = "".join(map(chr, [*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029,
                            0x202F, 0x205F, 0x3000]))  # fmt: skip
_MOMENT = b"0000-00-00 00:00:00"
_LINE_FEED, _CARRIAGE_RETURN, _QUOTE, _ZERO = 10, 13, 34, 48
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole rows in UTF-8, each on one line; a quote, where there is one, holds a whole cell and no other quote."""

    data: bytes
    delimiter: str
    rows: int

    def cells(self, lines: Iterable[bytes] | None = None) -> list[Row]:
        """The rows, or those in some lines, as text cells."""
        told = self.data.splitlines() if lines is None else lines
        return list(text_rows((line.decode() for line in told), self.delimiter))

    @property
    def last(self) -> Row:
        """The last row."""
        return self.cells([self.data[self.data.rfind(b"\n", 0, -1) + 1 :].rstrip(b"\r\n")])[-1]


def after(text: Text, lines: int) -> int | None:
    """Where a text goes on behind so many lines, in bytes; None where it is short or ends lines in a way of its own."""
    data, start = text.data, 0
    if len(data) < LEAST_BYTES:
        return None
    for _ in range(lines):
        start = data.find(b"\n", start) + 1
    return start if data.count(b"\r", 0, start) == data.count(b"\r\n", 0, start) else None


def pieces(text: Text, delimiter: str, start: int) -> Iterator[Piece | list[Row]]:
    """What stands behind some bytes of a file, in pieces; from the first that is not plainly quoted on, rows."""
    data = text.data
    while (end := data.rfind(b"\n", start, start + PIECE_BYTES) + 1) > start:
        part = data[start:end]
        if text.encoding != "utf-8":
            part = part.decode(text.encoding).encode()
        if not _is_plain(part, delimiter):
            break
        yield Piece(part, delimiter, part.count(b"\n"))
        start = end
    if start < len(data):
        rows = Text(data[start:], text.encoding, text.named).rows(delimiter)
        while chunk := list[Row](islice(rows, ROWS_ALONE)):
            yield chunk


class Vectors:
    """Lines of a piece as columns of one length; what ``imports.table.Line`` is for one line."""

    def __init__(
        self,
        *,
        numbers: Integers,
        at: "pa.StringArray",
        minor: Integers,
        references: "pa.StringArray",
        names: Sequence[Name],
        name_of: Integers,
        decided: Sequence[tuple[int, int, int]],
        decision_of: Integers,
        currency: str,
        digests: list[bytes],
    ) -> None:
        self.numbers, self.at, self.minor, self.references = numbers, at, minor, references
        self.names, self.name_of = names, name_of
        self.decided, self.decision_of = decided, decision_of  # direction, kind and flags
        self.currency, self.digests = currency, digests

    def __len__(self) -> int:
        return len(self.digests)

    @property
    def last_row(self) -> int:
        """The number of the last of its rows."""
        return int(self.numbers[-1])

    def copy_rows(self, prefix: str) -> bytes:
        """Text rows in the order of ``imports.lines.COPY_COLUMNS``."""
        import pyarrow as pa

        pc = _compute()

        start = prefix.encode()
        head = np.empty((len(self), len(start) + 2 * FINGERPRINT_BYTES), np.uint8)
        head[:, : len(start)] = np.frombuffer(start, np.uint8)
        told = np.frombuffer(b"".join(self.digests).hex().encode(), np.uint8)
        head[:, len(start) :] = told.reshape(len(self), -1)
        offsets = np.arange(len(self) + 1, dtype=np.int32) * head.shape[1]
        kinds = pa.array([f"{self.currency}\t{kind}" for _, kind, _ in self.decided])
        rows = pc.binary_join_element_wise(
            pa.StringArray.from_buffers(len(self), pa.py_buffer(offsets), pa.py_buffer(head)),
            pa.array(self.numbers).cast(pa.string()),
            self.at,
            pc.utf8_slice_codeunits(self.at, 0, 10),
            pa.array([str(way) for way, _, _ in self.decided]).take(pa.array(self.decision_of)),
            pa.array(self.minor).cast(pa.string()),
            kinds.take(pa.array(self.decision_of)),
            pa.array([name[3] for name in self.names]).take(pa.array(self.name_of)),
            pa.array([f"{flags}\t{NULL}\n" for *_, flags in self.decided]).take(pa.array(self.decision_of)),
            "\t",
        )
        return _bytes_of(rows).tobytes()

    def weights(self) -> Iterator[tuple[str, str, int]]:
        """Key, name and what moved of each counterparty that is named, in minor units."""
        sums = np.zeros(len(self.names), np.int64)
        np.add.at(sums, self.name_of, self.minor)
        there = np.bincount(self.name_of, minlength=len(self.names))
        for code in np.flatnonzero(there).tolist():
            name, _, _, key = self.names[code]
            if key != NULL:
                yield key, name, int(sums[code])

    def marks(self) -> list[tuple[int, str, int, str]]:
        """Row, moment, amount and number of each line."""
        told = (self.numbers.tolist(), self.at.to_pylist(), self.minor.tolist(), self.references.to_pylist())
        return list(zip(*told, strict=True))


class Vectorwise:
    """Reads pieces of one table's rows by the memories of a :class:`Columnwise`."""

    def __init__(self, table: Table, seen: Seen, memories: Columnwise) -> None:
        self._table, self._seen, self._memories = table, seen, memories

    @staticmethod
    def suits(table: Table) -> bool:
        """Whether a table is of the usual kind: a moment, an amount and a number for each line, and no balance."""
        others = (table.time_at, table.balance_at, table.currency_at, table.refunded_at)
        usual = isinstance(table.money_at, int) and table.reference_at is not None and table.columns.has_clock
        return usual and all(position is None for position in others) and not table.tally.recognised

    def read(self, piece: Piece, first_row: int) -> tuple[Vectors | None, Unusual] | None:
        """The usual rows' lines, counted, and the rows left over; None where the piece has to be read by rows."""
        import pyarrow as pa

        pc = _compute()

        table, tally = self._table, self._table.tally
        cells = None if tally.currency in WITHOUT_COINS else _columns(piece)
        if cells is None or not table.width <= len(cells) <= table.most_cells:
            return None
        moments = self._moments(_trimmed(cells[table.date_at]))
        if moments is None or table.reference_at is None or not isinstance(table.money_at, int):
            return None
        at, days, day_of, odd = moments
        manners, manner_of = self._manners(cells)
        amounts, amount_of = _understood(self._memories.amounts, cells[table.money_at])
        references = _trimmed(cells[table.reference_at])
        odd |= np.array([manner is None for manner in manners])[manner_of]
        odd |= np.array([amount is None for amount in amounts])[amount_of]
        odd |= pc.is_in(references, pa.array(sorted(NO_REFERENCE))).to_numpy(zero_copy_only=False)
        for beyond in cells[table.named :]:  # what the heading does not name
            odd |= pc.not_equal(_trimmed(beyond), "").to_numpy(zero_copy_only=False)
        keep = np.flatnonzero(~odd)
        unusual = self._rows(piece, np.flatnonzero(odd), first_row)
        if not len(keep):
            return None, unusual
        manner_of, day_of = manner_of[keep], day_of[keep]
        signed = np.array([amount or 0 for amount in amounts], np.int64)[amount_of[keep]]
        names, name_of = [NOBODY], np.zeros(len(keep), np.int64)
        if table.name_at is not None:
            names, name_of = _understood(table.names, cells[table.name_at])
            name_of = name_of[keep]
        bits = np.array([0 if manner is None else manner[1] for manner in manners], np.int64)[manner_of]
        bits |= np.array([name[1] for name in names], np.int64)[name_of]
        for position in table.describing:
            words, word_of = _understood(table.words, cells[position])
            bits |= np.array(words, np.int64)[word_of[keep]]
        if table.direction_at is None:
            ways, minor = np.where(signed >= 0, 1, -1), np.abs(signed)
        else:
            ways = np.array([0 if manner is None else manner[0] for manner in manners], np.int64)[manner_of]
            minor = signed
        own = np.array([name[2] for name in names], np.int64)[name_of]
        found, decision_of = np.unique((bits * 3 + ways + 1) * 2 + own, return_inverse=True)
        decided = [table.kinds[code // 6, code // 2 % 3 - 1, bool(code % 2)] for code in found.tolist()]
        if len(unusual):
            at, references = at.take(pa.array(keep)), references.take(pa.array(keep))
        digests = self._fingerprints(references, at, minor)
        texts = [name[0] for name in names]
        pair, pair_of = np.unique(name_of * 3 + ways + 1, return_inverse=True)
        about = [(texts[code // 3], code % 3 - 1) for code in pair.tolist()]
        if not self._is_fresh(digests):
            return None  # a number that was seen before: whether it is the same line again needs a closer look
        self._seen.update(zip(digests, map(about.__getitem__, pair_of.tolist()), strict=True))
        tally.currency = tally.currency or "CNY"
        self._count(days, day_of, decided, decision_of, ways, minor)
        lines = Vectors(
            numbers=keep + first_row,
            at=at,
            minor=minor,
            references=references,
            names=names,
            name_of=name_of,
            decided=decided,
            decision_of=decision_of,
            currency=tally.currency,
            digests=digests,
        )
        return lines, unusual

    def _rows(self, piece: Piece, places: Integers, first_row: int) -> Unusual:
        if not len(places):
            return []
        lines = piece.data.splitlines()
        rows = piece.cells(lines[place] for place in places.tolist())
        return [(first_row + place, row) for place, row in zip(places.tolist(), rows, strict=True)]

    def _moments(
        self, column: "pa.StringArray"
    ) -> "tuple[pa.StringArray, list[str | None], Integers, NDArray[np.bool_]] | None":
        """The column, its days, the day of each row and the rows that are no moment; None unless all are as long."""
        width = len(_MOMENT)
        signs = _bytes_of(column)
        lengths = np.diff(np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1])
        if (lengths != width).any():
            return None
        form = np.frombuffer(_MOMENT, np.uint8)
        digits = form == _ZERO
        value = signs.reshape(-1, width) - form  # of digits their value; of other signs nothing where they are right
        odd = (value[:, digits] > 9).any(axis=1) | (value[:, ~digits] != 0).any(axis=1)
        number = value.astype(np.int64)
        hour, minute, second = (number[:, place] * 10 + number[:, place + 1] for place in (11, 14, 17))
        odd |= (hour > 23) | (minute > 59) | (second > 59)
        day = number[:, [0, 1, 2, 3, 5, 6, 8, 9]] @ (10 ** np.arange(7, -1, -1))
        codes, day_of = np.unique(np.where(odd, 0, day), return_inverse=True)
        told = [f"{code // 10_000:04}-{code // 100 % 100:02}-{code % 100:02}" for code in codes.tolist()]
        days = [self._memories.days[day] for day in told]
        odd |= np.array([day is None for day in days])[day_of]
        return column, days, day_of, odd

    def _manners(self, cells: "Sequence[pa.StringArray]") -> "tuple[list[tuple[int, int, str] | None], Integers]":
        """What type, direction and status say together, for each combination that stands there."""
        table = self._table
        texts: list[list[str]] = []
        code = np.zeros(len(cells[0]), np.int64)
        for position in (table.type_at, table.direction_at, table.status_at):
            told, of = ([""], 0) if position is None else _encoded(cells[position])
            code = code * len(told) + of
            texts.append(told)
        found, manner_of = np.unique(code, return_inverse=True)
        first, second, third = texts
        keys = [
            (first[one // (len(second) * len(third))], second[one // len(third) % len(second)], third[one % len(third)])
            for one in found.tolist()
        ]
        return [self._memories.manners[key] for key in keys], manner_of

    def _fingerprints(self, references: "pa.StringArray", at: "pa.StringArray", minor: Integers) -> list[bytes]:
        import pyarrow as pa

        pc = _compute()

        minors = pa.array(minor).cast(pa.string())
        contents = pc.binary_join_element_wise(references, at, minors, "\x1f")
        family = f"{self._table.source.family}\x1f".encode()
        return [
            sha256(family + content).digest()[:FINGERPRINT_BYTES] for content in contents.cast(pa.binary()).to_pylist()
        ]

    def _is_fresh(self, digests: list[bytes]) -> bool:
        return self._seen.keys().isdisjoint(digests) and len(set(digests)) == len(digests)

    def _count(
        self,
        days: Sequence[str | None],
        day_of: Integers,
        decided: Sequence[tuple[int, int, int]],
        decision_of: Integers,
        ways: Integers,
        minor: Integers,
    ) -> None:
        tally = self._table.tally
        found, group = np.unique((day_of * len(decided) + decision_of) * 3 + ways + 1, return_inverse=True)
        counts, sums = np.bincount(group), np.zeros(len(found), np.int64)
        np.add.at(sums, group, minor)
        for code, count, amount in zip(found.tolist(), counts.tolist(), sums.tolist(), strict=True):
            day, stated = days[code // 3 // len(decided)] or "", code % 3 - 1
            direction, kind, flags = decided[code // 3 % len(decided)]
            tally.days.add(day)
            tally.add((day[:7], direction, kind, flags & COUNTED, tally.currency), amount, lines=count)
            tally.add_stated(stated, amount, void=False, lines=count)


def _is_plain(data: bytes, delimiter: str) -> bool:
    """Whether each line is a row, quotes hold whole cells and no other quote, and no cell may be too long to be one."""
    if data.count(b"\r") != data.count(b"\r\n") or data.startswith(b"\xef\xbb\xbf"):
        return False
    signs = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(signs == _LINE_FEED)
    if np.diff(ends, prepend=-1).max() > LONGEST_CELL:
        return False
    quotes = np.flatnonzero(signs == _QUOTE)
    if len(quotes) % 2 or (np.searchsorted(quotes, ends) % 2).any():
        return False
    before, behind = signs[quotes[0::2] - 1], signs[quotes[1::2] + 1]  # before the first sign stands the last, a feed
    return bool(
        np.isin(before, (ord(delimiter), _LINE_FEED)).all()
        and np.isin(behind, (ord(delimiter), _CARRIAGE_RETURN, _LINE_FEED)).all()
    )


def _columns(piece: Piece) -> "list[pa.StringArray] | None":
    """The cells by column; None unless each line is a row and all rows have as many cells."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    first = piece.cells([piece.data[: piece.data.index(b"\n")].rstrip(b"\r")])[0]
    names = [str(n) for n in range(len(first))]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(piece.data),
            arrow_csv.ReadOptions(use_threads=False, block_size=len(piece.data) + 1, column_names=names),
            arrow_csv.ParseOptions(delimiter=piece.delimiter, double_quote=False),
            arrow_csv.ConvertOptions(check_utf8=False, column_types=dict.fromkeys(names, pa.string()), null_values=[]),
            memory_pool=pa.system_memory_pool(),  # others reserve more addresses than a confined process has
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != piece.rows:
        return None
    return [column.combine_chunks() for column in table.columns]  # pyright: ignore[reportReturnType]


def _compute() -> Any:
    import pyarrow.compute

    return pyarrow.compute  # its functions are made when it is loaded


def _trimmed(column: "pa.StringArray") -> Any:
    pc = _compute()

    return pc.utf8_trim(column, characters=_SPACES)


def _encoded(column: "pa.StringArray") -> tuple[list[str], Integers]:
    """The distinct cells of a column, and which of them stands in each row."""
    told: Any = column.dictionary_encode()
    return told.dictionary.to_pylist(), told.indices.to_numpy().astype(np.int64)


def _understood(memory: dict[str, Any], column: "pa.StringArray") -> tuple[list[Any], Integers]:
    told, of = _encoded(column)
    return list(map(memory.__getitem__, told)), of


def _bytes_of(column: Any) -> NDArray[np.uint8]:
    """The texts of a column one behind another."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(column.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]

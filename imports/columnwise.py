"""The usual rows of a bill, thousands at a time: each column is understood by one ``map`` over a memory.

It has no rules of its own: whatever does not stand in the usual form it hands back, and ``imports.reading`` takes it
one row at a time. A test holds both to the same answers.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress, repeat
from operator import is_
from typing import Any

from imports.cells import WITHOUT_COINS, Amount, is_empty, parse_clock
from imports.lines import FINGERPRINT_BYTES, Flag
from imports.misreadings import RowNotUnderstood
from imports.table import COUNTED, NO_REFERENCE, NOBODY, Line, Manner, Memory, Name, Row, Seen, Table

_USUAL_AMOUNT = re.compile(r"\s*([¥￥]?)([0-9]{1,9})(?:\.([0-9]{1,2}))?\s*")
_USUAL_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
_USUAL_MOMENTS = re.compile(rf"(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {_USUAL_CLOCK.pattern}\n?)+")
_BY_SIGN = 2

Unusual = list[tuple[int, Row]]
Balances = list[tuple[int, int, int]]  # row, balance, signed amount


@dataclass(slots=True)
class _Chunk:
    """The columns of some rows, each as long as ``numbers``."""

    numbers: list[int]
    manners: list[tuple[int, int, str]]
    ats: list[str]
    signed: list[int]
    references: list[str]
    names: list[Name]
    descriptions: list[str]
    balances: list[Any]
    words: list[list[int]]

    def drop(self, places: list[int]) -> None:
        """Takes out single rows, or all but some where most of them go."""
        columns = [self.numbers, self.manners, self.ats, self.signed, self.references, self.names, self.descriptions,
                   self.balances, *self.words]  # fmt: skip
        if len(places) > 50:
            gone = set(places)
            keep = [place not in gone for place in range(len(self.numbers))]
            for column in {id(column): column for column in columns}.values():
                column[:] = compress(column, keep)
            return
        for column in {id(column): column for column in columns}.values():
            for place in reversed(places):
                del column[place]


class Columnwise:
    """Reads chunks of one table's rows by column."""

    def __init__(self, table: Table, seen: Seen, occurrences: Counter[str]) -> None:
        self._table = table
        self._tally = table.tally
        self._seen = seen
        self._occurrences = occurrences
        self._date_only = table.time_at is None and not table.columns.has_clock
        self._always = (Flag.DATE_ONLY.value if self._date_only else 0) | (
            Flag.NO_REFERENCE.value if table.reference_at is None else 0
        )
        self._always |= Flag.RECOGNISED.value if table.tally.recognised else 0
        self._plain_units = table.columns.times == 1
        self.days = Memory(self._day)
        self._clocks = Memory(_clock)
        self.amounts = Memory(self._amount)
        self._sides = Memory(self._side)
        self._outs = Memory(self._negative_side) if table.columns.out_is_negative else self._sides
        self.manners = Memory(self._manner)
        self._balances = Memory(self._balance)
        self._currencies = Memory(self._currency)

    def read(self, chunk: Sequence[Row], first_row: int) -> tuple[list[Line], Balances, Unusual]:
        """The lines of the usual rows, the balances stated in them, and the rows left over."""
        least, most = self._table.width, self._table.most_cells
        rows, numbers, unusual = chunk, list(range(first_row, first_row + len(chunk))), []
        if self._tally.currency in WITHOUT_COINS:
            return [], [], list(zip(numbers, chunk, strict=True))
        if min(map(len, chunk)) < least or max(map(len, chunk)) > most:
            wide = [least <= len(row) <= most for row in chunk]
            unusual = [(n, row) for n, row, kept in zip(numbers, chunk, wide, strict=True) if not kept]
            rows, numbers = list(compress(chunk, wide)), list(compress(numbers, wide))
        if not rows:
            return [], [], unusual
        columns, checks = self._understand(list(zip(*rows, strict=False)), numbers)
        named = self._table.named
        if max(map(len, rows)) > named:
            checks.append([not "".join(row[named:]).strip() for row in rows])
        if not all(map(all, checks)):
            odd = sorted({place for check in checks if not all(check) for place, good in enumerate(check) if not good})
            unusual += [(numbers[place], rows[place]) for place in odd]
            columns.drop(odd)
        if not columns.numbers:
            return [], [], unusual
        lines, directions, repeated = self._lines(columns)
        if repeated:
            unusual += [(n, chunk[n - first_row]) for n in repeated]
        self._count(lines, directions)
        if self._table.balance_at is None:
            return lines, [], unusual
        return lines, self._followed(lines, columns, directions), unusual

    def _understand(self, cells: list[tuple[str, ...]], numbers: list[int]) -> tuple[_Chunk, list[Sequence[Any]]]:
        """Every column, and those in which something false marks a row that needs a closer look."""
        table = self._table
        blank = [""] * len(numbers)
        manners = self._through(
            self.manners,
            zip(*(blank if at is None else cells[at] for at in (table.type_at, table.direction_at, table.status_at)),
                strict=True),
        )  # fmt: skip
        ats, signed, references = self._ats(cells), self._signed(cells), blank
        checks: list[Sequence[Any]] = [manners, ats, signed]
        if table.reference_at is not None:
            references = list(map(str.strip, cells[table.reference_at]))
            if not NO_REFERENCE.isdisjoint(references):
                references = ["" if reference in NO_REFERENCE else reference for reference in references]
                checks.append(references)
        if table.currency_at is not None:
            checks.append(self._one_currency(cells[table.currency_at]))
        if table.refunded_at is not None:
            checks.append([side == 0 for side in self._through(self._sides, cells[table.refunded_at])])
        checks += [
            ["\n" not in cell for cell in cells[position]]
            for position in (table.name_at, *table.describing)
            if position is not None and "\n" in "".join(cells[position])
        ]
        columns = _Chunk(
            numbers,
            manners,
            ats,
            signed,
            references,
            self._through(table.names, cells[table.name_at]) if table.name_at is not None else [NOBODY] * len(numbers),
            self._descriptions(cells, blank),
            self._through(self._balances, cells[table.balance_at]) if table.balance_at is not None else blank,
            [self._through(table.words, cells[position]) for position in table.describing],
        )
        return columns, checks

    def _lines(self, columns: _Chunk) -> tuple[list[Line], list[int], list[int]]:
        """Lines, their directions as the file states them, and the rows whose fingerprint was seen before."""
        table, tally = self._table, self._tally
        manners, names = columns.manners, columns.names
        if table.direction_at is None:
            directions = [1 if minor >= 0 else -1 for minor in columns.signed]
            minors = list(map(abs, columns.signed))
        else:
            directions, minors = [manner[0] for manner in manners], columns.signed
        bits = [manner[1] | name[1] for manner, name in zip(manners, names, strict=True)]
        for hits in columns.words:
            bits = [before | hit for before, hit in zip(bits, hits, strict=True)]
        texts = [name[0] for name in names]
        decided = map(
            table.kinds.__getitem__,
            [(bit, way, name[2]) for bit, way, name in zip(bits, directions, names, strict=True)],
        )
        digests = self._fingerprints(columns.references, columns.ats, minors, directions, texts)
        tally.currency = currency = tally.currency or "CNY"
        always = self._always
        balances = columns.balances if table.balance_at is not None else repeat(None)
        lines: list[Line] = [
            (number, at, way, minor, currency, text, kind, reference, manner[2], balance, description, flags | always,
             digest, name[3])
            for number, at, (way, kind, flags), minor, text, reference, manner, balance, description, digest, name
            in zip(columns.numbers, columns.ats, decided, minors, texts, columns.references, manners, balances,
                   columns.descriptions, digests, names, strict=False)
        ]  # fmt: skip
        contents = list(zip(texts, directions, strict=True))
        fresh = list(map(is_, map(self._seen.setdefault, digests, contents), contents))
        if all(fresh):
            return lines, directions, []
        # A number that was seen before: whether it is the same line again needs a closer look.
        repeated = [line[0] for line, new in zip(lines, fresh, strict=True) if not new]
        return list(compress(lines, fresh)), list(compress(directions, fresh)), repeated

    def _followed(self, lines: list[Line], columns: _Chunk, directions: list[int]) -> Balances:
        """Row, stated balance and signed amount. With a direction column the amount itself has no sign."""
        signed = dict(zip(columns.numbers, columns.signed, strict=True))
        ways = directions if self._table.direction_at is not None else [1] * len(directions)
        return [
            (line[0], line[9], signed[line[0]] * way)
            for line, way in zip(lines, ways, strict=True)
            if line[9] is not None
        ]

    # --- columns ------------------------------------------------------------------------------------------------------

    @staticmethod
    def _through(memory: Memory, column: Any) -> list[Any]:
        return list(map(memory.__getitem__, column))

    def _descriptions(self, cells: list[tuple[str, ...]], blank: list[str]) -> list[str]:
        """What each line is about: its first cell of those that tell which is no placeholder."""
        told = blank
        for position in self._table.telling:
            column = list(map(str.strip, cells[position]))
            if told is blank:
                told = column
            else:
                told = [more if is_empty(text) else text for text, more in zip(told, column, strict=True)]
            if not any(map(is_empty, set(told))):
                break
        return told

    def _ats(self, cells: list[tuple[str, ...]]) -> list[Any]:
        table = self._table
        column = list(map(str.strip, cells[table.date_at]))
        if self._date_only:
            return [f"{day} 00:00:00" if day else None for day in self._through(self.days, column)]
        if table.time_at is None:
            # One length for all, or a cell of two lines would pass for two cells.
            if set(map(len, column)) == {19} and _USUAL_MOMENTS.fullmatch("\n".join(column)):
                known = self._through(self.days, [cell[:10] for cell in column])
                return (
                    column if all(known) else [cell if day else None for cell, day in zip(column, known, strict=True)]
                )
            days, _, clocks = map(list, zip(*(cell.partition(" ") for cell in column), strict=True))
        else:
            days, clocks = column, list(map(str.strip, cells[table.time_at]))
        days, clocks = self._through(self.days, days), self._through(self._clocks, clocks)
        return [f"{day} {clock}" if day and clock else None for day, clock in zip(days, clocks, strict=True)]

    def _signed(self, cells: list[tuple[str, ...]]) -> list[Any]:
        money_at = self._table.money_at
        if isinstance(money_at, int):
            return self._through(self.amounts, cells[money_at])
        into = self._through(self._sides, cells[money_at[0]])
        out = self._through(self._outs, cells[money_at[1]])
        return [
            gained - spent if gained is not None and spent is not None and (gained == 0) != (spent == 0) else None
            for gained, spent in zip(into, out, strict=True)
        ]

    def _one_currency(self, column: tuple[str, ...]) -> list[Any]:
        codes = self._through(self._currencies, column)
        named = {code for code in codes if code}
        if not self._tally.currency and len(named) == 1:
            self._tally.currency = named.pop()
        usual = {"", self._tally.currency} - WITHOUT_COINS
        return [code in usual for code in codes]

    def _fingerprints(
        self, references: Sequence[str], ats: list[str], minors: list[int], directions: list[int], texts: list[str]
    ) -> list[bytes]:
        family = self._table.source.family
        if self._table.reference_at is not None:
            return [
                sha256(f"{family}\x1f{reference}\x1f{at}\x1f{minor}".encode()).digest()[:FINGERPRINT_BYTES]
                for reference, at, minor in zip(references, ats, minors, strict=True)
            ]
        digests = []
        for at, minor, way, text in zip(ats, minors, directions, texts, strict=True):
            content = f"{family}\x1f\x1f{at}\x1f{minor}\x1f{way}\x1f{text}"
            occurrence = self._occurrences[content]
            self._occurrences[content] = occurrence + 1
            digests.append(sha256(f"{content}\x1f{occurrence}".encode()).digest()[:FINGERPRINT_BYTES])
        return digests

    def _count(self, lines: list[Line], stated_directions: list[int]) -> None:
        tally = self._tally
        sums: dict[tuple[str, int, int, int, int], list[int]] = {}
        for line, stated in zip(lines, stated_directions, strict=True):
            key = (line[1][:10], line[2], line[6], line[11] & COUNTED, stated)
            entry = sums.get(key)
            if entry is None:
                sums[key] = [1, line[3]]
            else:
                entry[0] += 1
                entry[1] += line[3]
        for (day, direction, kind, flags, stated), (count, minor) in sums.items():
            tally.days.add(day)
            tally.add((day[:7], direction, kind, flags, tally.currency), minor, lines=count)
            tally.add_stated(stated, minor, void=False, lines=count)

    # --- single cells: what is not true (None, or no money at all) needs a closer look ------------------------------

    def _day(self, cell: str) -> str | None:
        try:
            moment = self._table.days[cell]
        except RowNotUnderstood:
            return None
        today = self._table.source.today
        if moment is None or moment.time:
            return None
        return None if today and moment.day > today else moment.day

    def _amount(self, cell: str) -> int | None:
        if self._plain_units and (usual := _USUAL_AMOUNT.fullmatch(cell)):
            symbol, whole, part = usual.groups()
            if symbol and self._table.currency_at is None:
                self._tally.currency = self._tally.currency or "CNY"
                if self._tally.currency != "CNY":
                    return None
            return int(whole) * 100 + (0 if part is None else int(part) if len(part) == 2 else int(part) * 10)
        amount = self._parsed(cell)
        if amount is None or amount.refunded_minor or amount.currency:
            return None
        return None if amount.minor < 0 and self._table.direction_at is not None else amount.minor

    def _side(self, cell: str) -> int | None:
        try:
            amount = self._table.amounts[cell]
        except RowNotUnderstood:
            return None
        if amount is None:
            return 0
        return None if amount.minor < 0 or amount.refunded_minor or amount.currency else amount.minor

    def _negative_side(self, cell: str) -> int | None:
        amount = self._parsed(cell)
        if amount is None:
            return self._side(cell)
        return None if amount.minor > 0 or amount.refunded_minor or amount.currency else -amount.minor

    def _balance(self, cell: str) -> int | None:
        amount = self._parsed(cell)
        return amount.minor if amount is not None else None

    def _currency(self, cell: str) -> str | None:
        try:
            return self._table.currencies[cell]
        except RowNotUnderstood:
            return None

    def _parsed(self, cell: str) -> Amount | None:
        try:
            return self._table.amounts[cell]
        except RowNotUnderstood:
            return None

    def _manner(self, key: tuple[str, str, str]) -> tuple[int, int, str] | None:
        try:
            manner: Manner = self._table.manners[key]
        except RowNotUnderstood:
            return None
        if manner.void or manner.refunded or manner.is_refund:
            return None
        return (_BY_SIGN if manner.direction is None else manner.direction, manner.bits, manner.status)


def _clock(cell: str) -> str | None:
    if _USUAL_CLOCK.fullmatch(cell):
        return cell
    return parse_clock(cell) or None

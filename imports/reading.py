"""From text cells to lines: the rules of one row, and the way through a whole table.

A row in the usual form goes with thousands of others through ``imports.columnwise``, which does the same at a fraction
of the price; whatever is unusual (refunds, closed orders, odd cells, footers) comes here, one at a time. A test holds
both to the same answers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain, islice
from typing import Any, NamedTuple

from imports.cells import WITHOUT_COINS, Amount, Moment, is_empty, parse_clock
from imports.columnwise import Balances, Columnwise, Unusual
from imports.lines import FINGERPRINT_BYTES, Direction, Flag
from imports.misreadings import Params, RowNotUnderstood, StatementNotUnderstood
from imports.preamble import stated_totals, total_row
from imports.remarks import filled_to, holds_rows, is_footer, is_heading_again, is_lone
from imports.table import COUNTED, NO_REFERENCE, NOBODY, Line, Manner, Name, Row, Seen, Table
from imports.vectors import Piece, Vectors, Vectorwise

CHUNK = 1_000
MOST_ROWS = 2_000_000


class Money(NamedTuple):
    """What the amount cells of a row say; ``signed`` is positive in, negative out, by the cells alone."""

    direction: int
    stated: int
    refunded: int
    currency: str
    balance: int | None
    signed: int
    doubly_out: bool = False  # marked as out, and negative besides

    def without_coins(self) -> "Money":
        """The same in a currency whose smallest unit is the unit itself; cells are read as if there were hundredths."""
        balance = None if self.balance is None else self.balance // 100
        return self._replace(
            stated=self.stated // 100, refunded=self.refunded // 100, balance=balance, signed=self.signed // 100
        )


class Noted(NamedTuple):
    """A line that waits for the end of the file, because another row may hold its refund."""

    line: Line
    bits: int
    own: bool
    merchant: str
    manner: Manner
    refunded: int
    in_cell: bool


class Reader:
    """Reads the rows of one table. Fingerprints seen are shared by all tables of a file."""

    def __init__(self, table: Table, seen: Seen, occurrences: Counter[str]) -> None:
        self.table = table
        self.last_row: Row = ()
        self._tally = table.tally
        self._seen = seen
        self._occurrences = occurrences
        columnwise = Columnwise(table, seen, occurrences)
        self._together = columnwise.read
        self._as_vectors = Vectorwise(table, seen, columnwise)
        table.tally.currency = table.tally.currency or table.columns.currency
        self._refund_rows: Counter[tuple[str, int, int]] = Counter()
        self._closed: set[str] = set()
        self._noted: list[Noted] = []
        self._balances: list[tuple[int, int, int]] = []
        self._loose: list[tuple[int, str, Params]] = []
        self._totals_row = 0  # under a heading of totals stands one row of them

    def blocks(
        self, rows: Iterable[Row], first_row: int, more: Iterable[Piece | list[Row]] = ()
    ) -> Iterator[list[Line] | Vectors]:
        """Lines in blocks; what is no line is counted in the tally. ``first_row`` is the number of the first row.

        ``more`` stands behind the rows; only where there are such pieces, blocks may be vectors.
        """
        tally = self._tally
        number = first_row
        previous_balance: tuple[int, int] | None = None
        for usual, balances, unusual, count, last in self._parts(chain(_chunked(rows), more), first_row):
            alone = [line for row_number, row in unusual if (line := self._alone(row, row_number)) is not None]
            if self.table.balance_at is not None:
                previous_balance = self._follow(sorted([*balances, *self._balances]), previous_balance)
                self._balances.clear()
            number += count
            if number > MOST_ROWS:
                raise StatementNotUnderstood("too_many_rows", limit=MOST_ROWS)
            self.last_row = last
            tally.rows = number - 1
            tally.lines += len(usual) + len(alone)
            if self._loose and (usual or alone):
                newest = [usual.last_row] if isinstance(usual, Vectors) else [line[0] for line in usual]
                self._settle_loose(max([*newest, *(line[0] for line in alone)]))
            if isinstance(usual, Vectors):
                yield usual
            elif usual:
                alone = usual + alone
            if alone:
                yield alone
        if self.table.source.is_wallet:  # what a wallet writes below its table is known
            self._settle_loose(number)
        if remaining := self._refunds():
            tally.lines += len(remaining)
            yield remaining

    def _parts(
        self, chunks: Iterable[Piece | list[Row]], number: int
    ) -> Iterator[tuple[list[Line] | Vectors, Balances, Unusual, int, Row]]:
        """Of each chunk its usual lines, their balances, the rows left over, how many rows it had, and the last."""
        for chunk in chunks:
            if isinstance(chunk, Piece):
                found = self._as_vectors.read(chunk, number)
                if found is not None:
                    yield found[0] or [], [], found[1], chunk.rows, chunk.last
                    number += chunk.rows
                    continue
            for rows in _chunked(chunk.cells()) if isinstance(chunk, Piece) else (chunk,):
                yield *self._together(rows, number), len(rows), rows[-1]
                number += len(rows)

    # --- one row ----------------------------------------------------------------------------------------------------

    def _alone(self, row: Row, row_number: int) -> Line | None:
        table, tally = self.table, self._tally
        if len(row) < table.width:
            if not any(cell.strip() for cell in row):
                return None
            if len(row) < table.columns.needed:
                self._leave_out(row, row_number, "row_too_short", cells=len(row), needed=table.columns.needed)
                return None
            row = [*row, *([""] * (table.width - len(row)))]
        if any("\n" in cell for cell in row) and (len(row) > table.most_cells or holds_rows(row)):
            tally.refuse_row(row_number, "quotes_broken", {"cells": len(row)})
            return None
        if table.is_shifted(row):
            self._leave_out(row, row_number, "too_many_cells", cells=filled_to(row), named=table.named)
            return None
        try:
            moment = self._moment(row)
            if moment is None:
                if not is_heading_again(row, table.columns):
                    self._leave_out(row, row_number, "date_not_understood", cell=row[table.date_at].strip()[:40])
                return None
            manner: Manner = table.manners[_cells(row, table.type_at, table.direction_at, table.status_at)]
            money = self._money(row, manner)
            currency = self._currency(money.currency)
            if currency in WITHOUT_COINS:
                money = money.without_coins()
        except RowNotUnderstood as error:
            self._leave_out(row, row_number, error.code, **error.params)
            return None
        at, flags = moment
        flags |= Flag.RECOGNISED.value if tally.recognised else 0
        tally.days.add(at[:10])
        if table.source.today and at[:10] > table.source.today:
            tally.day_in_future(row_number, at[:10])
        name: Name = table.names[row[table.name_at]] if table.name_at is not None else NOBODY
        who, name_bits, own, key = name
        bits = manner.bits | name_bits
        for position in table.describing:
            bits |= table.words[row[position]]
        description = next((text for at_ in table.telling if not is_empty(text := row[at_].strip())), "")
        reference = row[table.reference_at].strip() if table.reference_at is not None else ""
        if reference in NO_REFERENCE:
            reference = ""
            flags |= Flag.NO_REFERENCE.value
        merchant = row[table.merchant_at].strip() if table.merchant_at is not None else ""
        digest = self._fingerprint(reference, at, money, who)
        if digest is None:
            tally.duplicates += 1
            return None
        if money.doubly_out:
            tally.doubly_out.append(row_number)
        if money.balance is not None and currency == tally.currency:
            self._balances.append((row_number, money.balance, money.signed))

        direction, kind, more = table.kinds[bits, money.direction, own]
        line: Line = (
            row_number, at, direction, money.stated, currency, who, kind, reference, manner.status,
            money.balance, description, flags | more, digest, key,
        )  # fmt: skip
        if manner.void:
            self._closed.update({reference, merchant} - NO_REFERENCE)
            return self._finish(line, bits, own, money.direction, void=True)
        noted = money.refunded or (money.stated if manner.refunded < 0 else manner.refunded)
        if noted or (manner.is_refund and direction):
            if manner.is_refund:
                self._refund_rows[who, money.stated, direction] += 1
            self._noted.append(Noted(line, bits, own, merchant, manner, noted, money.refunded > 0))
            return None
        return self._finish(line, bits, own, money.direction)

    def _finish(
        self, line: Line, bits: int, own: bool, stated_direction: int, *, void: bool = False, net: int | None = None
    ) -> Line:
        """Counts a line and gives it its last form: ``void`` moved no money, ``net`` is less a noted refund."""
        (
            row, at, direction, minor, currency, who, kind, reference, status, balance, description, flags, digest, key
        ) = line  # fmt: skip
        if currency == self._tally.currency:
            self._tally.add_stated(stated_direction, minor, void=void)
        if void:
            direction, kind, _ = self.table.kinds[bits, 0, own]
            flags = (flags | Flag.VOID.value) & ~Flag.GUESSED.value
        if net is not None:
            minor = net
            flags |= Flag.NETTED.value
        self._tally.add((at[:7], direction, kind, flags & COUNTED, currency), minor)
        return (
            row, at, direction, minor, currency, who, kind, reference, status, balance,
            description, flags, digest, key,
        )  # fmt: skip

    def _refunds(self) -> list[Line]:
        """The lines that a refund is noted on, now that the whole table is known.

        Where the file also lists the refund as a row of its own, both stand in full; where it does not, the noted part
        is taken off, and a line refunded in full moved no money. A refund of a closed order moved none either.
        """
        lines = []
        for noted in self._noted:
            stated, direction, reference = noted.line[3], noted.line[2], noted.line[7]
            if noted.manner.is_refund:
                original = reference.partition("_")[0]
                void = noted.manner.refund_done and (original in self._closed or noted.merchant in self._closed)
                lines.append(self._finish(noted.line, noted.bits, noted.own, direction, void=void))
                continue
            pair = (noted.line[5], noted.refunded, -direction)
            if not noted.in_cell and self._refund_rows[pair] > 0:
                self._refund_rows[pair] -= 1
                lines.append(self._finish(noted.line, noted.bits, noted.own, direction))
            elif noted.refunded >= stated:
                lines.append(self._finish(noted.line, noted.bits, noted.own, direction, void=True))
            else:
                net = stated - noted.refunded
                lines.append(self._finish(noted.line, noted.bits, noted.own, direction, net=net))
        self._noted.clear()
        return lines

    # --- the parts of a row -------------------------------------------------------------------------------------------

    def _moment(self, row: Row) -> tuple[str, int] | None:
        table = self.table
        moment: Moment | None = table.days[row[table.date_at].strip()]
        if moment is None and is_empty(row[table.date_at]):
            # Not booked yet, or the day stands once for all lines of it.
            moment = next((day for at in table.columns.other_dates if (day := table.days[row[at].strip()])), None)
        if moment is None:
            return None
        day, clock = moment
        if not clock and table.time_at is not None:
            clock = parse_clock(row[table.time_at])
        return (f"{day} {clock}", 0) if clock else (f"{day} 00:00:00", Flag.DATE_ONLY.value)

    def _money(self, row: Row, manner: Manner) -> Money:
        table = self.table
        direction = manner.direction
        if isinstance(table.money_at, int):
            cell = row[table.money_at]
            amount: Amount | None = table.amounts[cell]
            if amount is None:
                raise RowNotUnderstood("amount_missing")
            minor, refunded, currency = amount
            if minor == 0 and (back := self._given_back(row)):
                return Money(Direction.OUT, back, 0, self._named(row, currency), None, -back)
            if direction is None:
                direction = Direction.IN if minor >= 0 else Direction.OUT
            elif minor < 0 and direction > 0:
                raise RowNotUnderstood("sign_contradicts_direction", cell=cell.strip()[:40])
        else:
            into: Amount | None = table.amounts[row[table.money_at[0]]]
            out: Amount | None = table.amounts[row[table.money_at[1]]]
            if out is not None and table.columns.out_is_negative:
                out = out._replace(minor=-out.minor)
            if into is not None and out is not None and into.minor and out.minor:
                raise RowNotUnderstood("amount_on_both_sides")
            if into is not None and (into.minor or out is None):
                minor, refunded, currency = into
            elif out is not None:
                minor, refunded, currency = -out.minor, out.refunded_minor, out.currency
            else:
                raise RowNotUnderstood("amount_missing")
            # A red entry is a negative deposit: money leaving again.
            direction = Direction.IN if minor > 0 or (minor == 0 and into is not None) else Direction.OUT
        if table.refunded_at is not None and (given := table.amounts[row[table.refunded_at]]) is not None:
            refunded = max(refunded, abs(given.minor))
            if refunded > abs(minor):
                raise RowNotUnderstood("refund_exceeds_amount", cell=row[table.refunded_at].strip()[:40])
        currency = self._named(row, currency)
        balance = None
        if table.balance_at is not None:
            try:
                stated: Amount | None = table.amounts[row[table.balance_at]]
                balance = stated.minor if stated is not None else None
            except RowNotUnderstood:
                balance = None  # a masked balance hides nothing that a line needs
        signed = minor if table.direction_at is None or minor < 0 else minor * int(direction)
        doubly_out = table.direction_at is not None and minor < 0 and direction < 0
        return Money(int(direction), abs(minor), refunded, currency, balance, signed, doubly_out)

    def _given_back(self, row: Row) -> int:
        """In a settlement's list a refund is a row of its own: nothing taken, something given back. Minor units."""
        at = self.table.refunded_at
        amount: Amount | None = self.table.amounts[row[at]] if at is not None else None
        return abs(amount.minor) if amount is not None else 0

    def _named(self, row: Row, currency: str) -> str:
        """The currency that a row names in its own column, else the one written beside the amount."""
        at = self.table.currency_at
        return (self.table.currencies[row[at]] if at is not None else "") or currency

    def _currency(self, currency: str) -> str:
        """The line's currency: its own, else the file's. The first that is named is the file's."""
        tally = self._tally
        tally.currency = tally.currency or currency or "CNY"
        return currency or tally.currency

    def _fingerprint(self, reference: str, at: str, money: Money, name: str) -> bytes | None:
        """The line's fingerprint, or None when this very line was read before."""
        family = self.table.source.family
        if not reference:
            content = f"{family}\x1f\x1f{at}\x1f{money.stated}\x1f{money.direction}\x1f{name}"
            occurrence = self._occurrences[content]
            self._occurrences[content] = occurrence + 1
            content = f"{content}\x1f{occurrence}"
        else:
            content = f"{family}\x1f{reference}\x1f{at}\x1f{money.stated}"
        digest = sha256(content.encode()).digest()[:FINGERPRINT_BYTES]
        about = (name, money.direction)
        if digest in self._seen:
            if self._seen[digest] == about:
                return None
            # One number on two different movements: a fee beside its transfer, or a source that numbers badly.
            digest = sha256(f"{content}\x1f{name}\x1f{money.direction}".encode()).digest()[:FINGERPRINT_BYTES]
            if digest in self._seen:
                return None
        self._seen[digest] = about
        return digest

    def _follow(self, balances: list[tuple[int, int, int]], previous: tuple[int, int] | None) -> tuple[int, int] | None:
        for row_number, balance, signed in balances:
            if previous is not None:
                before, moved = previous
                self._tally.balance_step(
                    row_number, breaks_up=before + signed != balance, breaks_down=balance + moved != before
                )
            previous = (balance, signed)
        return previous

    def _leave_out(self, row: Row, row_number: int, code: str, **params: Any) -> None:
        """Say why a row is no line. A lone remark may stand under the table; whether it does is known at its end."""
        if self._is_footer(row, row_number):
            return
        if is_lone(row):
            self._loose.append((row_number, code, params))
        else:
            self._tally.refuse_row(row_number, code, params)

    def _settle_loose(self, last_line: int) -> None:
        """Lone cells above a line stood in the table, where they are something that was not understood."""
        for loose in self._loose:
            if loose[0] < last_line:
                self._tally.refuse_row(*loose)
        self._loose = [loose for loose in self._loose if loose[0] > last_line]

    def _is_footer(self, row: Row, row_number: int) -> bool:
        """Whether a row is what stands under a table; totals in it are kept for the check."""
        if totals := total_row(row, self.table.columns):
            self._tally.footer_totals = totals
            return True
        if row_number == self._totals_row:
            return True
        if not is_footer(row):
            return False
        if row[0].strip().startswith(("总交易", "总笔数")):
            self._totals_row = row_number + 1
        if totals := stated_totals(" ".join(cell.strip() for cell in row)):
            known = {total.direction for total in totals}
            kept = [total for total in self._tally.footer_totals if total.direction not in known]
            self._tally.footer_totals = kept + totals
        return True


def _cells(row: Row, *positions: int | None) -> tuple[str, ...]:
    return tuple(row[position] if position is not None else "" for position in positions)


def _chunked(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk

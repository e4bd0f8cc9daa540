"""Where each thing stands in the rows of one table, and what was already understood of it.

Whatever repeats in a bill (amounts, names, words, days, manners of payment) is understood once and remembered for the
rest of the file.
"""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from imports import kinds
from imports.cells import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    Amount,
    Moment,
    currency_of,
    is_empty,
    parse_amount,
    parse_direction,
    parse_moment,
)
from imports.columns import Columns
from imports.headings import Role
from imports.lines import CounterpartyKeys, Flag, Kind, plain_name
from imports.misreadings import RowNotUnderstood
from imports.tally import Source, Tally

REMEMBERED = 250_000  # distinct texts kept in one memory, so that a hostile file cannot fill the machine

# The fields of a NormalisedLine as a plain tuple: making a hundred thousand objects a second costs more than reading.
Line = tuple[int, str, int, int, str, str, int, str, str, int | None, str, int, bytes, str]
Row = Sequence[str]
# Fingerprints of a file's lines so far, each with the name and direction that it stood for.
Seen = dict[bytes, tuple[str, int]]

NO_REFERENCE = frozenset({"", "/", "-", "--", "无", "null", "NULL", "None", "0"})
COUNTED = Flag.GUESSED.value | Flag.VOID.value | Flag.NETTED.value

_VOID = re.compile(
    r"关闭|失败|等待付款|待付款|未支付|已取消|已撤销|撤销成功|closed|failed|cancel|pending|declined|void|reversed|reverted|denied"
)
_REFUNDED_FULL = re.compile(r"全额退款|对方已退还|已退还|fully\s*refunded")
_REFUNDED_PART = re.compile(r"已?退款\s*[(（]?\s*[¥￥]?\s*([\d,]+(?:\.\d{1,2})?)")
_REFUND_DONE = re.compile(r"退款成功|refund(ed)?\s*success")
_REFUND_TYPE = re.compile(r"退款|refund")


class Memory(dict[Any, Any]):
    """A dictionary that works a missing value out once: ``map(memory.__getitem__, cells)`` then runs at C speed."""

    __slots__ = ("_work_out",)

    def __init__(self, work_out: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: Any) -> Any:
        value = self._work_out(key)
        if len(self) < REMEMBERED:
            self[key] = value
        return value


class Manner(NamedTuple):
    """What type, direction and status say together; the same few combinations fill a whole bill."""

    direction: int | None
    bits: int
    status: str
    void: bool = False
    refunded: int = 0  # minor units noted as refunded; -1 in full
    is_refund: bool = False
    refund_done: bool = False


# What a counterparty cell says: the name, the rules that it speaks for, whether it is the owner, and its keyed hash in
# the form that COPY takes.
Name = tuple[str, int, bool, str]
NULL = "\\N"
HEX = "\\\\x"  # bytea in hex, its backslash escaped for COPY
NOBODY: Name = ("", 0, False, NULL)


class Table:
    """Where each thing stands in the rows of one table, and what was already understood of them."""

    def __init__(
        self,
        columns: Columns,
        source: Source,
        tally: Tally,
        keys: CounterpartyKeys | None = None,
        *,
        delimited: bool = False,
    ) -> None:
        self.columns = columns
        self.source = source
        self.tally = tally
        one = columns.one
        self.date_at = columns.date
        self.time_at = columns.time
        # With two columns, one for each way, the way is where the amount stands.
        self.direction_at = columns.direction if isinstance(columns.money, int) else None
        self.money_at = columns.money
        self.type_at = None if one.get(Role.TYPE) == columns.direction else one.get(Role.TYPE)
        self.status_at = one.get(Role.STATUS)
        self.name_at = one.get(Role.COUNTERPARTY)
        self.reference_at = one.get(Role.REFERENCE)
        self.merchant_at = one.get(Role.MERCHANT_REFERENCE)
        self.balance_at = one.get(Role.BALANCE)
        self.currency_at = one.get(Role.CURRENCY)
        self.refunded_at = one.get(Role.REFUNDED)
        self.describing = tuple(position for position in columns.descriptions if position != self.type_at)
        # What a line is about: the first of these cells that says something.
        self.telling = self.describing or ((self.type_at,) if self.type_at is not None else ())
        positions = (
            self.date_at, self.time_at, self.direction_at, *columns.money_columns, self.type_at,
            self.status_at, self.name_at, self.reference_at, self.merchant_at, self.balance_at, self.currency_at,
            self.refunded_at, *columns.other_dates, *self.describing,
        )  # fmt: skip
        self.width = 1 + max(position for position in positions if position is not None)
        self.most_cells = len(columns.headings) + 1  # some exports end each row with a comma more than the heading
        # How many cells the heading names; only where a sign parts the cells can a row of more of them be shifted.
        named = [position for position, heading in enumerate(columns.headings, start=1) if heading]
        self.named = max([self.width, *named]) if delimited else sys.maxsize
        self.trust_direction = source.is_wallet and columns.direction is not None
        owner = source.preamble.owner
        self._keys = keys
        self._owner = plain_name(owner) if owner and not source.is_wallet else ""
        self.days = Memory(self._day)
        self.amounts = Memory(parse_amount if columns.times == 1 else self._in_units)
        self.manners = Memory(self._manner)
        self.names = Memory(self._name)
        self.words = Memory(kinds.words_in)
        self.currencies = Memory(currency_of)
        self.kinds = Memory(self._kind)

    def is_shifted(self, row: Row) -> bool:
        """Whether a row holds more than its heading names: a sign that parts cells stood in one of them."""
        return len(row) > self.named and not all(map(is_empty, row[self.named :]))

    def _in_units(self, cell: str) -> Amount | None:
        amount = parse_amount(cell)
        if amount is None:
            return None
        minor, refunded = (round(part * self.columns.times) for part in amount[:2])
        return Amount(minor, refunded, amount.currency)

    def _day(self, cell: str) -> Moment | None:
        moment = parse_moment(cell, order=self.columns.order)
        if moment is not None and moment.day and not EARLIEST_YEAR <= int(moment.day[:4]) <= LATEST_YEAR:
            raise RowNotUnderstood("date_out_of_range", cell=cell[:40])
        return moment if moment is not None and moment.day else None

    def _manner(self, key: tuple[str, str, str]) -> Manner:
        type_cell, direction_cell, status_cell = (cell.strip() for cell in key)
        direction: int | None = None
        if self.direction_at is not None:
            named = parse_direction(direction_cell)
            if named is None:
                raise RowNotUnderstood("direction_not_understood", cell=direction_cell[:40])
            direction = int(named)
        status = status_cell.casefold()
        refunded = 0
        if _REFUNDED_FULL.search(status):
            refunded = -1
        elif found := _REFUNDED_PART.search(status):
            parsed = parse_amount(found.group(1))
            refunded = parsed.minor if parsed is not None else 0
        elif "已退款" in status:
            refunded = -1
        is_refund = bool(_REFUND_TYPE.search(type_cell.casefold())) or bool(_REFUND_DONE.search(status))
        return Manner(
            direction=direction,
            bits=kinds.words_in(type_cell) | (kinds.REFUND_BIT if is_refund else 0),
            status=status_cell,
            void=bool(_VOID.search(status)),
            refunded=0 if is_refund else refunded,
            is_refund=is_refund,
            refund_done=bool(_REFUND_DONE.search(status)),
        )

    def _name(self, cell: str) -> Name:
        if kinds.is_plain(cell):
            text = plain = cell
            bits = 0
        else:
            text = cell.strip()
            if not text.isprintable() or "  " in text:
                text = " ".join(text.split())
            plain = plain_name(text)
            bits = kinds.words_in_name(text)
        if not plain.strip("*"):
            return NOBODY
        key = f"{HEX}{self._keys.key_of_plain(plain).hex()}" if self._keys is not None else NULL
        return text, bits, plain == self._owner, key

    def _kind(self, key: tuple[int, int, bool]) -> tuple[int, int, int]:
        """Direction, kind and flags from words, the stated direction, and whether the other side is the owner."""
        bits, direction, own = key
        flags = 0
        if not self.trust_direction and direction and (own or kinds.is_own_move(bits)):
            direction = 0
            bits |= kinds.OWN_MOVE_BIT
            flags = Flag.OWN_NAME.value if own else 0
        kind, rule = kinds.kind_of(bits, direction)
        if rule == "transfer" and bits & kinds.COMPANY_BIT:
            kind = Kind.SALE
        if bits & kinds.ASSETS_BIT and direction < 0:
            flags |= Flag.ASSETS.value
        if not rule and direction:
            flags |= Flag.GUESSED.value
        return direction, kind.value, flags

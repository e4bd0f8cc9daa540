"""From the text cells of a list to drafts of invoices: the rules of one row, and rows that are items of one invoice."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from imports.cells import currency_of, is_empty
from imports.headings import plain_heading
from imports.invoice_cells import (
    State,
    Status,
    blue_number,
    money,
    product,
    read_side,
    read_status,
    read_yes,
)
from imports.invoice_columns import Role
from imports.invoice_list import InvoiceFlag
from imports.invoice_tables import Found
from imports.invoice_tally import InvoiceTally
from imports.misreadings import RowNotUnderstood, StatementNotUnderstood
from imports.remarks import filled_to, is_footer, is_lone
from imports.table import Memory
from lending.invoices import plain_number

MOST_ROWS = 2_000_000
# Cents by which a list may round net and tax against the amount with tax.
ROUNDING_MINOR = 5
# Gives the cell of a role in the row that is read.
Cells = Callable[[Role], str]


@dataclass(slots=True)
class Draft:
    """An invoice before its side and its place among the others are known."""

    row: int
    firm: str
    side: int  # 0 until it is known
    number: str
    code: str
    issued: str
    due: str
    settled: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    currency: str
    seller: str
    seller_id: str
    buyer: str
    buyer_id: str
    party: str
    status: int
    flags: int
    cancels: str


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, found: Found, tally: InvoiceTally, today: str) -> None:
        self._found = found
        self._tally = tally
        self._today = today
        columns = found.columns
        self._at = columns.at
        self._needed = columns.needed
        self._width = 1 + max(columns.at.values())
        named = [position for position, heading in enumerate(columns.headings, start=1) if heading]
        # Only where a sign parts the cells can a row of more of them than the heading names be shifted.
        self._named = max([self._width, *named]) if found.text is not None else sys.maxsize
        self._days = Memory(columns.days.day)
        self._money = Memory(money)
        self._states = Memory(read_status)
        self._currencies = Memory(currency_of)
        self._parties = Memory(_party)
        # Rows are items of an invoice where the table names goods, or works amounts out of quantity and price.
        numbered = Role.NUMBER in self._at or Role.DIGITAL in self._at
        priced = Role.AMOUNT not in self._at and Role.NET not in self._at
        self._itemised = numbered and (Role.ITEM in self._at or priced)

    def drafts(self) -> Iterator[Draft]:
        """Drafts in the order of the file; items of one invoice added up."""
        merged: dict[tuple[str, ...], Draft] = {}
        for draft in self._rows():
            key = (draft.firm, draft.code, draft.number, draft.issued[:10], draft.seller, draft.buyer, draft.party)
            if not self._itemised or not draft.number:
                merged[str(draft.row), *key] = draft
            elif (first := merged.get(key)) is None:
                merged[key] = draft
            else:
                first.net_minor += draft.net_minor
                first.tax_minor += draft.tax_minor
                first.gross_minor += draft.gross_minor
                first.flags |= InvoiceFlag.MERGED | draft.flags
                first.cancels = first.cancels or draft.cancels
                self._tally.items += 1
        for draft in merged.values():
            if draft.flags & InvoiceFlag.MERGED and draft.status != Status.VOID:
                draft.status = Status.RED if draft.gross_minor < 0 else Status.VALID
            yield draft

    def _rows(self) -> Iterator[Draft]:
        number = self._found.first_row - 1
        loose: list[tuple[int, RowNotUnderstood]] = []
        for number, row in enumerate(self._found.rows, start=self._found.first_row):
            if number > MOST_ROWS:
                raise StatementNotUnderstood("too_many_rows", limit=MOST_ROWS)
            try:
                draft = self._draft(row, number)
            except RowNotUnderstood as error:
                if is_lone(row):  # a remark under the table, unless more of the table follows
                    loose.append((number, error))
                else:
                    self._tally.refuse_row(number, error.code, error.params)
                continue
            if draft is not None:
                for at, error in loose:
                    self._tally.refuse_row(at, error.code, error.params)
                loose.clear()
                yield draft
        self._tally.rows = number

    def _draft(self, row: Sequence[str], number: int) -> Draft | None:
        at = self._at[Role.ISSUE]
        # Only a row without a day can be something else than an invoice: a footer, the heading again, nothing.
        if (at >= len(row) or self._days[row[at].strip()] is None) and self._is_no_row(row):
            return None
        if len(row) < self._needed:
            raise RowNotUnderstood("row_too_short", cells=len(row), needed=self._needed)
        if (cells := filled_to(row)) > self._named:
            raise RowNotUnderstood("too_many_cells", cells=cells, named=self._named)
        if len(row) < self._width:
            row = [*row, *([""] * (self._width - len(row)))]

        def cell(role: Role) -> str:
            return row[self._at[role]].strip() if role in self._at else ""

        def party(role: Role) -> str:
            return self._parties[row[self._at[role]]] if role in self._at else ""

        issued = self._issued(cell(Role.ISSUE))
        net, tax, gross, flags = self._amounts(cell)
        status, net, tax, gross, more = self._status(cell, net, tax, gross)
        due, settled = self._due(cell, issued), self._settled(cell, issued)
        named = party(Role.DIGITAL) or party(Role.NUMBER)
        side = read_side(cell(Role.SIDE)) if Role.SIDE in self._at else None
        if Role.SIDE in self._at and side is None and not is_empty(cell(Role.SIDE)):
            raise RowNotUnderstood("side_not_understood", cell=cell(Role.SIDE)[:40])
        if named.upper().startswith("C") and status == Status.VALID and gross < 0:
            status = Status.RED
        cancels = ""
        if status == Status.RED:
            cancels = plain_number(cell(Role.BLUE)) or blue_number(cell(Role.REMARK))
        return Draft(
            number, party(Role.FIRM), int(side or 0), named.lstrip("'"), party(Role.CODE), issued, due, settled,
            net, tax, gross, self._currencies[cell(Role.CURRENCY)] or "CNY", party(Role.SELLER),
            party(Role.SELLER_ID), party(Role.BUYER), party(Role.BUYER_ID), party(Role.PARTY), status, flags | more,
            cancels,
        )  # fmt: skip

    def _is_no_row(self, row: Sequence[str]) -> bool:
        if not any(cell.strip() for cell in row):
            return True
        headings = self._found.columns.headings
        same = sum(
            1 for text, heading in zip(row, headings, strict=False) if heading and plain_heading(text) == heading
        )
        if same * 2 > len(headings):
            return True
        if not is_footer(row):
            return False
        self._tally.footer(row, self._at, self._found.sheet)
        return True

    def _issued(self, cell: str) -> str:
        if is_empty(cell):
            raise RowNotUnderstood("date_missing")
        day = self._days[cell]
        if day is None:
            raise RowNotUnderstood("date_not_understood", cell=cell[:40])
        if self._today and day > self._today:
            raise RowNotUnderstood("issued_in_future", date=day, today=self._today)
        return day

    def _due(self, cell: Cells, issued: str) -> str:
        if Role.DUE in self._at and not is_empty(cell(Role.DUE)):
            if (day := self._days[cell(Role.DUE)]) is None:
                raise RowNotUnderstood("due_not_understood", cell=cell(Role.DUE)[:40])
            return day
        return _after(issued, cell(Role.TERM)) if Role.TERM in self._at else ""

    def _settled(self, cell: Cells, issued: str) -> str:
        if Role.SETTLED in self._at and not is_empty(cell(Role.SETTLED)):
            if (day := self._days[cell(Role.SETTLED)]) is None:
                raise RowNotUnderstood("settled_not_understood", cell=cell(Role.SETTLED)[:40])
        elif Role.DAYS in self._at and not (self._money_in(cell, Role.OUTSTANDING) or 0) > 0:
            day = _after(issued, cell(Role.DAYS))
        else:
            return ""
        if self._today and day > self._today:
            raise RowNotUnderstood("settled_in_future", date=day, today=self._today)
        return day

    def _money_in(self, cell: Cells, role: Role) -> int | None:
        return self._money[cell(role)] if role in self._at else None

    def _amounts(self, cell: Cells) -> tuple[int, int, int, int]:
        """Net, tax and gross, whichever of them the list states, and whether the three agree."""
        net, tax, gross = (self._money_in(cell, role) for role in (Role.NET, Role.TAX, Role.AMOUNT))
        if net is None and gross is None and Role.QUANTITY in self._at and Role.PRICE in self._at:
            gross = product(cell(Role.QUANTITY), cell(Role.PRICE))
        if net is None and gross is None:
            raise RowNotUnderstood("amount_missing")
        if net is not None and gross is not None:
            if (net < 0 < gross) or (gross < 0 < net):
                raise RowNotUnderstood("signs_contradict", net_minor=net, gross_minor=gross)
            known_tax = gross - net if tax is None else tax
            differs = abs(net + known_tax - gross) > ROUNDING_MINOR
            return net, known_tax, gross, InvoiceFlag.TAX_DIFFERS.value if differs else 0
        if gross is None:
            return net or 0, tax or 0, (net or 0) + (tax or 0), 0
        return gross - (tax or 0), tax or 0, gross, 0

    def _status(self, cell: Cells, net: int, tax: int, gross: int) -> tuple[int, int, int, int, int]:
        """What the invoice is worth, its amounts with the sign that belongs to it, and flags."""
        state = self._states[cell(Role.STATUS)] if Role.STATUS in self._at else State.VALID
        if state is None:
            raise RowNotUnderstood("status_not_understood", cell=cell(Role.STATUS)[:40])
        if state == State.NOT_ISSUED:
            raise RowNotUnderstood("not_issued")
        if state == State.VOID:
            return Status.VOID.value, net, tax, gross, 0
        red = Role.RED in self._at and read_yes(cell(Role.RED)) is True
        red = red or (Role.POSITIVE in self._at and read_yes(cell(Role.POSITIVE)) is False)
        if gross < 0 or net < 0:
            return Status.RED.value, net, tax, gross, 0
        if red:
            return Status.RED.value, -net, -tax, -gross, 0
        if state in (State.REVERSED, State.RED):
            return Status.VALID.value, net, tax, gross, InvoiceFlag.REVERSED.value
        return Status.VALID.value, net, tax, gross, 0


def _party(cell: str) -> str:
    # A spreadsheet turns the number 17850 into 17850.0.
    return "" if is_empty(cell) else cell.strip().removesuffix(".0")


def _after(issued: str, cell: str) -> str:
    text = cell.strip().removesuffix(".0")
    if not text.lstrip("-").isdecimal() or abs(int(text)) > 3_650:
        return ""
    return (date.fromisoformat(issued) + timedelta(days=int(text))).isoformat()

"""Sales and purchase invoices as arrays: of one firm, or of many at once. An open sales invoice is a receivable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.lines import REFUND, SALE, Ints, Lines, day_number

SOLD, BOUGHT = 1, -1  # side: the firm issued the invoice, or received it
VALID, VOID, RED = 0, 1, 2  # status: counts; never took effect; reverses an earlier one and has a negative amount
UNKNOWN_DAY = -1


@dataclass(frozen=True, slots=True)
class Invoices:
    """Invoices of one or many firms as columns of one length.

    ``firm`` counts from 0; ``side`` is 1 for a sale, -1 for a purchase; ``issued``, ``due`` and ``settled`` are days
    since 1970-01-01, the latter two -1 where nobody knows a due date or nothing was paid. ``net_minor`` is before tax;
    it and ``tax_minor`` are negative on a red-ink invoice. ``counterparty`` is the buyer of a sale, the supplier of a
    purchase, 0 where unnamed. ``status`` is 0 valid, 1 void, 2 red. Order does not matter.
    """

    firm: Ints
    side: Ints
    issued: Ints
    due: Ints
    settled: Ints
    net_minor: Ints
    tax_minor: Ints
    counterparty: NDArray[np.uint64]
    status: Ints

    def __len__(self) -> int:
        return len(self.issued)

    @classmethod
    def none(cls) -> "Invoices":
        """No invoices."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, nothing, nothing, nothing, nothing, nothing, np.zeros(0, np.uint64), nothing)

    @classmethod
    def from_columns(cls, columns: Mapping[str, NDArray[Any]]) -> "Invoices":
        """Invoices from columns of these names. May be missing: ``due`` and ``settled`` (unknown), ``tax_minor`` (0),
        ``status`` (valid, or red where the amount is negative)."""
        count = len(columns["issued"])
        net = columns["net_minor"].astype(np.int64, copy=False)
        unknown = np.full(count, UNKNOWN_DAY, np.int64)
        return cls(
            firm=columns["firm"].astype(np.int32, copy=False),
            side=columns["side"].astype(np.int8, copy=False),
            issued=columns["issued"].astype(np.int64, copy=False),
            due=columns.get("due", unknown).astype(np.int64, copy=False),
            settled=columns.get("settled", unknown).astype(np.int64, copy=False),
            net_minor=net,
            tax_minor=columns.get("tax_minor", np.zeros(count)).astype(np.int64, copy=False),
            counterparty=columns["counterparty"].astype(np.uint64, copy=False),
            status=columns.get("status", np.where(net < 0, RED, VALID)).astype(np.int8, copy=False),
        )

    @classmethod
    def from_rows(
        cls, rows: Sequence[tuple[int, date, date | None, date | None, int, int, bytes | None, int, int | None]]
    ) -> "Invoices":
        """One firm's invoices from database rows: side, issued, due, settled, net, tax, key, status, serial."""
        count = len(rows)
        keys = b"".join([row[6] or b"\0\0\0\0\0\0\0\0" for row in rows])

        def days(column: int) -> Ints:
            return np.fromiter(
                (UNKNOWN_DAY if (on := row[column]) is None else day_number(on) for row in rows),  # pyright: ignore[reportArgumentType]
                np.int64,
                count,
            )

        return cls(
            firm=np.zeros(count, np.int32),
            side=np.fromiter((row[0] for row in rows), np.int8, count),
            issued=days(1),
            due=days(2),
            settled=days(3),
            net_minor=np.fromiter((row[4] for row in rows), np.int64, count),
            tax_minor=np.fromiter((row[5] for row in rows), np.int64, count),
            counterparty=np.frombuffer(keys, np.uint64),
            status=np.fromiter((row[7] for row in rows), np.int8, count),
        )

    def as_sales(self) -> Lines:
        """Sales that count as lines of money in on the day of issue, red ink as refunds; for a firm without bills."""
        sold = self.where((self.side == SOLD) & (self.status != VOID))
        back = sold.status == RED
        return Lines(
            firm=sold.firm,
            day=sold.issued,
            direction=np.where(back, -1, 1).astype(np.int8),
            amount_minor=np.abs(sold.net_minor),
            kind=np.where(back, REFUND, SALE).astype(np.int8),
            counterparty=sold.counterparty,
        )

    def where(self, keep: NDArray[np.bool_] | Ints | slice) -> "Invoices":
        """The invoices that ``keep`` marks, names or spans."""
        return Invoices(*(getattr(self, field.name)[keep] for field in fields(self)))

    def known(self, limit: Ints) -> "Invoices":
        """As they stood at the end of each firm's day ``limit[firm]``: later invoices are gone, later payments open."""
        day = limit[self.firm]
        mine = self.where(self.issued <= day)
        open_then = mine.settled > limit[mine.firm]
        return replace(mine, settled=np.where(open_then, UNKNOWN_DAY, mine.settled)) if open_then.any() else mine

"""Statement lines as arrays: of one firm, or of many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Row = tuple[datetime, int, int, int, bytes | None]
RowWithBalance = tuple[datetime, int, int, int, bytes | None, int | None]

# Codes of imports.lines, the same numbers in the database and in the simulated population.
SALE, REFUND, PURCHASE, RENT, PAYROLL, TRANSFER_SELF, LOAN_IN, LOAN_REPAY, PRIVATE, OTHER = range(1, 11)
NO_BALANCE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one or many firms as columns of one length.

    ``firm`` counts from 0; ``day`` is days since 1970-01-01 in the source's own time; ``direction`` is 1, -1 or 0;
    ``amount_minor`` is never negative; ``counterparty`` is 0 where the source names nobody. ``balance_minor`` is what
    the source stated after the line, ``NO_BALANCE`` where it stated none; None where no line has one. Order does not
    matter, but for balances: the last line of a day states the day's.
    """

    firm: Ints
    day: Ints
    direction: Ints
    amount_minor: Ints
    kind: Ints
    counterparty: NDArray[np.uint64]
    balance_minor: Ints | None = None

    def __len__(self) -> int:
        return len(self.day)

    @classmethod
    def none(cls) -> "Lines":
        """No lines."""
        return cls.from_rows(())

    @classmethod
    def from_rows(cls, rows: Sequence[Row | RowWithBalance]) -> "Lines":
        """Lines of one firm from database rows in the order of time: at, direction, amount_minor, kind,
        counterparty_key (8 bytes) and, where the source states any, balance_minor."""
        count = len(rows)
        epoch = date(1970, 1, 1).toordinal()
        balances = [row[5] for row in rows if len(row) == 6]
        keys = b"".join([row[4] or b"\0\0\0\0\0\0\0\0" for row in rows])
        return cls(
            firm=np.zeros(count, np.int32),
            day=np.fromiter((row[0].toordinal() - epoch for row in rows), np.int32, count),
            direction=np.fromiter((row[1] for row in rows), np.int8, count),
            amount_minor=np.fromiter((row[2] for row in rows), np.int64, count),
            kind=np.fromiter((row[3] for row in rows), np.int8, count),
            counterparty=np.frombuffer(keys, np.uint64),
            balance_minor=_told(balances) if len(balances) == count else None,
        )

    @classmethod
    def from_columns(cls, columns: Mapping[str, NDArray[Any]]) -> "Lines":
        """Lines of many firms from columns firm, at (datetime64), direction, amount_minor, kind, counterparty, and
        balance_minor where the source states balances."""
        balance = columns.get("balance_minor")
        return cls(
            firm=columns["firm"].astype(np.int32, copy=False),
            day=columns["at"].astype("datetime64[D]").astype(np.int32),
            direction=columns["direction"].astype(np.int8, copy=False),
            amount_minor=columns["amount_minor"].astype(np.int64, copy=False),
            kind=columns["kind"].astype(np.int8, copy=False),
            counterparty=columns["counterparty"].astype(np.uint64, copy=False),
            balance_minor=None if balance is None else balance.astype(np.int64, copy=False),
        )

    def where(self, keep: NDArray[np.bool_] | Ints | slice) -> "Lines":
        """The lines that ``keep`` marks, names or spans; a span copies nothing."""
        return Lines(
            self.firm[keep],
            self.day[keep],
            self.direction[keep],
            self.amount_minor[keep],
            self.kind[keep],
            self.counterparty[keep],
            None if self.balance_minor is None else self.balance_minor[keep],
        )


def _told(balances: Sequence[int | None]) -> Ints | None:
    if all(balance is None for balance in balances):
        return None
    return np.array([NO_BALANCE if balance is None else balance for balance in balances], np.int64)


def day_number(on: date) -> int:
    """Days since 1970-01-01."""
    return on.toordinal() - date(1970, 1, 1).toordinal()

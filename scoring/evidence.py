"""All that a firm is judged by: statement lines, invoices, orders, and what its owner declares. Any of it may be empty.

Evidence of many firms is one object too: each row carries the number of its firm, from 0.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.invoices import UNKNOWN_DAY, Invoices
from scoring.lines import Ints, Lines, day_number

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders that partners (brands, platforms, buyers) placed with firms; columns of one length.

    ``placed``, ``delivered``, ``ended`` (cancelled or returned) and ``paid`` are days since 1970-01-01, -1 for what has
    not happened; ``amount_minor`` is never negative; ``partner`` is 0 where unnamed.
    """

    firm: Ints
    placed: Ints
    delivered: Ints
    ended: Ints
    paid: Ints
    amount_minor: Ints
    partner: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.placed)

    @classmethod
    def none(cls) -> "Orders":
        """No orders."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, nothing, nothing, nothing, nothing, np.zeros(0, np.uint64))

    def where(self, keep: NDArray[np.bool_] | Ints | slice) -> "Orders":
        """The orders that ``keep`` marks, names or spans."""
        return Orders(*(getattr(self, column.name)[keep] for column in fields(self)))

    def known(self, limit: Ints) -> "Orders":
        """As they stood at the end of each firm's day ``limit[firm]``."""
        mine = self.where(self.placed <= limit[self.firm])
        day = limit[mine.firm]
        return replace(mine, **{name: _by(getattr(mine, name), day) for name in ("delivered", "ended", "paid")})


@dataclass(frozen=True, slots=True)
class Declared:
    """What owners said themselves; the latest word of each firm counts. Columns of one length, -1 where all is unsaid.

    ``told`` and ``opened`` are days since 1970-01-01 (a firm older than that counts as opened on 1970-01-01);
    ``monthly_sales_minor``, ``monthly_debts_minor`` (instalments to others) and ``asked_minor`` are amounts;
    ``months_asked`` is the term wished for; ``staff`` counts people.
    """

    firm: Ints
    told: Ints
    opened: Ints
    monthly_sales_minor: Ints
    monthly_debts_minor: Ints
    staff: Ints
    asked_minor: Ints
    months_asked: Ints

    def __len__(self) -> int:
        return len(self.told)

    @classmethod
    def none(cls) -> "Declared":
        """Nothing declared."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing)

    @classmethod
    def one(
        cls,
        told: date,
        *,
        opened: date | None = None,
        monthly_sales_minor: int = UNKNOWN,
        monthly_debts_minor: int = UNKNOWN,
        staff: int = UNKNOWN,
        asked_minor: int = UNKNOWN,
        months_asked: int = UNKNOWN,
    ) -> "Declared":
        """What one owner said on one day."""
        day = UNKNOWN if opened is None else max(day_number(opened), 0)
        said = (0, day_number(told), day, monthly_sales_minor, monthly_debts_minor, staff, asked_minor, months_asked)
        return cls(*(np.array([value], np.int64) for value in said))

    def where(self, keep: NDArray[np.bool_] | Ints | slice) -> "Declared":
        """The statements that ``keep`` marks, names or spans."""
        return Declared(*(getattr(self, column.name)[keep] for column in fields(self)))

    def known(self, limit: Ints) -> "Declared":
        """What had been said by the end of each firm's day ``limit[firm]``."""
        return self.where(self.told <= limit[self.firm])


@dataclass(frozen=True, slots=True)
class Evidence:
    """The four sources together."""

    lines: Lines = field(default_factory=Lines.none)
    invoices: Invoices = field(default_factory=Invoices.none)
    orders: Orders = field(default_factory=Orders.none)
    declared: Declared = field(default_factory=Declared.none)

    def known(self, as_of: "date | Ints") -> "Evidence":
        """What was known at the end of the as-of date: of one firm by its date, of many by ``as_of[firm]`` (days since
        1970). Rows of later days are gone; what happened later to an earlier row has not happened yet."""
        limit = np.array([day_number(as_of)]) if isinstance(as_of, date) else as_of.astype(np.int64)
        on_time = self.lines.day <= limit[self.lines.firm]
        return Evidence(
            self.lines if on_time.all() else self.lines.where(on_time),
            self.invoices.known(limit),
            self.orders.known(limit),
            self.declared.known(limit),
        )

    def of(self, firm: int) -> "Evidence":
        """One firm's part, as firm 0."""
        parts = (self.lines, self.invoices, self.orders, self.declared)
        alone = [part.where(np.flatnonzero(part.firm == firm)) for part in parts]
        return Evidence(*(replace(part, firm=np.zeros_like(part.firm)) for part in alone))  # pyright: ignore[reportArgumentType]


def _by(day: Ints, limit: Ints) -> Ints:
    return np.where(day > limit, UNKNOWN_DAY, day)

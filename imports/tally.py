"""What is known about a bill before its rows are read, and what is counted while they are."""

from dataclasses import dataclass, field

from imports import layouts
from imports.misreadings import Notice, Params
from imports.preamble import Preamble, StatedTotal

NAMED_ROWS = 200  # rows not understood that are shown one by one; beyond that only their number


@dataclass(slots=True)
class Source:
    """Whose bill is read and by which date it must have happened. ``today`` is the business date or empty."""

    layout: str
    family: str
    preamble: Preamble
    today: str = ""

    @property
    def is_wallet(self) -> bool:
        return self.layout in layouts.WALLETS


@dataclass(slots=True)
class Tally:
    """What is counted while rows are read.

    ``sums`` holds lines and minor units by (month, direction, kind, flags, currency).
    """

    rows: int = 0
    lines: int = 0
    duplicates: int = 0
    recognised: bool = False  # the rows were read from a picture
    currency: str = ""  # the first that is named; what a cell without a currency is in
    sums: dict[tuple[str, int, int, int, str], list[int]] = field(default_factory=dict)
    stated: dict[int, list[int]] = field(default_factory=dict)  # by the file's own direction: lines, minor as stated
    stated_live: dict[int, list[int]] = field(default_factory=dict)  # the same without closed and failed ones
    days: set[str] = field(default_factory=set)
    not_understood: list[tuple[int, str, Params]] = field(default_factory=list)
    not_understood_count: int = 0
    future: list[tuple[int, str]] = field(default_factory=list)
    future_count: int = 0
    notices: list[Notice] = field(default_factory=list)  # what the format itself says does not add up
    doubly_out: list[int] = field(default_factory=list)  # rows marked as out whose amount is negative besides
    footer_totals: list[StatedTotal] = field(default_factory=list)
    balance_steps: int = 0
    balance_breaks_down: list[int] = field(default_factory=list)  # read as newest first
    balance_breaks_up: list[int] = field(default_factory=list)  # read as oldest first

    def refuse_row(self, row: int, code: str, params: Params) -> None:
        """Leaves a row out and says why."""
        self.not_understood_count += 1
        if len(self.not_understood) < NAMED_ROWS:
            self.not_understood.append((row, code, params))

    def add(self, key: tuple[str, int, int, int, str], minor: int, *, lines: int = 1) -> None:
        """Counts lines of one month, direction, kind, flags and currency."""
        entry = self.sums.get(key)
        if entry is None:
            entry = self.sums[key] = [0, 0]
        entry[0] += lines
        entry[1] += minor

    def add_stated(self, direction: int, minor: int, *, void: bool, lines: int = 1) -> None:
        """Counts what the file itself would count, to compare with the totals that it states."""
        for stated in (self.stated,) if void else (self.stated, self.stated_live):
            entry = stated.setdefault(direction, [0, 0])
            entry[0] += lines
            entry[1] += minor

    def day_in_future(self, row: int, day: str) -> None:
        """Notes a row that lies after today."""
        self.future_count += 1
        if len(self.future) < NAMED_ROWS:
            self.future.append((row, day))

    def balance_step(self, row: int, *, breaks_up: bool, breaks_down: bool) -> None:
        """Notes whether a stated balance follows from its neighbour, read in either order."""
        self.balance_steps += 1
        if breaks_up and len(self.balance_breaks_up) < 10_000:
            self.balance_breaks_up.append(row)
        if breaks_down and len(self.balance_breaks_down) < 10_000:
            self.balance_breaks_down.append(row)

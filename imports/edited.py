"""Signs that somebody typed in a bill: order numbers that disagree with their rows, and rows that were pasted.

Nothing is assumed of any wallet: where most order numbers of a file carry their row's day at one place, those that do
not stand out; where nearly all have one length, others do.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from imports.misreadings import Notice
from imports.vectors import Vectors

NEARLY_ALL = 0.97  # of the order numbers agree before the others are odd
ENOUGH = 30
KEPT = 50_000  # rows whose numbers are remembered one by one: longer bills are judged by their first
RUN = 4  # rows in the same order, at the same seconds, for the same amounts: a copy, no coincidence
DIGITS_OF_DAY = 8
NEIGHBOUR = 1  # days by which a number may be older or newer than its row: paid just after midnight


@dataclass(slots=True)
class Edits:
    """Sees the lines of a bill block by block; says what stood out at the end."""

    rows: list[tuple[int, str, int, str]] = field(default_factory=list)  # row, at, amount, order number

    def look(self, block: Sequence[Sequence[Any]] | Vectors) -> None:
        """Remembers what is needed of lines in the order of ``imports.lines.NormalisedLine``, or of vectors."""
        if len(self.rows) < KEPT:
            if isinstance(block, Vectors):
                self.rows += block.marks()
            else:
                self.rows += [(line[0], line[1], line[3], line[7]) for line in block]

    def notices(self) -> list[Notice]:
        """What stood out, with the first row of each."""
        found: list[Notice] = []
        for code, odd in (
            ("order_numbers", self._days_disagree()),
            ("order_number_shape", self._other_shape()),
            ("pasted_rows", self._pasted()),
        ):
            if odd:
                found.append(Notice(code, where=str(min(odd)), params={"rows": len(odd)}))
        return found

    def _days_disagree(self) -> list[int]:
        numbered = [(row, at[:10].replace("-", ""), number) for row, at, _, number in self.rows if number]
        if len(numbered) < ENOUGH:
            return []
        places = Counter(number.find(day) for _, day, number in numbered)
        place, often = max(((place, often) for place, often in places.items() if place >= 0), default=(-1, 0),
                           key=lambda found: found[1])  # fmt: skip
        if often < NEARLY_ALL * len(numbered) or often == len(numbered):
            return []
        return [row for row, day, number in numbered if not _near(number[place : place + DIGITS_OF_DAY], day)]

    def _other_shape(self) -> list[int]:
        # A refund's number is often its sale's with something behind: only the part that all have is compared.
        shaped = [(row, len(_digits(number))) for row, _, _, number in self.rows if number]
        if len(shaped) < ENOUGH:
            return []
        usual, often = Counter(shape for _, shape in shaped).most_common(1)[0]
        if often < NEARLY_ALL * len(shaped):
            return []
        return [row for row, shape in shaped if shape != usual]

    def _pasted(self) -> list[int]:
        """Rows of runs that stand twice: the same seconds of the day and amounts, on another day."""
        marks = [(at[10:], amount) for _, at, amount, _ in self.rows]
        if any(not mark[0] or mark[0].strip() == "00:00:00" for mark in marks[:ENOUGH]):
            return []  # days without a time: equal rows tell nothing
        seen: dict[tuple[tuple[str, int], ...], int] = {}
        pasted: set[int] = set()
        for first in range(len(marks) - RUN + 1):
            run = tuple(marks[first : first + RUN])
            if len(set(run)) < RUN:
                continue
            before = seen.setdefault(run, first)
            if before != first and self.rows[before][1][:10] != self.rows[first][1][:10]:
                pasted.update(self.rows[at][0] for at in range(first, first + RUN))
        return sorted(pasted)


def _digits(number: str) -> str:
    """The digits that a number begins with."""
    end = next((at for at, sign in enumerate(number) if not sign.isdigit()), len(number))
    return number[:end]


def _near(told: str, day: str) -> bool:
    """Whether two days ``YYYYMMDD`` are the same or neighbours; a month's end beside a month's beginning counts."""
    if told == day:
        return True
    if not told.isdigit() or len(told) != DIGITS_OF_DAY:
        return False
    if told[:6] == day[:6]:
        return abs(int(told[6:]) - int(day[6:])) <= NEIGHBOUR
    first, last = sorted((told, day))
    return last.endswith("01") and int(first[6:]) >= 28 and int(last[:6]) - int(first[:6]) in (1, 89)

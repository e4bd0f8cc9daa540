"""What one instalment asks for, what was paid into it, and when it was met. Amounts in minor units."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from lending.spans import Span


class Part(StrEnum):
    """The parts of an instalment."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


def _nothing() -> dict[Part, int]:
    return dict.fromkeys(Part, 0)


@dataclass(slots=True, eq=False)
class Instalment:
    """One row of a schedule while the loan lives.

    ``in_advance`` and ``late`` say how much was paid before and after the due date. ``additional``: a row after the
    last planned one, for what came later. ``met_on``: the day on which nothing of it was left.
    """

    number: int
    from_on: date
    due_on: date
    down_payment: bool = False
    additional: bool = False
    due: dict[Part, int] = field(default_factory=_nothing)
    paid: dict[Part, int] = field(default_factory=_nothing)
    waived: dict[Part, int] = field(default_factory=_nothing)
    in_advance: int = 0
    late: int = 0
    met: bool = False
    met_on: date | None = None

    @property
    def span(self) -> Span:
        return Span(self.from_on, self.due_on)

    def outstanding(self, part: Part) -> int:
        return self.due[part] - self.paid[part] - self.waived[part]

    @property
    def total_due(self) -> int:
        return sum(self.due.values())

    @property
    def total_paid(self) -> int:
        return sum(self.paid.values())

    @property
    def total_outstanding(self) -> int:
        return sum(self.due.values()) - sum(self.paid.values()) - sum(self.waived.values())

    def pay(self, part: Part, amount: int, on: date) -> int:
        """Pay up to ``amount`` into a part; what was taken."""
        taken = min(amount, self.outstanding(part))
        taken = max(0, taken)
        self.paid[part] += taken
        if on < self.due_on:
            self.in_advance += taken
        elif on > self.due_on:
            self.late += taken
        self.met = self.total_outstanding == 0
        self.met_on = on if self.met else None
        return taken

    def look(self, on: date) -> None:
        """See whether a change of what is due met or reopened the instalment on ``on``."""
        left = self.total_outstanding
        if not self.met and left == 0:
            self.met, self.met_on = True, on
        elif self.met and left != 0:
            self.met, self.met_on = False, None

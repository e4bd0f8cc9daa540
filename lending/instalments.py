"""What one instalment asks for, what was paid into it, and when it was met. Amounts in minor units."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
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
    last planned one, for what came later. ``met_on``: the day on which nothing of it was left. ``beside``: what is
    due beside the plan (charged back, carried over). ``closed``: its plan was replaced. ``late_days``: principal past
    due times days and rate, exact.
    """

    number: int
    from_on: date
    due_on: date
    down_payment: bool = False
    additional: bool = False
    due: dict[Part, int] = field(default_factory=_nothing)
    paid: dict[Part, int] = field(default_factory=_nothing)
    waived: dict[Part, int] = field(default_factory=_nothing)
    beside: dict[Part, int] = field(default_factory=_nothing)
    late_days: Decimal = Decimal(0)
    late_till: date | None = None
    late_charged: int = 0
    closed: bool = False
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

    def put(self, part: Part, amount: int) -> None:
        """Ask for more beside the plan."""
        self.due[part] += amount
        self.beside[part] += amount

    def left_beside(self, part: Part) -> int:
        """What is open of the amount beside the plan; it is paid before the plan's own."""
        return max(0, self.beside[part] - self.paid[part] - self.waived[part])

    @property
    def open_beside(self) -> bool:
        return any(self.left_beside(part) for part in Part)

    def close(self) -> dict[Part, int]:
        """Ask for no more than was paid; what was open."""
        self.closed = True
        left = {part: self.outstanding(part) for part in Part}
        for part, amount in left.items():
            self.due[part] -= amount
            self.beside[part] -= self.left_beside(part)
        return left

    def free(self, on: date) -> int:
        """Take out what was paid beyond what is asked for now; what was taken out."""
        freed = 0
        for part in Part:
            over = max(0, -self.outstanding(part))
            less = min(over, self.paid[part])
            self.paid[part] -= less
            self.waived[part] -= over - less
            freed += less
            if over:
                self.look(on)
        self.in_advance -= min(freed, self.in_advance)
        return freed

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

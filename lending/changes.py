"""What lender and borrower may agree anew after the money is paid out."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lending.amortisation import RateChange
from lending.spans import Unit


@dataclass(frozen=True, slots=True)
class Pause:
    """No interest is earned from ``from_on`` (counted) to ``until`` (not counted). The instalments stay."""

    from_on: date
    until: date

    def __post_init__(self) -> None:
        if self.until <= self.from_on:
            raise ValueError("a pause ends after it begins")


@dataclass(frozen=True, slots=True)
class Replan:
    """What is open on the day is repaid by another plan: re-aged, extended, moved or with lower instalments.

    ``first_due_on`` and ``count``: None keeps the due dates that are left; with ``first_due_on`` alone as many
    instalments follow as were left. Unpaid interest, fees and penalties are shared evenly and bear no interest.
    """

    first_due_on: date | None = None
    count: int | None = None
    every: int | None = None
    unit: Unit | None = None

    def __post_init__(self) -> None:
        if self.count is not None and self.count < 1:
            raise ValueError("a plan has at least one instalment")
        if (self.every is None) is not (self.unit is None) or (self.every is not None and self.every < 1):
            raise ValueError("a frequency is a number and a unit")


@dataclass(frozen=True, slots=True)
class SpreadOverdue:
    """What is past due is shared evenly among the instalments that are left; nothing else changes."""


class ChargedOff(StrEnum):
    """What charging a loan off does to its schedule; the claim lives on (账销案存)."""

    AS_AGREED = "as_agreed"
    WITHOUT_INTEREST = "without_interest"  # none is earned any more
    ALL_DUE = "all_due"  # everything falls due on the day, without interest not yet earned


@dataclass(frozen=True, slots=True)
class ChargeOff:
    """The loan is written off the books from the day of the event."""

    schedule: ChargedOff = ChargedOff.AS_AGREED


Change = RateChange | Pause | Replan | SpreadOverdue | ChargeOff


class NotPossible(ValueError):
    """What is asked for cannot be done to this loan on that day; says why in one line."""

"""What pays a loan off on a day: everything that is due, interest to that day, and nothing that is not earned yet."""

from dataclasses import dataclass
from datetime import date

from lending import recalculation
from lending.instalments import Instalment, Part
from lending.loan_state import Loan
from lending.money import divide_half_even


@dataclass(frozen=True, slots=True)
class Payoff:
    """The amounts that pay the loan off on ``on``, in minor units."""

    on: date
    principal_minor: int
    interest_minor: int
    fees_minor: int
    penalties_minor: int

    @property
    def total_minor(self) -> int:
        return self.principal_minor + self.interest_minor + self.fees_minor + self.penalties_minor


def payoff_of(loan: Loan, on: date) -> Payoff:
    """The quote for a loan that was replayed until ``on``; prepaying costs nothing beyond it (P3)."""
    unearned = _not_owed(loan, on)
    open_of = {part: sum(i.outstanding(part) for i in loan.instalments) for part in Part}
    return Payoff(
        on=on,
        principal_minor=open_of[Part.PRINCIPAL],
        interest_minor=earned_interest(loan, on),
        fees_minor=open_of[Part.FEE] - sum(amount for _, part, amount in unearned if part is Part.FEE),
        penalties_minor=open_of[Part.PENALTY] - sum(amount for _, part, amount in unearned if part is Part.PENALTY),
    )


def owed(loan: Loan, on: date) -> dict[Part, int]:
    """The same by part."""
    quote = payoff_of(loan, on)
    return {
        Part.PENALTY: quote.penalties_minor,
        Part.FEE: quote.fees_minor,
        Part.INTEREST: quote.interest_minor,
        Part.PRINCIPAL: quote.principal_minor,
    }


def earned(loan: Loan, on: date) -> dict[Part, int]:
    """Interest, fees and penalties earned from the beginning until ``on``, paid or not."""
    paid, waived = loan.total("paid"), loan.total("waived")
    back = [sum(parts.get(part, 0) for parts in loan.turned_back.values()) for part in Part]
    again = dict(zip(Part, back, strict=True))
    return {
        part: amount + paid[part] + waived[part] - again[part]
        for part, amount in owed(loan, on).items()
        if part is not Part.PRINCIPAL
    }


def earned_interest(loan: Loan, on: date) -> int:
    """Interest earned until ``on`` and not paid, in whole minor units."""
    if loan.follows_payments:
        beside = sum(i.left_beside(Part.INTEREST) for i in loan.instalments)
        return recalculation.open_till(loan.amortisation, on).interest + beside
    return sum(_earned(instalment, on) for instalment in loan.instalments)


def _earned(instalment: Instalment, on: date) -> int:
    """What an instalment's interest comes to by the day, where the plan does not follow payments."""
    if instalment.due_on <= on:
        return instalment.outstanding(Part.INTEREST)
    if instalment.from_on >= on:
        return 0
    planned = instalment.due[Part.INTEREST] - instalment.beside[Part.INTEREST]
    part = divide_half_even(planned * (on - instalment.from_on).days, instalment.span.days)
    paid = instalment.paid[Part.INTEREST] + instalment.waived[Part.INTEREST]
    return max(0, part + instalment.beside[Part.INTEREST] - paid)


def drop_unearned(loan: Loan, on: date) -> None:
    """Take from the schedule what who pays off on ``on`` does not owe: later fees, and interest not yet earned."""
    for instalment, part, amount in _not_owed(loan, on):
        instalment.due[part] -= amount
    if not loan.follows_payments:
        for instalment in loan.instalments:
            if instalment.due_on > on:
                earned = _earned(instalment, on)
                instalment.due[Part.INTEREST] -= instalment.outstanding(Part.INTEREST) - earned
    for instalment in loan.instalments:
        instalment.look(on)


def _not_owed(loan: Loan, on: date) -> list[tuple[Instalment, Part, int]]:
    """Fees by instalment of instalments that have not begun, and charges that fall due after ``on``."""
    asked = [
        (instalment, charge.part, loan.priced.get((id(instalment), number), 0))
        for number, (_, charge) in enumerate(loan.by_instalment)
        for instalment in loan.instalments
        if instalment.from_on >= on and instalment.due_on > on
    ]
    asked += [
        (placed.instalment, placed.charge.part, placed.amount)
        for placed in loan.placed
        if placed.charge.due_on is not None and placed.charge.due_on > on
    ]
    left = {(id(row), part): max(0, row.outstanding(part)) for row, part, _ in asked}
    found: list[tuple[Instalment, Part, int]] = []
    for row, part, amount in asked:
        amount = min(amount, left[id(row), part])
        left[id(row), part] -= amount
        found.append((row, part, amount))
    return found

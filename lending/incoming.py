"""Money that came unasked: what it is for, how it is used, what goes back (lending-practice P26; 民法典 560, 561).

Nothing is guessed: where the rules find no one thing that a payment is for, it stands in suspense and a person looks.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from uuid import UUID

PREFIX = "HS"
# ISO 7064 MOD 97-10, as in ISO 11649: one wrong digit or two that changed places are found.
MODULUS = 97
_RUNS = re.compile(r"HS[\s:：-]*(\d[\d\s-]*)")
_NUMBERS = re.compile(r"[0-9A-Z]{6,40}")


def reference_of(number: int) -> str:
    """What a payer writes so that money finds its loan: the loan's number with two check digits."""
    return f"{PREFIX}{number}{98 - number * 100 % MODULUS:02d}"


def loans_in(remark: str) -> tuple[int, ...]:
    """The numbers whose references may stand in what a payer wrote, however it is spaced; mostly one or none.

    Digits that follow may belong to it or be a date, so that each reading whose check digits are right is one.
    """
    text = unicodedata.normalize("NFKC", remark).upper()
    found: dict[int, None] = {}
    for run in _RUNS.findall(text):
        pieces = re.split(r"[\s-]+", run.strip(" -"))
        for end in range(1, len(pieces) + 1):
            digits = "".join(pieces[:end])
            if 3 <= len(digits) <= 18 and int(digits) % MODULUS == 1:
                found[int(digits[:-2])] = None
    return tuple(found)


def numbers_in(remark: str) -> tuple[str, ...]:
    """What in a remark could be an invoice's number, as :func:`lending.invoices.plain_number` writes one."""
    text = unicodedata.normalize("NFKC", remark).upper()
    joined = re.sub(r"(?<=\d)[-–](?=\d)", "", text)
    return tuple(dict.fromkeys(_NUMBERS.findall(joined)))


class By(StrEnum):
    """What told us what money is for."""

    REFERENCE = "reference"  # the payer wrote our reference, or the invoice's number
    ACCOUNT = "account"  # it came to the account of one line, from a buyer of it
    PAYER = "payer"  # it came from the borrower's own account
    BUYER = "buyer"  # its sender owes exactly that much on one receivable
    PERSON = "person"  # somebody at the desk looked


@dataclass(frozen=True, slots=True)
class Debt:
    """What money may be for; ``open_minor`` > 0. ``named``: by the remark; ``from_debtor``: who owes it sent it."""

    id: UUID
    open_minor: int
    due_on: date
    named: bool = False
    from_debtor: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that money is for."""

    debt: UUID
    by: By


def on_line_account(amount_minor: int, receivables: Sequence[Debt]) -> Place | None:
    """Money on the account of a line: for which of its receivables. The oldest due of a buyer who named none."""
    if (one := _only(debt for debt in receivables if debt.named)) is not None:
        return Place(one.id, By.REFERENCE)
    theirs = sorted((debt for debt in receivables if debt.from_debtor), key=_order)
    if theirs:
        exact = [debt for debt in theirs if debt.open_minor == amount_minor]
        return Place((exact or theirs)[0].id, By.ACCOUNT)
    # Somebody pays for the buyer: the sum alone tells, if it tells of one.
    exact = _only(debt for debt in receivables if debt.open_minor == amount_minor)
    return Place(exact.id, By.ACCOUNT) if exact else None


def on_our_account(amount_minor: int, receivables: Sequence[Debt]) -> Place | None:
    """A buyer's money that came to our general account: for the receivable that it names, or whose sum it is."""
    named = _only(debt for debt in receivables if debt.named and debt.from_debtor)
    if named is not None:
        return Place(named.id, By.REFERENCE)
    exact = _only(debt for debt in receivables if debt.from_debtor and debt.open_minor == amount_minor)
    return Place(exact.id, By.BUYER) if exact else None


def _only(found: Iterable[Debt]) -> Debt | None:
    each = list(found)
    return each[0] if len(each) == 1 else None


@dataclass(frozen=True, slots=True)
class SuspenseRules:
    """Above which amount it takes two people to say what money is for, and how soon a refused return is judged."""

    two_people_above_minor: int
    judged_within: timedelta

    def takes_two(self, amount_minor: int) -> bool:
        return amount_minor > self.two_people_above_minor


# --- how it is used ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """A loan that money may repay, in minor units; ``due_on``: since when it is past due, or when it matures."""

    id: UUID
    owed_minor: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Shares:
    """How one payment is used: parts of loans in their order, and what belongs to whoever is given the rest."""

    loans: tuple[tuple[UUID, int], ...]
    rest_minor: int

    @property
    def total_minor(self) -> int:
        return sum(amount for _, amount in self.loans) + self.rest_minor


def across(amount_minor: int, loans: Iterable[Owed], *, at_most_minor: int | None = None) -> Shares:
    """Oldest due first (P26, 民法典 560), none above what it owes; interest first is each loan's own rule."""
    left = amount_minor if at_most_minor is None else min(amount_minor, at_most_minor)
    parts: list[tuple[UUID, int]] = []
    for loan in sorted(loans, key=_oldest):
        part = min(left, loan.owed_minor)
        if part > 0:
            parts.append((loan.id, part))
            left -= part
    return Shares(tuple(parts), amount_minor - sum(part for _, part in parts))


def lent_on(amount_minor: int, rate: Decimal) -> int:
    """What was lent on so much of a receivable, rounded up: no fen of it goes to the borrower before it is repaid."""
    return int((amount_minor * rate).to_integral_value(ROUND_CEILING))


def for_the_draws(amount_minor: int, *, lent_minor: int, uncovered_minor: int, past_due_minor: int) -> int:
    """What of a buyer's payment repays draws: as much as was lent on it, and at least what is no longer covered once it
    is paid and what is past due. The rest is the borrower's (P20: the residue always is)."""
    return min(amount_minor, max(lent_minor, uncovered_minor, past_due_minor))


def _order(debt: Debt) -> tuple[date, str]:
    return debt.due_on, str(debt.id)


def _oldest(loan: Owed) -> tuple[date, str]:
    return loan.due_on, str(loan.id)


def apart(amount_minor: int, receivables: Sequence[Debt], first: UUID) -> Iterator[tuple[UUID, int]]:
    """A payment that is larger than the receivable it is for pays the same buyer's next ones, the oldest due first."""
    left = amount_minor
    for debt in sorted(receivables, key=lambda debt: (debt.id != first, _order(debt))):
        part = min(left, debt.open_minor)
        if part > 0 and (debt.id == first or debt.from_debtor):
            yield debt.id, part
            left -= part

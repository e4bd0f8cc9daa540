"""Whether a movement of money was the business, the owner's own life, or only changed pockets (lending-practice P24).

The reader of bills says what a line is by the words in it; the owner corrects, and the owner's word counts. What no
word tells stays unclear until somebody says it, and costs confidence.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

# Kinds of lines as imports.lines stores them.
SALE, REFUND, PURCHASE, RENT, PAYROLL, TRANSFER_SELF, LOAN_IN, LOAN_REPAY, PRIVATE, OTHER = range(1, 11)
# A debt is a debt, whatever its owner calls it.
NOT_FOR_THE_OWNER_TO_SAY = frozenset({LOAN_IN, LOAN_REPAY})
_REASONS = {
    SALE: "sale_words",
    REFUND: "refund_words",
    PURCHASE: "goods_words",
    RENT: "rent_words",
    PAYROLL: "wage_words",
    TRANSFER_SELF: "own_move_words",
    LOAN_IN: "loan_words",
    LOAN_REPAY: "loan_words",
    PRIVATE: "private_words",
    OTHER: "incidental_words",
}
# How sure each way of knowing is: shown to the owner, who looks at the least sure first.
BY_OWNER, BY_WORDS, BY_GUESS = Decimal("1.00"), Decimal("0.90"), Decimal("0.50")


class Use(StrEnum):
    """What money was."""

    BUSINESS = "business"
    PRIVATE = "private"
    OWN_ACCOUNT = "own_account"
    UNCLEAR = "unclear"


# What an owner may say. "Unclear" is not said, it is what nobody has said yet.
SAYABLE = (Use.BUSINESS, Use.PRIVATE, Use.OWN_ACCOUNT)


@dataclass(frozen=True, slots=True)
class Split:
    """The use of a line, the code of the reason for it, and how sure that is (0 to 1)."""

    use: Use
    reason: str
    confidence: Decimal


def split_of(kind: int, direction: int, *, guessed: bool, said: Use | None = None) -> Split:
    """What a line was: by its owner's word, by the words in it, or unclear where neither tells."""
    if said is not None and kind not in NOT_FOR_THE_OWNER_TO_SAY:
        return Split(said, "owner_said", BY_OWNER)
    if guessed and kind == PRIVATE:
        return Split(Use.PRIVATE, "paid_in_shops", BY_GUESS)
    if guessed:
        return Split(Use.UNCLEAR, "no_words_in" if direction > 0 else "no_words_out", BY_GUESS)
    use = {PRIVATE: Use.PRIVATE, TRANSFER_SELF: Use.OWN_ACCOUNT}.get(kind, Use.BUSINESS)
    return Split(use, _REASONS[kind], BY_WORDS)


def kind_as_said(kind: int, direction: int, said: Use | None) -> int:
    """The kind that a line counts as: what was read as trade stays what it is when its owner says that it was trade."""
    if said is None or kind in NOT_FOR_THE_OWNER_TO_SAY:
        return kind
    if said is Use.PRIVATE:
        return PRIVATE
    if said is Use.OWN_ACCOUNT:
        return TRANSFER_SELF
    if kind in (PRIVATE, TRANSFER_SELF):
        return SALE if direction > 0 else PURCHASE
    return kind


def confidence_with(confidence: Decimal, unsplit_percent: int, costs: Decimal) -> Decimal:
    """How much is known when so much of the money is unclear; ``costs`` is what it costs where all of it is."""
    return max(Decimal("0.00"), confidence - costs * unsplit_percent / 100).quantize(Decimal("0.01"))


def raised_percent(told_minor: int, raised_minor: int) -> int:
    """How much revenue the owner's corrections have added, in percent of what the bills themselves tell; rounded up.

    ``raised_minor`` is what became a sale and what ceased to be a refund, without what was taken off elsewhere: private
    inflows cannot be hidden behind corrections of the other way.
    """
    if raised_minor <= 0:
        return 0
    return 999 if told_minor <= 0 else min(999, -(-raised_minor * 100 // told_minor))

"""How much hangs on one group, one trade, one buyer: what may still be lent, and where a person is asked.

A group is an owner with all firms of theirs, whoever guarantees with them and what is paid to them as a supplier.
"""

from collections.abc import Iterator
from decimal import Decimal

from lending.verdicts import Exposure, Policy, Ratios, Reason, ReasonCode, Request


def group_minor(exposure: Exposure, *, with_us_minor: int, outside_guarantees_minor: int) -> int:
    """What a group owes or answers for, in minor units.

    In full what it borrowed from us, guarantees to us or is paid as a supplier; of guarantees for others elsewhere,
    which the bureau tells of, the part that the policy counts.
    """
    return with_us_minor + int(outside_guarantees_minor * exposure.guarantee_part)


def room_of_group(ratios: Ratios, policy: Policy) -> int | None:
    """What the group may still borrow, in minor units, never below zero; None where the policy sets no limit."""
    if policy.exposure.group_up_to_minor is None:
        return None
    return max(0, policy.exposure.group_up_to_minor - ratios.group_minor)


def concentrations(ratios: Ratios, policy: Policy, request: Request) -> Iterator[Reason]:
    """The trade or buyer on which more of the book would hang than the policy allows."""
    rules = policy.exposure
    book = max(ratios.book_minor + request.amount_minor, rules.book_at_least_minor)
    for code, part, most in (
        (ReasonCode.TRADE_CONCENTRATION, ratios.trade_book_minor, rules.trade_up_to),
        (ReasonCode.BUYER_CONCENTRATION, ratios.buyer_book_minor, rules.buyer_up_to),
    ):
        # What nothing hangs on yet is no concentration: the first loan's amount has limits of its own.
        if most is not None and part > 0 and part + request.amount_minor > most * book:
            taken = (Decimal(part + request.amount_minor) / book).quantize(Decimal("0.0001"))
            yield Reason(code, (("share", str(taken)), ("most_share", str(most))))

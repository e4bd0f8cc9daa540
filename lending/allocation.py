"""Which part of which instalment a payment pays first: an order over past due, due and in advance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import groupby

from lending.instalments import Instalment, Part
from lending.money import divide_half_even


class When(StrEnum):
    """Where the due date lies, seen from the payment."""

    PAST_DUE = "past_due"
    DUE = "due"
    IN_ADVANCE = "in_advance"


class Ahead(StrEnum):
    """Which instalment takes money that comes in advance."""

    NEXT = "next"
    LAST = "last"
    NEXT_THEN_LAST = "next_then_last"
    REAMORTISE = "reamortise"  # all of them, evenly


@dataclass(frozen=True, slots=True)
class Rule:
    """The order of allocation, the rule for money in advance; ``by_instalment``: one after the other, else by part."""

    order: tuple[tuple[When, Part], ...]
    ahead: Ahead
    by_instalment: bool = True


@dataclass(slots=True)
class Used:
    """How one payment was used, in minor units."""

    parts: dict[Part, int] = field(default_factory=lambda: dict.fromkeys(Part, 0))
    over: int = 0

    @property
    def total(self) -> int:
        return sum(self.parts.values())


# Pays into one part of one instalment and says how much was taken.
Pay = Callable[[When, Part, Instalment, int], int]
# Instalments that are met but whose plan may open them again for money in advance.
Reopens = Callable[[Instalment], bool]


def allocate(
    instalments: Sequence[Instalment], amount: int, on: date, rule: Rule, pay: Pay, reopens: Reopens, used: Used
) -> int:
    """Use ``amount`` by the rule; what is left over. ``instalments`` in order of number; ``pay`` does the booking."""
    if rule.by_instalment:
        for when, steps in groupby(rule.order, key=lambda step: step[0]):
            amount = _by_instalment(
                instalments, amount, on, when, [part for _, part in steps], rule, pay, reopens, used
            )
        return amount
    for when, part in rule.order:
        amount = _by_part(instalments, amount, on, when, part, rule, pay, used)
    return amount


def _by_instalment(
    instalments: Sequence[Instalment],
    amount: int,
    on: date,
    when: When,
    parts: list[Part],
    rule: Rule,
    pay: Pay,
    reopens: Reopens,
    used: Used,
) -> int:
    """Fill instalment after instalment, each part of it in order."""
    for _ in range(len(instalments) * 100):
        if amount <= 0:
            break
        targets = targets_of(instalments, on, when, rule.ahead, lambda i: not i.met, reopens)
        if not targets:
            break
        for part in parts:
            amount -= _share(targets, amount, when, part, pay, used)[0]
        if all(i.met for i in instalments):
            break
    return amount


def _by_part(
    instalments: Sequence[Instalment],
    amount: int,
    on: date,
    when: When,
    part: Part,
    rule: Rule,
    pay: Pay,
    used: Used,
) -> int:
    """Fill one part over all instalments before the next part."""
    while amount > 0:
        targets = targets_of(instalments, on, when, rule.ahead, lambda i: i.outstanding(part) > 0, lambda _: False)
        if not targets:
            break
        taken, last = _share(targets, amount, when, part, pay, used)
        amount -= taken
        if last <= 0:
            break
    return amount


def _share(targets: list[Instalment], amount: int, when: When, part: Part, pay: Pay, used: Used) -> tuple[int, int]:
    """Offer the amount in even shares, the last target taking the odd cents; all that was taken, and the last."""
    even = divide_half_even(amount, len(targets))
    taken = last = 0
    for target in targets:
        share = even if target is not targets[-1] else amount - even * (len(targets) - 1)
        got = pay(when, part, target, min(share, amount - taken))
        used.parts[part] += got
        taken += got
        last = got or last
    return taken, last


def targets_of(
    instalments: Sequence[Instalment],
    on: date,
    when: When,
    ahead: Ahead,
    wants: Callable[[Instalment], bool],
    reopens: Reopens,
) -> list[Instalment]:
    """The instalments that the next part of a payment goes to."""
    match when:
        case When.PAST_DUE:
            return [i for i in instalments if wants(i) and i.due_on < on][:1]
        case When.DUE:
            return [i for i in instalments if wants(i) and i.due_on == on][:1]
        case When.IN_ADVANCE:
            later = [i for i in instalments if i.due_on > on]
    match ahead:
        case Ahead.NEXT:
            return [i for i in later if wants(i)][:1]
        case Ahead.REAMORTISE:
            return [i for i in later if wants(i)]
        case Ahead.NEXT_THEN_LAST:
            current = [i for i in later if wants(i) and i.from_on <= on]
            if current:
                return current
        case Ahead.LAST:
            pass
    return [i for i in later if wants(i) or reopens(i)][-1:]

"""What a released rate or rule does to what is already agreed, offered or asked for: signed is signed (P4).

A contract changes by its own clause alone: a fixed rate never, a floating one on its next repricing day. An offer
stands as it was made until it expires; what nobody has decided yet is decided by what is then in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lending.floating import Clause, clause_of, next_reset
from lending.instalment_products import BASIS_POINT


class Effect(StrEnum):
    """What becomes of one contract, offer or application."""

    KEEPS = "keeps"
    RESETS = "resets"
    STANDS = "stands"
    ANEW = "anew"


@dataclass(frozen=True, slots=True)
class Touch:
    """``on``: the day on which it changes, or until which an offer stands. ``rate_after``: of a floating contract, by
    the value that is released; None where nothing changes."""

    effect: Effect
    on: date | None = None
    rate_after: Decimal | None = None


def touch(
    kind: str,
    terms: Mapping[str, object],
    *,
    began: date | None,
    until: date | None,
    effective_on: date,
    values: Mapping[str, Decimal],
) -> Touch:
    """What becomes of a ``kind``: a loan or a line by its contract, an offer until it expires, an application anew."""
    match kind:
        case "offer":
            return Touch(Effect.STANDS, until)
        case "application":
            return Touch(Effect.ANEW, effective_on)
        case _:
            return of_contract(terms, began=began, effective_on=effective_on, values=values)


def of_contract(
    terms: Mapping[str, object], *, began: date | None, effective_on: date, values: Mapping[str, Decimal]
) -> Touch:
    """A signed contract under released ``values`` of reference rates; ``began``: the day of its money."""
    clause = clause_of(terms)
    if clause is None or clause.index not in values:
        return Touch(Effect.KEEPS)
    return Touch(
        Effect.RESETS,
        next_reset(clause, began, effective_on) if began else None,
        rate_of(clause, values[clause.index]),
    )


def rate_of(clause: Clause, value: Decimal) -> Decimal:
    """The rate that a clause makes of a value of its index."""
    return max(Decimal(0), value + clause.points * BASIS_POINT)

"""What the key facts say of a subsidy: fixed there, so that what is claimed later is what was signed (P6)."""

from dataclasses import dataclass
from decimal import Decimal

from activities.papers.words import Words
from lending.subsidies import Subsidy


@dataclass(frozen=True)
class SubsidyLine:
    """One scheme as it stood: its part of the yearly rate, for how many months, up to how much, and what it pays at
    usual sales."""

    scheme: str
    points: Decimal
    months: int
    cap_minor: int
    pays_minor: int


def line_of(found: Subsidy | None) -> SubsidyLine | None:
    """The line of a scheme, None without one."""
    if found is None:
        return None
    one = found.scheme
    return SubsidyLine(one.name, one.points, one.months, one.cap_minor, found.pays_minor)


def subsidised(line: SubsidyLine | None) -> tuple[Words, ...]:
    """That somebody else pays part of the interest, how much, and that no term depends on it."""
    if line is None:
        return ()
    said = {
        "points_rate": str(line.points),
        "n": line.months,
        "cap_minor": line.cap_minor,
        "pays_minor": line.pays_minor,
    }
    return (Words("papers.payment.subsidy", said),)

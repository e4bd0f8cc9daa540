"""What looks wrong in what a firm showed: facts with their rows, weighed by a policy, never an accusation.

A rule says how strongly it speaks (0 to 1) and shows its rows. The policy says what a rule is worth. Together
they send an application to a person, or hold it until somebody has looked; they never decline it (个保法 24).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ROWS_SHOWN = 12


class Level(StrEnum):
    NONE = "none"
    STRONG = "strong"  # a person looks before anything is decided
    CERTAIN = "certain"  # held: the same thing was shown by somebody else


@dataclass(frozen=True, slots=True)
class Row:
    """One row that a finding rests on: its day (``YYYY-MM-DD``), amount in minor units, and side (1 in, -1 out)."""

    on: str
    amount_minor: int
    direction: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule saw: ``score`` from 0 to 1 with two places, ``facts`` that fill its text, and its first rows."""

    rule: str
    score: Decimal
    facts: tuple[tuple[str, str], ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class FraudRule:
    """``weight``: how much a finding of score 1 counts; ``reason``: the code of what its owner reads, a fact that can
    be explained; ``certain``: alone it holds the application."""

    weight: Decimal
    reason: str
    certain: bool
    limits: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class FraudPolicy:
    """``strong_at``: combined weight from which a person looks; ``shown_at``: score from which a finding is shown."""

    version: str
    strong_at: Decimal
    shown_at: Decimal
    rules: dict[str, FraudRule]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """All findings that are shown, the heaviest first, and what they come to."""

    level: Level
    weight: Decimal
    findings: tuple[Finding, ...]


def reasons(suspicion: Suspicion, policy: FraudPolicy) -> tuple[str, ...]:
    """Why a person looks, each reason once, the heaviest first; none where nobody has to."""
    if suspicion.level is Level.NONE:
        return ()
    return tuple(dict.fromkeys(policy.rules[one.rule].reason for one in suspicion.findings))


def weigh(findings: Sequence[Finding], policy: FraudPolicy) -> Suspicion:
    """Findings together: each takes its part of the doubt that the others leave (1 less the product of 1 less each).

    A rule that the policy does not name counts for nothing.
    """
    known = [one for one in findings if one.rule in policy.rules and one.score >= policy.shown_at]
    known.sort(key=lambda one: (-one.score * policy.rules[one.rule].weight, one.rule))
    left = Decimal(1)
    for one in known:
        left *= 1 - one.score * policy.rules[one.rule].weight
    weight = (1 - left).quantize(Decimal("0.01"))
    certain = any(policy.rules[one.rule].certain and one.score == 1 for one in known)
    level = Level.CERTAIN if certain else Level.STRONG if weight >= policy.strong_at else Level.NONE
    return Suspicion(level, weight, tuple(known))

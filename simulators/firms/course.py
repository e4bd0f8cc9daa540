"""How firms fare from month to month: swings that fade, bad spells, loans elsewhere and their repayment, late rents.

One step function moves any number of firms by one month, so that a single firm and a population live by the same rule.
"""

from dataclasses import dataclass

import numpy as np

from simulators.firms.character import Firms

REPAY_MONTHS = 6  # a loan elsewhere is repaid in this many instalments
REPAY_COST = 1.06  # of what was lent, in all


@dataclass(slots=True)
class Standing:
    """Where firms stand between two months."""

    swing: np.ndarray  # log of sales against plan
    spell: np.ndarray  # months of a bad spell left
    depth: np.ndarray  # sales in the spell as a share of plan
    due: np.ndarray  # yuan, [firm, month ahead]

    @classmethod
    def fresh(cls, n: int) -> "Standing":
        return cls(np.zeros(n), np.zeros(n, np.int64), np.ones(n), np.zeros((n, REPAY_MONTHS + 1)))


@dataclass(slots=True)
class Month:
    """One month of each firm: sales against plan, loans elsewhere, and days the rent is late."""

    factor: np.ndarray
    lent: np.ndarray  # yuan received from other lenders
    repaid: np.ndarray  # yuan paid back to them
    late: np.ndarray


def step(firms: Firms, standing: Standing, months_since_start: np.ndarray | int, rng: np.random.Generator) -> Month:
    """Move ``standing`` on by one month and say what the month is like."""
    n = len(firms)
    normal = rng.standard_normal((2, n))
    chance = rng.random((5, n))
    standing.swing = firms.mended_by * standing.swing + firms.swing_sigma * normal[0]
    begins = (standing.spell == 0) & (chance[0] < firms.shock)
    standing.spell = np.where(begins, 1 + (chance[1] * 3).astype(np.int64), np.maximum(standing.spell - 1, 0))
    standing.depth = np.where(begins, 0.35 + 0.4 * chance[2], standing.depth)
    factor = np.exp(standing.swing) * np.where(standing.spell > 0, standing.depth, 1.0)
    factor = factor * (1 + firms.trend) ** months_since_start
    # A firm in a bad spell, or below its plan, looks for money elsewhere.
    want = firms.borrow * np.where(factor < 0.8, 1.8, 1.0)
    lent = np.where(chance[3] < want, firms.level * np.exp(-0.6 + 0.4 * normal[1]), 0.0)
    repaid = standing.due[:, 0]
    standing.due = np.concatenate([standing.due[:, 1:], np.zeros((n, 1))], axis=1)
    standing.due[:, :REPAY_MONTHS] += (lent * REPAY_COST / REPAY_MONTHS)[:, None]
    late = np.minimum((-np.log1p(-chance[4]) * firms.rent_late).astype(np.int64), 15)
    return Month(factor, lent, repaid, late)

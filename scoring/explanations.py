"""From contributions of features to reasons in business words.

TreeSHAP splits a firm's log-odds into what each feature added or took away. Features of one group are added up, so a
reason is about refunds or rent, never about a column. Told is the figure that did most of it: of the group's features
that moved the risk the way the group did, the heaviest whose words (``scoring.reason.<code>``: one wording for raising
the risk, one for lowering it) are true of the firm's own figure.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from scoring.catalogue import CATALOGUE, INDEX, Group
from scoring.lines import Floats
from scoring.wordings import WORDINGS, shown

MOST_REASONS = 4
LEAST_WEIGHT = 0.10  # log-odds: what moves the odds by less than a tenth is no reason


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the chance of default is higher (``direction`` 1) or lower (-1) than the usual firm's.

    ``weight`` is in log-odds, positive when it raised the risk. ``params`` fill the text: figures as they are shown.
    """

    code: str
    direction: int
    weight: Decimal
    params: tuple[tuple[str, str], ...] = ()


GROUPS = tuple(Group)
_GROUP_OF = np.array([GROUPS.index(feature.group) for feature in CATALOGUE])
_WORDED = {group: tuple(f.name for f in CATALOGUE if f.group is group and f.name in WORDINGS) for group in Group}


def grouped(contributions: Floats) -> Floats:
    """Contributions by group; the last axis is the feature, then the group. Sums are kept."""
    out = np.zeros((*contributions.shape[:-1], len(GROUPS)))
    for position in range(len(GROUPS)):
        out[..., position] = contributions[..., position == _GROUP_OF].sum(axis=-1)
    return out


def reasons(contributions: Floats, features: Floats, scale: float = 1.0) -> tuple[Reason, ...]:
    """At most four reasons of one firm, the heaviest first.

    Only what the firm's own figure bears out is said. Where the risk is above the usual firm's, what raised it comes
    before what lowered it; there is always at least one. ``contributions`` are log-odds of the trees; ``scale`` is the
    calibration's slope, so that weights add up in the calibrated log-odds.
    """
    weights = np.bincount(_GROUP_OF, contributions, len(GROUPS)) * scale
    order = [int(position) for position in np.argsort(-np.abs(weights), kind="stable")]
    features_told = {
        position: told_by(GROUPS[position], 1 if weights[position] > 0 else -1, contributions, features)
        for position in order
    }
    known = [position for position in order if _is_known(GROUPS[position], features)] or order
    true = [position for position in order if features_told[position]] or known[:1]
    heavy = [position for position in true if abs(weights[position]) >= LEAST_WEIGHT] or true[:1]
    if weights.sum() > 0:
        heavy.sort(key=lambda position: weights[position] < 0)  # stable: the heaviest stay first on either side
    return tuple(
        _reason(
            features_told[position] or _heaviest(GROUPS[position], float(weights[position]), contributions),
            float(weights[position]),
            features,
        )
        for position in heavy[:MOST_REASONS]
    )


def told_by(group: Group, direction: int, contributions: Floats, features: Floats) -> str | None:
    """The feature of a group that did most to move the risk that way, of those whose words are true; None: none is."""
    pushing = [
        name
        for name in _WORDED[group]
        if contributions[INDEX[name]] * direction > 0 and WORDINGS[name].fits(float(features[INDEX[name]]), direction)
    ]
    return max(pushing, key=lambda name: contributions[INDEX[name]] * direction, default=None)


def _is_known(group: Group, features: Floats) -> bool:
    """Whether any figure of a group was seen at all: who showed no rent is not told that it is paid on the day."""
    return any(bool(np.isfinite(features[INDEX[name]])) for name in _WORDED[group])


def _heaviest(group: Group, weight: float, contributions: Floats) -> str:
    """Where no words are true of any figure, one reason is told all the same: what weighs most that way."""
    return max(_WORDED[group], key=lambda name: contributions[INDEX[name]] * (1 if weight > 0 else -1))


def _reason(feature: str, weight: float, features: Floats) -> Reason:
    wording = WORDINGS[feature]
    direction = 1 if weight > 0 else -1
    code = wording.raised if direction > 0 else wording.lowered
    value = float(features[INDEX[feature]])
    params = (("figure", shown(value, wording.shown)),) if np.isfinite(value) else (("figure", "–"),)
    return Reason(code, direction, Decimal(f"{weight:.4f}"), params)

"""The two kinds of model side by side, each fitted on one set of rows with its calibration, and the choice of one.

Everything that is learnt from outcomes is learnt inside the given rows: bins, weights of categories, when the trees
stop, calibration, and the choice. Whoever holds rows back can trust what is said of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from scoring import metrics
from scoring.calibration import Calibration, fit_calibration
from scoring.categories import Weights, learnt, weighed
from scoring.levels import levels, newest
from scoring.lines import Bools, Floats, Ints
from scoring.scorecard import Scorecard, fit_scorecard
from scoring.trees import Trees, fit_trees

SCORECARD, TREES = "scorecard", "trees"
METHODS = (SCORECARD, TREES)
# Standard errors by which trees must rank better: once in forty by chance. By one, 22 bad rows chose trees.
SURELY = 2.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows with a known outcome. ``matrix`` is (row, feature), NaN for missing; ``risk`` as in the catalogue;
    ``categories`` marks columns of codes that have no order; ``day`` is when each row was to be judged, where known."""

    matrix: Floats
    names: tuple[str, ...]
    risk: tuple[int, ...]
    bad: Bools
    categories: tuple[bool, ...] = ()
    day: Ints | None = None

    @property
    def levels(self) -> Floats | None:
        """Log-odds of default of each row's own time, where days are known."""
        return None if self.day is None else levels(self.day, self.bad)

    def rows(self, keep: Bools | Ints) -> "Sample":
        """Some of the rows."""
        day = None if self.day is None else self.day[keep]
        return replace(self, matrix=self.matrix[keep], bad=self.bad[keep], day=day)

    def columns(self, wanted: Sequence[str]) -> "Sample":
        """Some of the features, in the sample's order."""
        keep = [n for n, name in enumerate(self.names) if name in set(wanted)]
        return replace(
            self,
            matrix=self.matrix[:, keep],
            names=tuple(self.names[n] for n in keep),
            risk=tuple(self.risk[n] for n in keep),
            categories=tuple(self.categories[n] for n in keep) if self.categories else (),
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """One model with its calibration, and the weights of categories that both rest on."""

    method: str
    model: Scorecard | Trees
    calibration: Calibration
    weights: Weights = field(default_factory=dict)

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds before calibration."""
        return self.model.margin(weighed(matrix, self.weights))

    def pd(self, matrix: Floats) -> Floats:
        """Chance of default of each row."""
        return self.calibration.pd(self.margin(matrix))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Both candidates and the method that the rule chose; ``difference`` is the trees' mean AUC less the scorecard's
    over the inner folds, ``error`` its standard error. ``held`` are, for each method, the margins of rows by models
    that never saw them (NaN where none did), ``fold`` the part that each row was held back in (-1: none)."""

    candidates: dict[str, Fitted]
    method: str
    difference: float
    error: float
    held: dict[str, Floats]
    fold: Ints

    @property
    def model(self) -> Fitted:
        return self.candidates[self.method]

    def unseen(self, method: str, bad: Bools) -> Floats:
        """Chances of rows by a model and a calibration that never saw them; NaN where there is none."""
        margins, out = self.held[method], np.full(len(bad), np.nan)
        for part in range(int(self.fold.max()) + 1):
            here, others = self.fold == part, (self.fold != part) & (self.fold >= 0)
            out[here] = fit_calibration(margins[others], bad[others]).pd(margins[here])
        return out


def fit_both(sample: Sample, seed: int, methods: Sequence[str] = METHODS) -> Chosen:
    """Fits the candidates. The scorecard is taken unless the trees beat it by more than two standard errors of the
    paired difference over the inner folds. Where rows have days, what features say is learnt beside the level of each
    row's own time, and chances are stated at the newest."""
    folds = inner_folds(sample, seed)
    margins: dict[str, Floats] = {method: np.full(len(sample.bad), np.nan) for method in methods}
    fold = np.full(len(sample.bad), -1)
    for part, (rest, held) in enumerate(folds):
        fold[held] = part
        for method in methods:
            model, weights = _fit(method, sample.rows(rest), seed)
            margins[method][held] = model.margin(weighed(sample.matrix[held], weights))
    candidates: dict[str, Fitted] = {}
    judged, level = fold >= 0, sample.levels
    today = 0.0 if level is None or sample.day is None else newest(sample.day, level)
    for method in methods:
        beside = None if level is None else level[judged]
        calibration = fit_calibration(margins[method][judged], sample.bad[judged], beside, today)
        model, weights = _fit(method, sample, seed)
        candidates[method] = Fitted(method, model, calibration, weights)
    if len(methods) == 1:
        return Chosen(candidates, methods[0], 0.0, 0.0, margins, fold)
    mean, error = _difference(margins, fold, sample.bad)
    return Chosen(candidates, TREES if mean > SURELY * error else SCORECARD, mean, error, margins, fold)


def _difference(margins: dict[str, Floats], fold: Ints, bad: Bools) -> tuple[float, float]:
    """The trees' AUC less the scorecard's, mean over the folds, and its standard error."""
    gains, errors = [], []
    for part in range(int(fold.max()) + 1):
        held = fold == part
        trees, card = margins[TREES][held], margins[SCORECARD][held]
        error = metrics.paired_error(trees, card, bad[held])
        if np.isfinite(error):
            gains.append(metrics.auc(trees, bad[held]) - metrics.auc(card, bad[held]))
            errors.append(error)
    if not gains:
        return 0.0, float("inf")
    return float(np.mean(gains)), float(np.sqrt(np.sum(np.square(errors))) / len(errors))


def inner_folds(sample: Sample, seed: int) -> list[tuple[Ints, Ints]]:
    """Pairs of rows to learn from and rows to judge. With days: windows that follow what was learnt from, the last of
    them next to today; without: five parts with the same share of bad ones."""
    count = len(sample.bad)
    if sample.day is not None:
        order = np.argsort(sample.day, kind="stable")
        cuts = [round(count * share) for share in (0.55, 0.70, 0.85, 1.0)]
        folds = [(order[:begin], order[begin:end]) for begin, end in pairwise(cuts)]
        usable = [(rest, held) for rest, held in folds if _both(sample.bad[rest]) and len(held)]
        if usable and _both(sample.bad[np.concatenate([held for _, held in usable])]):
            return usable
    fold = stratified(sample.bad, 5, seed)
    return [(np.flatnonzero(fold != n), np.flatnonzero(fold == n)) for n in range(5) if (fold == n).any()]


def stratified(bad: Bools, folds: int, seed: int) -> Ints:
    """The fold of each row; each fold has the same share of bad ones."""
    rng = np.random.default_rng(seed)
    fold = np.empty(len(bad), np.int64)
    for outcome in (False, True):
        members = np.flatnonzero(bad == outcome)
        fold[rng.permutation(members)] = np.arange(len(members)) % folds
    return fold


def _both(bad: Bools) -> bool:
    return bool(bad.any() and not bad.all())


def _fit(method: str, sample: Sample, seed: int) -> tuple[Scorecard | Trees, Weights]:
    level = sample.levels
    matrix, weights = sample.matrix, {}
    places = [n for n, marked in enumerate(sample.categories) if marked]
    if places:
        expected = None if level is None else 1 / (1 + np.exp(-level))
        matrix, weights = learnt(matrix, places, sample.bad, stratified(sample.bad, 5, seed + 1), expected)
    risk = tuple(1 if n in weights else way for n, way in enumerate(sample.risk))
    if method == SCORECARD:
        return fit_scorecard(matrix, sample.bad, sample.names, risk, level=level), weights
    return fit_trees(matrix, sample.bad, sample.names, risk, seed, level), weights

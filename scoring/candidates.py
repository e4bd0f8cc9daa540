"""The two kinds of model side by side, each fitted on one set of rows with its calibration, and the choice of one.

Everything that is learnt from outcomes is learnt inside the given rows: bins, weights of categories, when the trees
stop, calibration, and the choice. Whoever holds rows back can trust what is said of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from scoring import metrics
from scoring.calibration import Calibration, fit_calibration
from scoring.lines import Bools, Floats, Ints
from scoring.scorecard import Scorecard, fit_scorecard
from scoring.trees import Trees, fit_trees

SCORECARD, TREES = "scorecard", "trees"
METHODS = (SCORECARD, TREES)
CATEGORY_SMOOTHING = 20.0
LONG_ENOUGH = 2_000  # rows with days: below, all of them are remembered
MEMORIES = (1.0, 0.5, 0.25)
LONGER_UNLESS = 0.005  # a shorter memory must rank better by this much


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

    def rows(self, keep: Bools | Ints) -> "Sample":
        """Some of the rows."""
        day = None if self.day is None else self.day[keep]
        return Sample(self.matrix[keep], self.names, self.risk, self.bad[keep], self.categories, day)

    def columns(self, wanted: Sequence[str]) -> "Sample":
        """Some of the features, in the sample's order."""
        keep = [n for n, name in enumerate(self.names) if name in set(wanted)]
        return Sample(
            self.matrix[:, keep],
            tuple(self.names[n] for n in keep),
            tuple(self.risk[n] for n in keep),
            self.bad,
            tuple(self.categories[n] for n in keep) if self.categories else (),
            self.day,
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """One model with its calibration, and the weights of categories that both rest on."""

    method: str
    model: Scorecard | Trees
    calibration: Calibration
    weights: dict[int, dict[float, float]] = field(default_factory=dict)

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds before calibration."""
        return self.model.margin(_weighed(matrix, self.weights))

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
    """Fits the candidates. The scorecard is taken unless the trees beat it by more than one standard error of the
    paired difference over the inner folds."""
    if sample.day is not None:
        sample = _latest(sample, _memory(sample))
    folds = inner_folds(sample, seed)
    margins: dict[str, Floats] = {method: np.full(len(sample.bad), np.nan) for method in methods}
    areas: dict[str, list[float]] = {method: [] for method in methods}
    fold = np.full(len(sample.bad), -1)
    for part, (rest, held) in enumerate(folds):
        fold[held] = part
        for method in methods:
            model, weights = _fit(method, sample.rows(rest), seed)
            found = model.margin(_weighed(sample.matrix[held], weights))
            margins[method][held] = found
            areas[method].append(metrics.auc(found, sample.bad[held]))
    candidates: dict[str, Fitted] = {}
    for method in methods:
        judged = np.isfinite(margins[method])
        calibration = fit_calibration(margins[method][judged], sample.bad[judged])
        candidates[method] = Fitted(method, *_with(calibration, _fit(method, sample, seed)))
    if len(methods) == 1:
        return Chosen(candidates, methods[0], 0.0, 0.0, margins, fold)
    gain = np.array(areas[TREES]) - np.array(areas[SCORECARD])
    gain = gain[np.isfinite(gain)]
    mean = float(gain.mean()) if len(gain) else 0.0
    error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else float("inf")
    return Chosen(candidates, TREES if mean > error else SCORECARD, mean, error, margins, fold)


def _memory(sample: Sample) -> float:
    """How far back to learn from where rows have days: the part of the latest rows whose scorecard ranks the last of
    them best. What was true long ago may be so no longer."""
    if sample.day is None or len(sample.bad) < LONG_ENOUGH:
        return 1.0
    order = np.argsort(sample.day, kind="stable")
    begins = round(len(order) * 0.8)
    before, last = sample.rows(order[:begins]), sample.rows(order[begins:])
    best, ranked = 1.0, -1.0
    for share in MEMORIES:
        some = _latest(before, share)
        if not (_both(some.bad) and _both(last.bad)):
            continue
        model, weights = _fit(SCORECARD, some, 0)
        area = metrics.auc(model.margin(_weighed(last.matrix, weights)), last.bad)
        if area > ranked + LONGER_UNLESS:
            best, ranked = share, area
    return best


def _latest(sample: Sample, share: float) -> Sample:
    assert sample.day is not None  # noqa: S101 (asked by whoever calls)
    order = np.argsort(sample.day, kind="stable")
    return sample.rows(np.sort(order[len(order) - round(len(order) * share) :]))


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


def _with(
    calibration: Calibration, fitted: tuple[Scorecard | Trees, dict[int, dict[float, float]]]
) -> tuple[Scorecard | Trees, Calibration, dict[int, dict[float, float]]]:
    return fitted[0], calibration, fitted[1]


def _fit(method: str, sample: Sample, seed: int) -> tuple[Scorecard | Trees, dict[int, dict[float, float]]]:
    matrix, weights = _category_weights(sample, seed)
    risk = tuple(1 if n in weights else way for n, way in enumerate(sample.risk))
    if method == SCORECARD:
        return fit_scorecard(matrix, sample.bad, sample.names, risk), weights
    return fit_trees(matrix, sample.bad, sample.names, risk, seed), weights


# --- categories -------------------------------------------------------------------------------------------------------


def _category_weights(sample: Sample, seed: int) -> tuple[Floats, dict[int, dict[float, float]]]:
    """The matrix with categories as weights of evidence, each row's from rows other than itself (five parts), so that a
    category of one firm does not tell that firm's own outcome; and the weights of all rows, for later rows."""
    places = [n for n, marked in enumerate(sample.categories) if marked]
    if not places:
        return sample.matrix, {}
    matrix = sample.matrix.copy()
    fold = stratified(sample.bad, 5, seed + 1)
    for place in places:
        column = sample.matrix[:, place]
        for part in range(5):
            held = fold == part
            known = _weights(column[~held], sample.bad[~held])
            matrix[held, place] = _looked_up(column[held], known)
    return matrix, {place: _weights(sample.matrix[:, place], sample.bad) for place in places}


def _weights(column: Floats, bad: Bools) -> dict[float, float]:
    there = np.isfinite(column)
    codes, place = np.unique(column[there], return_inverse=True)
    rate = float(np.clip(bad.mean(), 1e-6, 1 - 1e-6))
    bads, counts = np.bincount(place, bad[there], len(codes)), np.bincount(place, minlength=len(codes))
    mixed = (bads + CATEGORY_SMOOTHING * rate) / (counts + CATEGORY_SMOOTHING)
    woe = np.log(mixed / (1 - mixed)) - np.log(rate / (1 - rate))
    return dict(zip(codes.tolist(), woe.tolist(), strict=True))


def _looked_up(column: Floats, known: dict[float, float]) -> Floats:
    """A category never seen has the weight of nothing; a missing one stays missing."""
    codes, place = np.unique(column, return_inverse=True)
    values = np.array([known.get(code, 0.0) if np.isfinite(code) else np.nan for code in codes.tolist()])
    return values[place]


def _weighed(matrix: Floats, weights: dict[int, dict[float, float]]) -> Floats:
    if not weights:
        return matrix
    out = matrix.copy()
    for place, known in weights.items():
        out[:, place] = _looked_up(matrix[:, place], known)
    return out

"""How good the whole way from rows to chances is: fitted, calibrated and chosen inside each fold, judged outside it.

Either parts of the rows at random, several times over (with the same share of bad ones in each), or what came later by
what came before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scoring import metrics
from scoring.calibration import moved
from scoring.candidates import METHODS, Sample, fit_both, stratified
from scoring.leaks import leaking
from scoring.lines import Bools, Floats

LATER = 0.3  # the part of the rows, the latest, that a split by time is judged on
WINDOWS = 12  # of the later part: at the beginning of each the level is set by what is known by then
NEWEST = 500  # outcomes that a level is set by
LEAST = 10  # rows of either outcome that can teach
ENOUGH = 10_000  # rows judged: more repeats over many rows cost minutes and tell nothing
CHOSEN = "chosen"


class NothingToLearn(ValueError):
    """The earlier part cannot teach; the message says why."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Chances of rows by models that never saw them, by method and for the chosen one, in folds; ``rounds`` are the
    repeats, each with the rows judged in it."""

    bad: Bools
    chances: dict[str, list[Floats]]  # one array a repeat, NaN for rows that were only learnt from
    folds: list[np.ndarray]
    chosen: list[str]
    levelled: dict[str, Floats] = field(default_factory=dict)  # by time: chances whose level followed known outcomes


def cross_validated(
    sample: Sample, folds: int, repeats: int, seed: int, progress: Callable[[str], None] = lambda _: None
) -> Judged:
    """Repeated stratified parts. Days are not used: any row may teach any other."""
    anyhow = Sample(sample.matrix, sample.names, sample.risk, sample.bad, sample.categories)
    chances: dict[str, list[Floats]] = {name: [] for name in (CHOSEN, *METHODS)}
    parts: list[np.ndarray] = []
    chosen: list[str] = []
    for repeat in range(repeats):
        fold = stratified(sample.bad, folds, seed + 1000 * repeat)
        found = {name: np.full(len(sample.bad), np.nan) for name in chances}
        for part in range(folds):
            progress(f"repeat {repeat + 1}/{repeats}, fold {part + 1}/{folds}")
            held = fold == part
            if not held.any():
                continue
            chosen.append(_judge(anyhow, ~held, held, seed + repeat, found))
        for name, values in found.items():
            chances[name].append(values)
        parts.append(fold)
    return Judged(sample.bad, chances, parts, chosen)


def repeats_for(rows: int, asked: int) -> int:
    """How often rows are parted anew: as asked, but no more often than it takes to judge ten thousand."""
    return max(1, min(asked, ENOUGH // rows))


def split_by_time(sample: Sample, seed: int, known_by: np.ndarray | None = None) -> Judged:
    """The latest three tenths judged by what came before. ``known_by`` is the day on which each outcome was known: rows
    whose outcome was not known when the later part begins teach nothing. The models stay as they are throughout; beside
    what they say, ``levelled`` has the same chances with the level set again at the beginning of each window. Raises
    NothingToLearn."""
    if sample.day is None:
        raise ValueError("a split by time needs days")
    begins = np.quantile(sample.day, 1 - LATER, method="lower")
    held = sample.day > begins if (sample.day > begins).mean() > LATER / 3 else sample.day >= begins
    rest = ~held if known_by is None else ~held & (known_by <= sample.day[held].min())
    bads, goods = int((sample.bad & rest).sum()), int((~sample.bad & rest).sum())
    if min(bads, goods) < LEAST:
        raise NothingToLearn(
            f"when the later part begins, the outcomes of {bads} bad and {goods} good rows are known, not {LEAST}"
        )
    found = {name: np.full(len(sample.bad), np.nan) for name in (CHOSEN, *METHODS)}
    chosen = _judge(sample, rest, held, seed, found)
    levelled = {name: _levelled(sample, held, values, known_by) for name, values in found.items()}
    chances = {name: [values] for name, values in found.items()}
    return Judged(sample.bad, chances, [np.where(held, 0, -1)], [chosen], levelled)


def _levelled(sample: Sample, held: Bools, chances: Floats, known_by: np.ndarray | None) -> Floats:
    """Chances at the level of the newest outcomes known on the first day of each window of the later part."""
    assert sample.day is not None  # noqa: S101 (asked by whoever calls)
    out, known = chances.copy(), sample.day if known_by is None else known_by
    later = np.flatnonzero(held)[np.argsort(sample.day[held], kind="stable")]
    for window in np.array_split(later, WINDOWS):
        if not len(window):
            continue
        begins = sample.day[window[0]]
        told = later[(sample.day[later] < begins) & (known[later] < begins)][-NEWEST:]
        out[window] = moved(chances[window], chances[told], sample.bad[told])
    return out


def _judge(sample: Sample, rest: Bools, held: Bools, seed: int, found: dict[str, Floats]) -> str:
    made = fit_both(sample.rows(rest), seed)
    for method in METHODS:
        found[method][held] = made.candidates[method].pd(sample.matrix[held])
    found[CHOSEN][held] = found[made.method][held]
    return made.method


def report(judged: Judged) -> dict[str, Any]:
    """The figures of the chosen model and, under ``candidates``, of each."""
    out = _figures(judged, CHOSEN)
    out["candidates"] = {method: _figures(judged, method) for method in METHODS}
    out["chosen"] = {method: judged.chosen.count(method) for method in METHODS}
    return out


def _figures(judged: Judged, name: str) -> dict[str, Any]:
    """Discrimination is the mean over folds, as chances of two folds come from two models; the rest is over the rows of
    a repeat. The interval is Hanley and McNeil's for one pass over the rows. By time, ``brier`` and ``ece`` are of
    chances whose level followed known outcomes; ``brier_frozen`` and ``ece_frozen`` of what one model said for good."""
    areas, distances = [], []
    for chances, fold in zip(judged.chances[name], judged.folds, strict=True):
        for part in range(int(fold.max()) + 1):
            held = fold == part
            areas.append(metrics.auc(chances[held], judged.bad[held]))
            distances.append(metrics.ks(chances[held], judged.bad[held]))
    passes = [_one_pass(chances, judged.bad) for chances in judged.chances[name]]
    area = _mean(areas)
    low, high = metrics.interval_of(area, passes[0]["bad"], passes[0]["n"] - passes[0]["bad"])
    frozen: dict[str, Any] = {}
    stated = passes
    if name in judged.levelled:
        stated = [_one_pass(judged.levelled[name], judged.bad)]
        frozen = {f"{key}_frozen": passes[0][key] for key in ("brier", "ece")}
    return {
        "auc": _rounded(area),
        "auc_ci": [_rounded(low), _rounded(high)],
        "auc_pooled": _rounded(_mean([one["auc"] for one in passes])),
        "ks": _rounded(_mean(distances)),
        "brier": _rounded(_mean([one["brier"] for one in stated]), 5),
        "ece": _rounded(_mean([one["ece"] for one in stated])),
        "lift": _rounded(_mean([one["lift"] for one in passes])),
        "n": passes[0]["n"],
        "bad": passes[0]["bad"],
        **frozen,
    }


def _one_pass(chances: Floats, bad: Bools) -> dict[str, Any]:
    there = np.isfinite(chances)
    return metrics.summary(chances[there], bad[there])


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None and np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _rounded(value: float, places: int = 4) -> float | None:
    return round(value, places) if np.isfinite(value) else None


def without_leaks(sample: Sample) -> tuple[Sample, dict[str, float]]:
    """The sample without features that know the answer, and those that were left out with how well each ranks."""
    leaks = leaking(sample)
    return sample.columns([name for name in sample.names if name not in leaks]), leaks

"""``score-one``: one firm from evidence to a score with reasons. ``score-batch``: ten thousand firms to features."""

import json
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ops.bench.explaining import MONTHS, POPULATION, milliseconds, risky
from ops.bench.figures import Bar, Figure, median, spread
from ops.stack import testing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.evidence import Evidence
    from scoring.model import Model

    Margin = Callable[[NDArray[Any]], Any]

ONE, BATCH = NAMES = ("score-one", "score-batch")
ROUNDS = 5  # over the same firms: twenty measurements make no tail
BATCH_ROUNDS = 3
FIRMS, LINES = 10_000, 500
MODELS = 250  # firms of the population whose lines are drawn from
SIXTY = Bar("ours", 60)
HALF = Bar("ratio", 0.5, at_least=True)
WHAT = "by firm, block, kind, day and party the sums that features rest on, no formulas"


class Differs(Exception):
    """A peer does not add up what we add up: nothing is compared."""


def measure(names: Collection[str], seed: int, said: Callable[[str], None]) -> list[Figure]:
    """The figures of these names; others are nobody's here."""
    figures: list[Figure] = []
    if ONE in names:
        said(f"{ONE} …")
        figures += one(seed)
    if BATCH in names:
        said(f"{BATCH} …")
        figures += batch(seed)
    return figures


# --- one firm ---------------------------------------------------------------------------------------------------------


def one(seed: int) -> list[Figure]:
    """Milliseconds to features, chance of default and reasons, by trees and by the scorecard of one population."""
    from scoring.features import features_of

    figures: list[Figure] = []
    models = both(seed)
    firms = risky(models["trees"][0], seed)
    for method, name in (("trees", ONE), ("scorecard", f"{ONE}-scorecard")):
        model, margin = models[method]
        mine: list[float] = []
        floor: list[float] = []
        for evidence, as_of in firms[:3]:
            scored(model, evidence, as_of)
        for evidence, as_of in firms * ROUNDS:
            mine.append(milliseconds(lambda: scored(model, evidence, as_of)))  # noqa: B023 (called at once)
            floor.append(milliseconds(lambda: margin(features_of(evidence, as_of).reshape(1, -1))))  # noqa: B023
        then = "inplace_predict" if method == "trees" else "points added up"
        meaning = f"features by numpy and {then}, no reasons"
        figures += spread(name, mine, floor, seed=seed, meaning=meaning, p95=(SIXTY,))
    return figures


def both(seed: int) -> "dict[str, tuple[Model, Margin]]":
    """The chosen candidate and the other one by method, each with its bare prediction."""
    import xgboost

    from ops.default_model import train_default
    from scoring.model import Model
    from scoring.scorecard import Scorecard

    trained = train_default(lambda _: None, trained_on="2026-01-01", firms=POPULATION, months=MONTHS, seed=seed)
    found: dict[str, tuple[Model, Margin]] = {}
    for each in (trained, trained.other):
        if each is None:
            continue
        model = Model.load(each.model_bytes, each.card)
        if model.method == "trees":
            booster = xgboost.Booster({"nthread": 1})
            booster.load_model(bytearray(each.model_bytes))
            found[model.method] = model, booster.inplace_predict
        else:
            found[model.method] = model, Scorecard.load(each.model_bytes).margin
    return found


def scored(model: "Model", evidence: "Evidence", as_of: date) -> object:
    """What underwriting asks: score, grade, confidence, reasons, the firm's own months."""
    from scoring.assessment import assess

    found = assess(model, evidence, as_of)
    if not found.score.reasons:
        raise RuntimeError("a firm of the bench was scored without a reason")
    return found


# --- many firms -------------------------------------------------------------------------------------------------------


def batch(seed: int) -> list[Figure]:
    """Lines a second and megabytes at most, each contestant in a process of its own, in turn; medians."""
    from ops.bench.aggregating import OURS, PEERS

    lines, limit = crowd(FIRMS, LINES, seed)
    peers = [name for name in PEERS if find_spec(name) is not None]
    few = lines["firm"] < min(FIRMS, 100)
    for name in peers:
        checked(name, {column: values[few] for column, values in lines.items()}, limit[:100])
    seconds: dict[str, list[float]] = {name: [] for name in (OURS, *peers)}
    peaks: dict[str, list[float]] = {name: [] for name in seconds}
    with testing.folder(durable=True) as folder:
        file = folder / "lines.npz"
        arrays: dict[str, Any] = {"limit": limit, **lines}
        np.savez(file, **arrays)
        for _ in range(BATCH_ROUNDS):
            for name, took in seconds.items():
                told = _alone(name, file)
                took.append(told["seconds"])
                peaks[name].append(told["peak_bytes"] / 1e6)
    rate = {name: len(lines["day"]) / median(took) for name, took in seconds.items()}
    fastest = max(peers, key=lambda name: rate[name])
    absent = [name for name in PEERS if name not in peers]
    meaning = f"{fastest}, the fastest of {', '.join(peers)}: {WHAT}"
    if absent:
        meaning += f" ({' and '.join(absent)} not installed: make bench)"
    return [
        _figure(BATCH, "lines/s", rate[OURS], rate[fastest], seed, meaning, HALF),
        _figure(f"{BATCH}-memory", "MB", max(peaks[OURS]), max(peaks[fastest]), seed, f"{fastest} at its most"),
    ]


def crowd(firms: int, lines: int, seed: int) -> "tuple[dict[str, NDArray[Any]], NDArray[np.int32]]":
    """Columns of so many firms' lines, in order of firm and time, and each firm's as-of day since 1970."""
    from ops.bench.aggregating import COLUMNS
    from scoring.lines import Lines
    from simulators.firms.population import population

    count = min(MODELS, firms)
    made = population(count, MONTHS, seed)
    known = Lines.from_columns(made["lines"])
    begins = np.searchsorted(known.firm, np.arange(count + 1))
    like = np.arange(firms) % count
    drawn = np.random.default_rng(seed).random((firms, lines)) * np.diff(begins)[like][:, None]
    at = np.sort(begins[:-1][like][:, None] + drawn.astype(np.int64), axis=1).ravel()
    told = replace(known.where(at), firm=np.repeat(np.arange(firms, dtype=np.int32), lines))
    as_of = made["firms"]["as_of"][like].astype("datetime64[D]").astype(np.int32)
    return {name: getattr(told, name) for name in COLUMNS}, as_of


def checked(name: str, lines: "dict[str, NDArray[Any]]", limit: "NDArray[Any]") -> None:
    """Raises :class:`Differs` unless a peer's sums lead to our features."""
    from ops.bench.aggregating import PEERS, huoshui, told_by

    mine = huoshui(lines, limit)
    for feature, values in told_by(PEERS[name](lines, limit), len(limit)).items():
        if not np.allclose(mine[feature].to_numpy(), values, rtol=1e-9, atol=1e-9, equal_nan=True):
            raise Differs(f"{name}: {feature}")


def _alone(name: str, file: Path) -> dict[str, float]:
    argv = [sys.executable, "-m", "ops.bench.aggregating", name, str(file)]
    return json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)


def _figure(name: str, unit: str, ours: float, floor: float, seed: int, meaning: str, *bars: Bar) -> Figure:
    return Figure(name=name, unit=unit, ours=ours, floor=floor, n=FIRMS * LINES, seed=seed, meaning=meaning, bars=bars)

"""What a model's card says of how good it is: repeated parts, and what came later judged by what came before."""

from dataclasses import dataclass, replace
from typing import Any

from scoring import metrics
from scoring.candidates import METHODS, Chosen, Sample, fit_both
from scoring.lines import Bools, Floats, Ints
from scoring.validation import LATER, NothingToLearn, repeats_for, report, split_by_time

FOLDS = 5
MANY_DAYS = 20  # different days of judging: fewer split nothing by time
APART = 1_000  # between the seeds of repeats


@dataclass(frozen=True, slots=True)
class Proof:
    """``unseen``: of each method the chances of the first pass; ``passes``: of every one. ``by_time`` by method."""

    how: str
    unseen: dict[str, Floats]
    passes: dict[str, list[Floats]]
    by_time: dict[str, dict[str, Any]]

    def figures(self, method: str, bad: Bools) -> dict[str, Any]:
        """Over all passes."""
        return metrics.mean_of([metrics.summary(chances, bad) for chances in self.passes[method]])


def prove(sample: Sample, chosen: Chosen, seed: int, asked: int, day: Ints) -> Proof:
    """``chosen`` is the first pass; further ones part the rows anew, as often as asked and as rows need. ``day`` is
    when each row was to be judged."""
    repeats = repeats_for(len(sample.bad), asked)
    passes = {method: [chosen.unseen(method, sample.bad)] for method in METHODS}
    for repeat in range(1, repeats):
        again = fit_both(sample, seed + APART * repeat)
        for method in METHODS:
            passes[method].append(again.unseen(method, sample.bad))
    rows = f"{repeats} repeats" if repeats > 1 else "one repeat"
    fewer = f" of {asked} ({len(sample.bad)} rows need no more)" if repeats < asked else ""
    how = f"{FOLDS}-fold, stratified, {rows}{fewer}; each firm judged by a model and a calibration that never saw it"
    return Proof(how, {method: found[0] for method, found in passes.items()}, passes, _by_time(sample, seed, day))


def _by_time(sample: Sample, seed: int, day: Ints) -> dict[str, dict[str, Any]]:
    days = len(set(day.tolist()))
    if days <= MANY_DAYS:
        seen = "one day" if days == 1 else f"{days} different days"
        why = f"none: the firms were judged on {seen}, and more than {MANY_DAYS} are needed"
        return {method: {"how": why} for method in METHODS}
    try:
        found = report(split_by_time(replace(sample, day=day), seed))["candidates"]
    except NothingToLearn as error:
        return {method: {"how": f"none: {error}"} for method in METHODS}
    how = f"the latest {LATER:.0%} judged by those before them, whose outcomes are taken as known by then"
    return {method: {"how": how, **found[method]} for method in METHODS}

"""From rows to the figures that ``huoshui score evaluate`` prints."""

from collections.abc import Callable
from typing import Any

from ops.evaluating.reading import Data, Unusable, two_classes
from ops.evaluating.sources import columns_of
from scoring.catalogue import CATALOGUE
from scoring.leaks import LEAK
from scoring.validation import (
    LEAST,
    NothingToLearn,
    cross_validated,
    repeats_for,
    report,
    split_by_time,
    without_leaks,
)

FEWEST = 5  # rows of the rarer outcome without a split by time: the interval tells how little they say
LEVEL = "one model; its level set again in each of twelve windows by outcomes known by then; *_frozen: never set again"


def judged(data: Data, cv: tuple[int, int], seed: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """The figures of the chosen model and of each candidate; what was left out; a bureau's columns alone where there
    are any, against all. Raises Unusable."""
    two_classes(data.sample.bad, "the data")
    few = min(int(data.sample.bad.sum()), int((~data.sample.bad).sum()))
    least = LEAST if data.by_time else FEWEST
    if few < least:
        raise Unusable(f"{few} rows of the rarer outcome are too few to judge a model by; {least} are needed")
    sample, leaks = without_leaks(data.sample)
    for name, area in leaks.items():
        made_of = ", ".join(columns_of(name))
        data.dropped[name] = f"knows the answer: alone it ranks with AUC {area:.3f} (limit {LEAK}); made of {made_of}"
        progress(
            f"Warning: {name} knows the answer (alone AUC {area:.3f}) and is left out; look at what it is made of "
            f"({made_of}): whatever else is made of it is still in the figures"
        )
    if not sample.names:
        raise Unusable("no feature is left to judge by: " + "; ".join(f"{k} {v}" for k, v in data.dropped.items()))
    whole = Data(sample, data.left_out, data.dropped, data.bureau, data.known_by, data.by_time, data.as_of)
    out = _figures(whole, sample.names, cv, seed, progress)
    out["leaks"] = {name: {"auc": round(area, 4), "columns": list(columns_of(name))} for name, area in leaks.items()}
    out |= {"features": len(sample.names), "dropped": data.dropped, "left_out": data.left_out}
    sources = {feature.source.value for feature in CATALOGUE if feature.name in set(sample.names)}
    if sources:
        out |= {"sources": sorted(sources), "as_of": data.as_of}
    bureau = [name for name in data.bureau if name in sample.names]
    flows = [name for name in sample.names if name not in bureau]
    out["bureau_only"] = out["with_flows"] = None
    if bureau and flows:
        out["bureau_columns"] = bureau
        out["bureau_only"] = _figures(whole, tuple(bureau), cv, seed, progress)
        out["with_flows"] = {key: out[key] for key in ("auc", "auc_ci", "ks", "brier", "ece", "lift", "n", "bad")}
    else:
        out["bureau_note"] = "no column of a credit bureau beside the others: there is nothing to compare flows with"
    if not data.by_time and sample.day is not None:
        try:
            by_time = split_by_time(sample, seed)
            out["time_split"] = report(by_time)
        except NothingToLearn as error:
            out["time_split_note"] = str(error)
    return out


def _figures(
    data: Data, names: tuple[str, ...], cv: tuple[int, int], seed: int, progress: Callable[[str], None]
) -> dict[str, Any]:
    sample = data.sample.columns(names)
    if data.by_time:
        try:
            figures = report(split_by_time(sample, seed, data.known_by))
        except NothingToLearn as error:
            raise Unusable(str(error)) from None
        return {"split": "time: the latest 30 %", "calibration": LEVEL, **figures}
    folds, asked = cv
    repeats = repeats_for(len(sample.bad), asked)
    fewer = f" of {folds}x{asked}: {len(sample.bad)} rows need no more repeats" if repeats < asked else ""
    return {"split": f"{folds}x{repeats}{fewer}", **report(cross_validated(sample, folds, repeats, seed, progress))}

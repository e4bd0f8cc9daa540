"""The layouts ``receivables`` (a ledger of invoices) and ``table`` (any table with an outcome)."""

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from imports.invoices import read
from imports.misreadings import StatementNotUnderstood
from ops.evaluating.reading import (
    BUREAU,
    Column,
    Data,
    Unusable,
    days,
    frame,
    keys,
    need,
    only_file,
    pd,
    plain_bytes,
    two_classes,
)
from scoring.candidates import Sample
from scoring.receivables import NAMES, RISK, history_features

BAD_WORDS = re.compile(
    r"chg_?off|charge.?off|default|bad|late|overdue|delinq|fail|lost|fraud|yes|true|逾期|违约|坏|是", re.IGNORECASE
)
MOSTLY = 0.5  # of a date column's rows after the time of judging: it is told afterwards
NEARLY_ALL = 0.9  # of a column's values different: an id
FEW_VALUES = 2
ALIKE = 0.7  # correlation of logarithms from which two amounts are about one thing
MOST_RATIOS = 12
LEAST_SHARED = 3  # words that two columns have in common; yes and no are common to all
SPREAD = 3.0  # of an amount: its high tenth over its low one
FOLLOWS = 0.95  # correlation with the time of judging


def receivables(place: Path, mapping: Sequence[str], late_over: int) -> Data:
    """Was an invoice paid more than ``late_over`` days after its due date? Judged on the day it was issued."""
    path = only_file(place)
    try:
        found = read(plain_bytes(path), path.name.removesuffix(".gz"), mapping=mapping)
    except StatementNotUnderstood as error:
        where = ", ".join(f"{name} {value}" for name, value in error.all_params.items())[:200]
        raise Unusable(f"{path}: {error.code.replace('_', ' ')} ({where}); name the columns with --map") from None
    rows = [one for one in found.invoices if one.due and one.gross_minor > 0]
    left_out = {
        "not understood": len(found.summary.not_understood),
        "without a due date or an amount": len(found.invoices) - len(rows),
    }
    if not rows or not any(one.settled for one in rows):
        raise Unusable(f"{path}: no invoice has both a due and a paid date; name the columns with --map")
    issued, due = _days([one.issued for one in rows]), _days([one.due for one in rows])
    settled = _days([one.settled for one in rows])
    amount = np.array([one.gross_minor for one in rows], np.float64) / 100
    buyer = pd.factorize(np.array([one.counterparty for one in rows], dtype=object))[0]
    matrix = history_features(buyer, issued, due, settled, amount, late_over)
    # What is still open at the end of the ledger is late once it is past due by then, and unknown before.
    end = int(max(issued.max(), settled.max()))
    known = (settled >= 0) | (end - due > late_over)
    left_out["still open, not yet due"] = int((~known).sum())
    bad = np.where(settled >= 0, settled - due > late_over, True)
    two_classes(bad[known], str(path))
    sample = Sample(matrix, NAMES, RISK, bad, day=issued).rows(known)
    data = Data(_telling(sample), {why: count for why, count in left_out.items() if count}, by_time=True)
    data.known_by = (due + late_over + 1)[known]
    return data


def any_table(place: Path, label: str, time: str | None, drop: Sequence[str], known_after: int = 0) -> Data:
    """Numbers as they are, dates as days before the time of judging, words as categories, ratios of amounts that go
    together; what identifies a row, or was told after the time, is left out and named. An outcome is known
    ``known_after`` days after the time."""
    found = frame(only_file(place))
    name, _, bad_value = label.partition("=")
    need(found, str(place), name, *([time] if time else []), *drop)
    told = found[name].notna()
    left_out = {"without an outcome": int((~told).sum())} if (~told).any() else {}
    day = there = None
    if time:
        day, there = days(found[time])
        if (~there & told).any():
            left_out["without a time"] = int((~there & told).sum())
        told &= there
    found = found[told].reset_index(drop=True)
    if found.empty:
        raise Unusable(f"{place}: no row has {name!r}" + (f" and a date in {time!r}" if time else ""))
    day = None if day is None else day[told.to_numpy()]
    bad = _bad(found[name], bad_value, str(place))
    dropped = dict.fromkeys(drop, "asked to")
    columns: dict[str, np.ndarray] = {}
    categories: list[bool] = []
    for column in found.columns:
        if column in {name, time, *drop}:
            continue
        values, why, is_category = _column(found[column], day)
        if values is None:
            dropped[str(column)] = why
            continue
        if day is not None and not is_category and _follows(values, day):
            dropped[str(column)] = "only tells the time"
            continue
        columns[str(column)] = values
        categories.append(is_category)
    if not columns:
        raise Unusable(f"{place}: no column is left to judge by")
    numbers = {column: values for (column, values), code in zip(columns.items(), categories, strict=True) if not code}
    texts = {column: found[column] for column, code in zip(columns, categories, strict=True) if code}
    pairs = _ratios(numbers) | _agreements(texts)
    columns |= pairs
    names = tuple(columns)
    marked = (*categories, *(False for _ in pairs))
    sample = Sample(np.column_stack(list(columns.values())), names, (0,) * len(names), bad, marked, day)
    bureau = tuple(column for column in names if BUREAU.search(column))
    known_by = None if day is None else day + known_after
    return Data(sample, left_out, dropped, bureau, known_by, by_time=time is not None)


def _column(column: Column, day: np.ndarray | None) -> tuple[np.ndarray | None, str, bool]:
    """Values, or why there are none, and whether they are categories."""
    present = column.dropna()
    distinct = present.nunique()
    if distinct < FEW_VALUES:
        return None, "one value only", False
    if column.dtype.kind == "M" or (_is_text(column) and _reads_as_dates(present)):
        at, there = days(column)
        if day is None:
            return np.where(there, at, np.nan).astype(np.float64), "", False
        if (at[there] > day[there]).mean() > MOSTLY:
            return None, "told after the time of judging", False
        return np.where(there, day - at, np.nan).astype(np.float64), "", False
    if _is_text(column):
        if distinct > NEARLY_ALL * len(present) and len(present) > 50:
            return None, "a different value in nearly every row", False
        codes = keys(column)
        # 52 bits of the hash are exact in a float.
        return np.where(codes == 0, np.nan, (codes % np.uint64(2**52)).astype(np.float64)), "", True
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    whole = present.dtype.kind in "iu" or bool((pd.to_numeric(present) % 1 == 0).all())
    if whole and distinct > NEARLY_ALL * len(present) and len(present) > 50:
        return None, "a different whole number in nearly every row", False
    return np.where(np.isfinite(values), values, np.nan), "", False


def _ratios(numbers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The logarithm of one amount over another, of pairs of amounts that go together: what part was granted, drawn or
    secured says more than either size, and no points on single columns can say it."""
    amounts = {name: values for name, values in numbers.items() if _is_amount(values)}
    found: dict[str, tuple[float, np.ndarray]] = {}
    for (one, first), (other, second) in combinations(amounts.items(), 2):
        both = (first > 0) & (second > 0)
        if both.mean() < MOSTLY:
            continue
        logs = np.log(first[both]), np.log(second[both])
        alike = float(np.corrcoef(*logs)[0, 1])
        ratio = np.full(len(first), np.nan)
        ratio[both] = np.round(logs[0] - logs[1], 9)
        if alike >= ALIKE and ratio[both].std() > 0:
            found[f"{one} / {other}"] = (alike, ratio)
    best = sorted(found.items(), key=lambda item: -item[1][0])[:MOST_RATIOS]
    return {name: ratio for name, (_, ratio) in best}


def _agreements(texts: dict[str, Column]) -> dict[str, np.ndarray]:
    """Whether two columns of words say the same, of those that speak of one kind of thing: two places, two trades."""
    found: dict[str, np.ndarray] = {}
    for (one, first), (other, second) in combinations(texts.items(), 2):
        here, there = set(first.dropna()), set(second.dropna())
        shared = here & there
        if len(shared) < LEAST_SHARED or len(shared) < MOSTLY * min(len(here), len(there)):
            continue
        both = (first.notna() & second.notna()).to_numpy()
        alike = np.where(both, (first.astype("string") == second.astype("string")).fillna(False).to_numpy(bool), np.nan)
        if len(np.unique(alike[both])) > 1:
            found[f"{one} = {other}"] = alike
    return found


def _is_amount(values: np.ndarray) -> bool:
    there = values[np.isfinite(values)]
    if len(there) < 20 or (there < 0).any():
        return False
    low, high = np.quantile(there[there > 0], [0.1, 0.9]) if (there > 0).any() else (1.0, 1.0)
    return bool((there > 0).mean() > NEARLY_ALL and high / low >= SPREAD)


def _follows(values: np.ndarray, day: np.ndarray) -> bool:
    """Whether a column runs with the time of judging: a model would have to guess what comes after all that it saw."""
    there = np.isfinite(values)
    if there.sum() < 20 or values[there].std() == 0 or day[there].std() == 0:
        return False
    return bool(abs(np.corrcoef(values[there], day[there])[0, 1]) > FOLLOWS)


def _is_text(column: Column) -> bool:
    return not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)


def _reads_as_dates(present: Column) -> bool:
    sample = present.astype(str).head(200)
    if not sample.str.contains(r"\d{1,4}[-/.年]\s?[\dA-Za-z]{1,3}[-/.月]", regex=True).mean() > NEARLY_ALL:
        return False
    return bool(days(sample)[1].mean() > NEARLY_ALL)


def _bad(column: Column, bad_value: str, where: str) -> np.ndarray:
    """Which rows ended badly: the value that was named, 1 of 0 and 1, or the one whose word says so."""
    values = sorted(column.astype(str).unique())
    if bad_value:
        if bad_value not in values:
            raise Unusable(f"{where}: {column.name!r} never is {bad_value!r}; it is {', '.join(values[:10])}")
        return column.astype(str).eq(bad_value).to_numpy()
    if len(values) == 1:
        two_classes(np.zeros(len(column), bool), where)
    if pd.to_numeric(column, errors="coerce").isin([0, 1]).all():
        bad = pd.to_numeric(column).to_numpy().astype(bool)
        two_classes(bad, where)
        return bad
    named = [value for value in values if BAD_WORDS.search(value)]
    if len(values) != FEW_VALUES or len(named) != 1:
        shown = ", ".join(values[:10])
        raise Unusable(f"{where}: which of {shown} in {column.name!r} is bad? Say --label {column.name}=VALUE")
    return column.astype(str).eq(named[0]).to_numpy()


def _telling(sample: Sample) -> Sample:
    return sample.columns(
        [name for name, column in zip(sample.names, sample.matrix.T, strict=True) if np.isfinite(column).any()]
    )


def _days(texts: list[str]) -> np.ndarray:
    return np.array([np.datetime64(text, "D").astype(np.int64) if text else -1 for text in texts], np.int64)

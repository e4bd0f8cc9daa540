"""A bank's history in the layout ``statements`` gives the same figures however its columns are written, and says in
one line what it cannot use."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from ops.cli import main
from ops.evaluating.firms import data_of, statement_firms
from tests.ops.bank_history import after, history, on, written

FIGURES = {"auc", "ks", "brier", "ece", "n", "bad", "auc_ci"}
Change = Callable[[Any, Any], tuple[Any, Any]]


def evaluate(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["score", "evaluate", "--data", str(folder), "--kind", "statements", *more])


def judged(folder: Path, *more: str) -> dict[str, Any]:
    done = evaluate(folder, "--json", *more)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def matrix(folder: Path) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    labels, evidence, days, left_out = statement_firms(folder)
    sample = data_of(labels, "bad", evidence, days, left_out).sample
    return sample.matrix, sample.bad, left_out


@pytest.fixture(scope="module")
def bank() -> tuple[pd.DataFrame, pd.DataFrame]:
    return history()


@pytest.fixture(scope="module")
def plain(bank, tmp_path_factory) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    return matrix(written(tmp_path_factory.mktemp("plain"), *bank))


def test_a_history_is_ranked_with_its_interval_and_by_time_too(bank, tmp_path: Path) -> None:
    found = judged(written(tmp_path, *bank), "--cv", "3x1")
    assert set(found) >= FIGURES
    assert all(set(part) >= FIGURES for part in found["candidates"].values())
    assert (found["n"], found["bad"]) == (200, 22)
    assert found["auc_ci"][0] > 0.55
    assert found["sources"] == ["declared", "statements"]
    assert "time_split" in found or "time_split_note" in found
    assert "nothing to compare" in found["bureau_note"]


WRITINGS: dict[str, Change] = {
    "dates as text": lambda a, b: (a.assign(as_of=on(a["as_of"])), b.assign(at=b["at"].dt.strftime("%Y/%m/%d"))),
    "dates as digits": lambda a, b: (
        a.assign(as_of=a["as_of"].dt.strftime("%Y%m%d").astype(int)),
        b.assign(at=b["at"].dt.strftime("%y%m%d").astype(int)),
    ),
    "times with an offset": lambda a, b: (a, b.assign(at=b["at"].dt.strftime("%Y-%m-%dT%H:%M:%S+08:00"))),
    "ids as text": lambda a, b: (a, b.assign(firm_id=b["firm_id"].astype(str))),
    "ids as floats": lambda a, b: (a, b.assign(firm_id=b["firm_id"].astype(float))),
    "amounts as text": lambda a, b: (a, b.assign(amount=b["amount"].map("{:,.2f}".format))),
    "bad as yes and no": lambda a, b: (a.assign(bad=np.where(a["bad"] == 1, "Y", "N")), b),
    "bad as true and false": lambda a, b: (a.assign(bad=a["bad"].astype(bool)), b),
    "bad as floats": lambda a, b: (a.assign(bad=a["bad"].astype(float)), b),
    "later rows": lambda a, b: (a, pd.concat([b, after(b)], ignore_index=True)),
    "rows of other firms": lambda a, b: (a, pd.concat([b, b.head(50).assign(firm_id=99)], ignore_index=True)),
    "rows twice": lambda a, b: (a, pd.concat([b, b], ignore_index=True).sort_values("at", kind="stable")),
    "newest first": lambda a, b: (a, b[::-1]),
    "no currency": lambda a, b: (a, b.drop(columns="currency")),
    "no counterparty": lambda a, b: (a, b.drop(columns="counterparty")),
    "outflows as negative inflows": lambda a, b: (
        a,
        b.assign(amount=np.where(b["direction"] == "out", -b["amount"], b["amount"]), direction="in"),
    ),
}


@pytest.mark.parametrize("change", WRITINGS.values(), ids=list(WRITINGS))
def test_however_it_is_written_it_says_the_same(bank, plain, tmp_path: Path, change: Change) -> None:
    found, bad, _ = matrix(written(tmp_path, *change(*bank)))
    assert np.array_equal(bad, plain[1])
    assert found.shape == plain[0].shape
    assert np.allclose(found, plain[0], equal_nan=True)


def test_ids_with_leading_zeros_find_each_other(bank, plain, tmp_path: Path) -> None:
    labels, lines = (part.assign(firm_id=part["firm_id"].map("{:07d}".format)) for part in bank)
    assert np.allclose(matrix(written(tmp_path, labels, lines))[0], plain[0], equal_nan=True)


@pytest.mark.parametrize("column", ["balance", "description", "counterparty"])
def test_a_column_that_is_not_there_costs_its_own_features_and_nothing_else(
    bank, plain, tmp_path: Path, column: str
) -> None:
    labels, lines = bank
    found, bad, left_out = matrix(written(tmp_path, labels, lines.drop(columns=column)))
    assert len(bad) == 200 and not left_out
    assert found.shape[1] >= plain[0].shape[1] - 8


def test_nothing_asked_and_half_of_the_balances_missing_still_is_judged(bank, tmp_path: Path) -> None:
    labels, lines = bank
    lines = lines.assign(balance=lines["balance"].where(lines["firm_id"] % 2 == 0))
    found = judged(written(tmp_path, labels.drop(columns=["amount_asked", "months_asked"]), lines), "--cv", "2x1")
    assert found["sources"] == ["statements"]
    assert found["auc"] > 0.5


def test_a_firm_without_lines_is_judged_as_one_of_which_nothing_is_known(bank, plain, tmp_path: Path) -> None:
    labels, lines = bank
    first = labels["firm_id"][0]
    found = matrix(written(tmp_path, labels, lines[lines["firm_id"] != first]))[0]
    assert np.allclose(found[1:], plain[0][1:], equal_nan=True)
    assert np.isfinite(found[0]).sum() < 5


def test_fifty_firms_have_a_wide_interval_and_too_few_bad_ones_are_refused(tmp_path: Path) -> None:
    few = judged(written(tmp_path / "few", *history(50, 3)), "--cv", "5x1")
    assert (few["n"], few["bad"]) == (50, 6)
    assert few["auc_ci"][1] - few["auc_ci"][0] > 0.15
    done = evaluate(written(tmp_path / "fewer", *history(30, 3)))
    assert done.exit_code == 2
    assert "3 rows of the rarer outcome are too few" in done.stderr


REFUSED: dict[str, tuple[Change, str]] = {
    "one outcome": (lambda a, b: (a.assign(bad=0), b), "same outcome"),
    "no labels": (lambda a, b: (a.head(0), b), "no rows"),
    "no lines": (lambda a, b: (a, b.head(0)), "no rows"),
    "no direction": (lambda a, b: (a, b.drop(columns="direction")), "'direction' is missing"),
    "no as-of": (lambda a, b: (a.drop(columns="as_of"), b), "'as_of' is missing"),
    "an odd outcome": (lambda a, b: (a.assign(bad=["?", *a["bad"].astype(str)[1:]]), b), "row 2 of 'bad' holds '?'"),
    "no id": (lambda a, b: (a.assign(firm_id=[None, *a["firm_id"][1:]]), b), "row 2 has no 'firm_id'"),
    "nobody's lines": (lambda a, b: (a, b.assign(firm_id="x")), "no line belongs to a labelled firm"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_used_is_one_clear_line(bank, tmp_path: Path, change: Change, said: str) -> None:
    done = evaluate(written(tmp_path, *change(*bank)), "--json")
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not done.stdout


@pytest.mark.long
def test_ten_thousand_firms_are_judged_in_minutes(tmp_path: Path) -> None:
    found = judged(written(tmp_path, *history(10_000, 5)))
    assert found["n"] == 10_000
    assert found["ece"] <= 0.05

"""The arithmetic of a measurement; the measurements themselves are no tests, since a busy machine is not a fault."""

import json

import pytest
from click.testing import CliRunner

from imports.statements import read
from ops.bench.figures import Figure, median, percentile
from ops.bench.importing import bill
from ops.cli import main


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([5.0], 0.95, 5.0), (list(range(1, 101)), 0.95, 95), (list(range(1, 21)), 0.95, 19), ([3, 1, 2], 0.5, 2)],
)
def test_a_percentile_is_a_value_that_was_seen(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_a_figure_has_the_shape_that_readers_of_the_json_rely_on() -> None:
    told = Figure(name="x", unit="ms", ours=30.0, floor=20.0, n=2, seed=1, meaning="nothing").as_json()
    assert set(told) == {"name", "unit", "ours", "floor", "ratio", "n", "seed", "machine"}
    assert told["ratio"] == 1.5
    assert json.dumps(told)


def test_the_median_of_two_lies_between() -> None:
    assert median([1.0, 2.0]) == 1.5


def test_the_bill_that_is_measured_is_understood_to_the_last_line() -> None:
    summary = read("".join(bill(500, seed=3)).encode()).summary
    assert (summary.lines, summary.not_understood_count, summary.duplicates) == (500, 0, 0)
    assert "".join(bill(50, seed=3)) == "".join(bill(50, seed=3))
    assert "".join(bill(50, seed=3)) != "".join(bill(50, seed=4))


def test_a_measurement_that_does_not_exist_is_refused_with_those_that_do() -> None:
    result = CliRunner().invoke(main, ["bench", "luck"])
    assert result.exit_code == 2
    assert "first-page" in result.output

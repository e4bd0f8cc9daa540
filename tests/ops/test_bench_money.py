"""What the bench measures of the money is what it says: real work, equal figures, a floor that was really taken."""

import random
import subprocess
from importlib.util import find_spec
from typing import Any

import pytest
from click.testing import CliRunner

from lending.apr import irr_effective
from ops.bench import hands, posting, rating, running, scheduling
from ops.bench.figures import Bar, Figure
from ops.cli import main
from ops.stack import testing


@pytest.mark.long
async def test_the_floor_of_a_posting_is_two_bare_rows_and_a_commit_and_ours_is_in_the_journal(
    database: testing.Database,
) -> None:
    found = await posting.one_by_one(database, 3, seconds=1.0, rounds=1)
    assert found.n > 10
    assert found.floor is not None
    import psycopg

    url = database.server.url("postgres", database.name, driver="postgresql")
    with psycopg.connect(url) as connection:
        counts = [
            connection.execute(f"select count(*) from {table}".encode()).fetchall()[0][0]
            for table in ("bench_entry", "bench_posting", "entry", "posting")
        ]
    assert counts[0] == counts[1] > 10
    assert counts[2] == counts[3] >= found.n
    assert found.unit == "entries/s"


async def test_postings_that_are_not_in_the_journal_are_no_measurement(
    database: testing.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: Any) -> int:
        return 0

    monkeypatch.setattr(posting, "_count", nobody)
    with pytest.raises(posting.NotPosted, match="were posted"):
        await posting.in_bulk(database, 3, entries=50, rounds=1)


async def test_entries_in_bulk_are_held_against_a_copy_of_the_same_bytes(database: testing.Database) -> None:
    found = await posting.in_bulk(database, 3, entries=300, rounds=1)
    assert found.n == 300
    assert found.ratio is not None
    assert 0 < found.ratio < 5


def test_a_peer_that_is_not_there_leaves_the_floor_empty_and_says_how_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduling, "find_spec", lambda name: None)
    monkeypatch.setattr(scheduling, "A_ROUND", 0.01)
    monkeypatch.setattr(scheduling, "ROUNDS", 1)
    monkeypatch.setattr(scheduling, "BULK_LOANS", 50)
    figures = scheduling.measure({"schedule-12", "schedule-bulk"}, 1, print)
    assert [figure.name for figure in figures] == [
        "schedule-12",
        "schedule-12-amortization",
        "schedule-12-pyloan",
        "schedule-bulk",
    ]
    for figure in figures:
        assert figure.ours > 0
        told = figure.as_json()
        assert (told["floor"], told["ratio"], figure.verdict) == (None, None, "")
        assert "pip install" in figure.meaning


def test_a_row_without_a_floor_is_shown_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def measured(*_: Any) -> list[Figure]:
        bars = (Bar("ratio", 1.5, at_least=True),)
        return [Figure(name="x", unit="1/s", ours=3, floor=None, n=1, seed=1, meaning="x is not installed", bars=bars)]

    monkeypatch.setattr(running, "measured", measured)
    answer = CliRunner().invoke(main, ["bench", "schedule-12"])
    assert answer.exit_code == 0
    assert "–" in answer.stdout
    assert "✗" in answer.stdout  # a bar on a ratio that was not measured is not met
    assert "x: x is not installed" in answer.stderr


@pytest.mark.skipif(find_spec("mortgagemath") is None, reason="the peers come with `make bench`")
@pytest.mark.parametrize("count", [12, 36, 360])
def test_the_exact_peer_has_the_same_cents_in_every_row(count: int) -> None:
    scheduling.checked(count, 1)


def test_schedules_that_differ_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Row:
        principal = interest = balance = 1

    monkeypatch.setattr(scheduling, "peer", lambda name, count: lambda loan: [Row()] * (count + 1))
    with pytest.raises(scheduling.Differs):
        scheduling.checked(12, 1)


def test_bulk_and_one_by_one_are_the_same_loan(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench refuses to time a vectorised path that gives other figures."""
    right = scheduling.equal_instalments

    def wrong(*given: Any) -> Any:
        found = right(*given)
        found.interest_minor[3, 0] += 1
        return found

    monkeypatch.setattr(scheduling, "BULK_LOANS", 30)
    monkeypatch.setattr(scheduling, "equal_instalments", wrong)
    with pytest.raises(scheduling.Differs, match="in bulk"):
        scheduling._in_bulk(12, 1)


def test_the_bare_solver_comes_to_our_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rating, "ROUNDS", 1)
    monkeypatch.setattr(rating, "LOANS", 3)
    (found,) = rating.measure({"apr"}, 1, print)
    assert found.floor is not None
    assert found.floor > 0 < found.ours  # how fast is never tested: on a busy machine either may win
    flows = rating._flows(random.Random("x"))
    assert abs((1 + rating.newton(flows)) ** 365 - 1 - float(irr_effective(flows))) < 1e-9


def test_both_bands_walk_a_thousand_paths_of_two_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rating, "ROUNDS", 1)
    found = rating.measure({"rate-band"}, 1, print)
    assert [(figure.name, figure.n, figure.unit) for figure in found] == [
        ("rate-band", 1_000, "ms"),
        ("rate-band-share", 1_000, "ms"),
    ]
    assert (rating.PATHS, rating.MONTHS) == (1_000, 24)


def test_clients_that_end_early_are_no_measurement() -> None:
    done = subprocess.run(
        [
            hands.sys.executable,
            "-m",
            "ops.bench.posters",
            "postgresql+psycopg://nobody:none@127.0.0.1:1/none",
            "1",
            "x",
        ],
        input="0.1\n",
        capture_output=True,
        text=True,
        cwd=hands.ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0

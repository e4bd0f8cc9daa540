"""``huoshui close --watch``: a bar on a terminal, a line a step where it is read by something else."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ops.closes import Progress, Step, progress
from ops.commands.close import Telling, bar, line

AT = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
BEGUN = Progress(date(2026, 12, 1), "CN", 0, 8, 0, 0, 0, AT, None, 0)
STEPS = (
    BEGUN,
    replace(BEGUN, closed=1, loans=2_000, to_collect=1),
    replace(BEGUN, closed=4, loans=8_000, to_collect=4, collected=1),
    replace(BEGUN, closed=8, loans=16_000, to_collect=8, collected=4),
    replace(BEGUN, closed=8, loans=16_000, to_collect=8, collected=8),
    replace(BEGUN, closed=8, loans=16_000, to_collect=8, collected=8, finished_at=AT.replace(minute=1)),
)


def test_a_close_goes_through_its_steps_and_its_part_only_grows() -> None:
    assert [one.step for one in STEPS] == [Step.SHARDS, Step.SHARDS, Step.SHARDS, Step.DEBITS, Step.PROOF, Step.DONE]
    parts = [one.part for one in STEPS]
    assert parts == sorted(parts) and (parts[0], parts[-1]) == (0.0, 1.0) and parts[-2] < 1


def test_where_nobody_looks_at_a_terminal_each_step_is_one_line_and_none_comes_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUOSHUI_LOCALE", "en")
    telling = Telling(terminal=False)
    for one in (*STEPS, STEPS[-1]):
        telling.tell(one)
        telling.tell(one)
    telling.end()
    told = capsys.readouterr().out
    assert "\r" not in told and "█" not in told
    assert told.splitlines() == [
        "Close of 2026-12-01: shard 0 of 8, 0 loans",
        "Close of 2026-12-01: shard 4 of 8, 8000 loans",
        "Close of 2026-12-01: debits sent for 4 of 8 shards",
        "Close of 2026-12-01: the books are compared",
        "Close of 2026-12-01 done: 16000 loans in 60.0 s, the books tie",
    ]


def test_on_a_terminal_it_is_one_moving_bar(capsys: pytest.CaptureFixture[str]) -> None:
    telling = Telling(terminal=True)
    for one in STEPS:
        telling.tell(one)
    telling.end()
    told = capsys.readouterr().out
    assert told.count("\n") == 1 and told.count("\r") == len(STEPS)
    assert (bar(0).count("█"), bar(1).count("░")) == (0, 0)


def test_books_that_do_not_tie_are_not_told_as_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUOSHUI_LOCALE", "en")
    assert "do not tie" in line(replace(STEPS[-1], difference_minor=1))


async def test_a_close_is_read_from_its_shards_while_it_runs(api: Any, database: Any, a_payout: Any) -> None:
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await progress(session) is None
    for shard in (1, 2):
        payout = a_payout("credited")
        database.execute(
            f"update loan set state = 'live', live_on = '2026-11-01', shard = {shard} where id ="
            f" (select loan_id from payout where id = '{payout}')"
        )
    database.execute(
        "insert into close (jurisdiction, on_date, state, started_at) values ('CN', '2026-12-01', 'running', now())",
        "insert into close_shard (jurisdiction, on_date, shard, loans, accrued_minor, instructed_minor, sha256,"
        " closed_at) values ('CN', '2026-12-01', 1, 1, 5, 7, 'x', now())",
    )
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await progress(session, date(2026, 12, 1))
        assert await progress(session, date(2026, 11, 30)) is None
    assert found is not None
    assert (found.closed, found.shards, found.to_collect, found.collected, found.step) == (1, 2, 1, 0, Step.SHARDS)

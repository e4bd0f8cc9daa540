"""The bench says what it measured and measures a floor; how fast anything is, is never tested here."""

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from click.testing import CliRunner

from db.sessions import Sessions
from infra.settings import Settings
from infra.temporal import connect
from ops.bench import bare, floor, importing, opening, pace, running
from ops.bench.crowd import Crowd, Undecided
from ops.bench.figures import Bar, Figure, percentile, spread
from ops.cli import main
from ops.commands.bench import NAMES
from ops.stack import testing
from ops.stack.postgres import SUPERUSER
from ops.stack.temporal import TemporalServer

FIELDS = ["name", "unit", "ours", "floor", "ratio", "n", "seed", "machine"]


def a_figure(name: str = "import", *, ours: float = 60_000, bars: tuple[Bar, ...] = ()) -> Figure:
    return Figure(name=name, unit="lines/s", ours=ours, floor=80_000, n=3, seed=7, meaning="a COPY", bars=bars)


# --- shapes -----------------------------------------------------------------------------------------------------------


def test_a_figure_has_eight_fields_and_the_ratio_is_ours_by_the_floor() -> None:
    told = a_figure().as_json()
    assert list(told) == FIELDS
    assert told["ratio"] == 0.75
    assert re.fullmatch(r"\d+ cores, \d+ GiB, .+, Python 3\.\d+\.\d+, load \d+\.\d", told["machine"])


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1.0, 20), (0.01, 1)])
def test_a_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile(list(range(20, 0, -1)), share) == expected


def test_a_spread_says_median_and_tail_of_both_sides() -> None:
    found = spread("decision", [1, 2, 3, 100], [1, 1, 2, 4], seed=1, meaning="nothing", p95=(Bar("ours", 50),))
    assert [(one.name, one.ours, one.floor, one.n) for one in found] == [
        ("decision-p50", 2, 1, 4),
        ("decision-p95", 100, 4, 4),
    ]
    assert [one.verdict for one in found] == ["", "≤ 50 ✗"]


def test_a_bar_is_met_at_its_very_edge_and_missed_beyond() -> None:
    assert Bar("ratio", 0.75, at_least=True).met(a_figure())
    assert not Bar("ratio", 0.7501, at_least=True).met(a_figure())
    assert Bar("ours", 60_000).met(a_figure())
    assert not Bar("ours", 59_999).met(a_figure())


def test_the_command_prints_what_was_asked_for_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def measured(names: object, seed: int, said: Callable[[str], None]) -> list[Figure]:
        asked.append((names, seed))
        said("measuring …")
        return [a_figure(bars=(Bar("ours", 1),))]

    monkeypatch.setattr(running, "measured", measured)
    answer = CliRunner().invoke(main, ["bench", "import", "--json", "--seed", "7"])
    assert answer.exit_code == 0, answer.output
    assert asked == [(("import",), 7)]
    assert [list(one) for one in json.loads(answer.stdout)] == [FIELDS]
    assert "measuring" not in answer.stdout
    assert "measuring" in answer.stderr
    table = CliRunner().invoke(main, ["bench"])
    assert asked[-1] == (NAMES, 1)
    assert {"schedule-12", "schedule-36", "schedule-360", "schedule-bulk", "apr", "rate-band"} < set(NAMES)
    assert {"decision", "payout", "applications", "import", "first-page", "start", "posting"} < set(NAMES)
    assert "✗" in table.stdout
    assert "a COPY" in table.stdout
    assert CliRunner().invoke(main, ["bench", "everything"]).exit_code == 2


# --- pace -------------------------------------------------------------------------------------------------------------


async def test_one_that_is_slow_does_not_hold_up_those_after_it_and_the_floor_comes_in_between() -> None:
    begun: list[str] = []

    def act(name: str, seconds: float) -> pace.Act:
        async def doing() -> None:
            begun.append(name)
            await asyncio.sleep(seconds)

        return doing

    ours, least = await pace.side_by_side(
        [act("ours-1", 0.5), act("ours-2", 0)], [act("floor-1", 0), act("floor-2", 0)], interval=0.1
    )
    assert begun == ["ours-1", "floor-1", "ours-2", "floor-2"]
    assert max(ours) >= 500
    assert len(ours) == len(least) == 2


async def test_a_closed_loop_has_no_more_under_way_than_it_was_told_and_counts_all() -> None:
    under_way: list[int] = [0]
    most: list[int] = [0]

    async def act() -> None:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        await asyncio.sleep(0.02)
        under_way[0] -= 1

    rate = await pace.per_minute([act] * 10, at_once=3)
    assert most == [3]
    assert 0 < rate <= 10 / 0.08 * 60  # ten by three are four turns of 20 ms at the least


# --- floors -----------------------------------------------------------------------------------------------------------


class Outside:
    """A world that answers with an empty body and counts who asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
async def empty(
    database: testing.Database,
    temporal_server: TemporalServer,
    outside: Outside,
    settings_for: Callable[..., Settings],
) -> AsyncIterator[bare.Bare]:
    """The floor's worker in this process, and its client."""
    database.execute(bare.TABLE, f"grant insert on {floor.TABLE} to huoshui_app")
    chosen = settings_for(database=database, temporal=temporal_server, rail_url=f"{outside.url}/rail")
    sessions = Sessions(chosen, scope="worker")
    async with floor.serving(chosen):
        yield bare.Bare(await connect(chosen), sessions)
    await sessions.close()


async def test_the_floor_of_a_decision_really_commits_five_times_and_asks_outside_once(
    empty: bare.Bare, database: testing.Database, outside: Outside
) -> None:
    await empty.decision()()
    url = database.server.url(SUPERUSER, database.name, driver="postgresql")
    with psycopg.connect(url) as connection:
        rows = connection.execute("select run, step, xmin::text from bench_floor order by step").fetchall()
    assert [step for _, step, _ in rows] == [floor.COMMAND, floor.FIRST, floor.SECOND, floor.ASKED, floor.LAST]
    assert len({run for run, _, _ in rows}) == 1
    assert len({transaction for _, _, transaction in rows}) == 5
    assert outside.asked == ["/health"]


async def test_the_floor_of_applications_is_a_workflow_with_one_update_and_no_activity(
    empty: bare.Bare, outside: Outside
) -> None:
    await empty.empty()()
    assert outside.asked == []


async def test_the_floor_of_the_import_is_a_copy_that_was_made(
    monkeypatch: pytest.MonkeyPatch, database: testing.Database
) -> None:
    bare_copy, taken = importing.copy, list[int]()

    async def slowed(sessions: Sessions, blocks: list[bytes]) -> float:
        taken.append(sum(block.count(b"\n") for block in blocks))
        return await bare_copy(sessions, blocks) + 10

    monkeypatch.setattr(importing, "copy", slowed)
    found = await importing.compared(database, 3, lines=500, rounds=1)
    assert taken == [500]
    assert found.floor is not None
    assert 0 < found.floor < 50  # 500 lines in ten seconds and a little: the figure is what COPY took
    assert found.ours > 0
    assert found.n == 500


def test_a_bill_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert list(importing.bill(50, 1)) == list(importing.bill(50, 1))
    assert list(importing.bill(50, 1)) != list(importing.bill(50, 2))


async def test_a_bill_that_is_not_understood_to_its_last_line_is_no_measurement(
    monkeypatch: pytest.MonkeyPatch, database: testing.Database
) -> None:
    whole = importing.bill
    monkeypatch.setattr(importing, "bill", lambda lines, seed: list(whole(lines, seed))[:-1])
    with pytest.raises(importing.LinesMissing, match="99 of 100"):
        await importing.compared(database, 3, lines=100, rounds=1)


async def test_the_floor_of_the_first_page_is_its_own_bytes_from_a_server_that_does_nothing(tmp_path: Path) -> None:
    content = "<p>活水</p>".encode() * 40
    page = opening.Fetched(
        0, gzip.compress(content), content, {"content-type": "text/html", "content-encoding": "gzip"}
    )
    with testing.folder() as folder, opening.still(folder, page) as url:
        async with httpx2.AsyncClient(base_url=url, trust_env=False) as browser:
            again = await opening.fetch(browser, "/")
    assert again.packed == page.packed
    assert again.content == content
    assert again.wire > len(page.packed)


def test_what_a_page_loads_is_found_in_links_scripts_and_stylesheets() -> None:
    page = b'<link rel=x href="/static/a.css?v=1"><script src=/static/b.js></script><a href="/terms">'
    assert opening.LINKED.findall(page) == [b"/static/a.css?v=1", b"/static/b.js"]
    assert opening.LINKED.findall(b"body{background:url('/static/c.svg')}") == [b"/static/c.svg"]


# --- owners -----------------------------------------------------------------------------------------------------------


class Told:
    """An owner whose application stands where it is told to."""

    def __init__(self, *, answered: str | None, shown: str, problem: str | None = None) -> None:
        self.firm = type("Firm", (), {"firm_id": str(UUID(int=1))})
        self._answered, self._shown, self._problem = answered, shown, problem

    async def act(self, what: str, body: object) -> dict[str, object]:
        return {"command_id": str(uuid4()), "stage": self._answered, "problem": self._problem}

    async def sign_in(self) -> None: ...

    async def begin(self, amount: int) -> None: ...

    async def identify(self) -> None: ...

    async def consent(self) -> None: ...

    async def upload(self, wallet: str, bill: bytes) -> dict[str, object]:
        return {"stage": "evidence", "problem": self._problem}

    async def settled_in(self, stage: str) -> dict[str, object]:
        return {"stage": self._shown}


async def test_only_an_offer_counts_as_one_and_no_decision_is_no_measurement() -> None:
    crowd = Crowd(None, 1)  # type: ignore[arg-type]
    await crowd.decide(Told(answered="declined", shown="declined"))  # type: ignore[arg-type]
    assert crowd.approved == []
    await crowd.decide(Told(answered=None, shown="offered"))  # type: ignore[arg-type]
    await crowd.decide(Told(answered="offered", shown="offered"))  # type: ignore[arg-type]
    assert len(crowd.approved) == 2
    with pytest.raises(Undecided, match="deciding"):
        await crowd.decide(Told(answered="deciding", shown="deciding"))  # type: ignore[arg-type]


async def test_a_measurement_that_rests_on_an_unread_bill_says_so_at_once() -> None:
    crowd = Crowd(None, 1)  # type: ignore[arg-type]
    owner = Told(answered="evidence", shown="evidence", problem="reader_failed")
    with pytest.raises(Undecided, match="wechat bill was not read: reader_failed"):
        await crowd.prepare(owner, {"wechat": b""})  # type: ignore[arg-type]
    with pytest.raises(Undecided, match="stands in evidence: reader_failed"):
        await crowd.decide(owner)  # type: ignore[arg-type]

"""The process that reads a stranger's file: confined, one file, rows as COPY takes them."""

import asyncio
import hmac
import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from imports.framing import HEADER, REFUSED
from imports.lines import COPY_COLUMNS, plain_name
from imports.misreadings import StatementNotUnderstood
from imports.statements import read
from imports.streaming import Children, StatementStream, end, start_child, stream
from imports.vectors import LEAST_BYTES
from infra.confinement import Limits

FIRM, FILE, KEY = UUID(int=1), UUID(int=2), b"k" * 32


@pytest.fixture
async def children():
    async with Children(warm=1) as pool:
        yield pool


@pytest.fixture
def saved(tmp_path: Path):
    def saved(data: bytes | str) -> Path:
        path = tmp_path / "上传 文件.csv"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return saved


def rows_of(path: Path, **options) -> StatementStream:
    return stream(path, name=path.name, firm_id=FIRM, file_id=FILE, index_key=KEY, **options)


async def taken(rows: StatementStream) -> list[dict[str, str]]:
    found = []
    async with rows:
        async for block in rows:
            assert block.endswith(b"\n")
            found += [dict(zip(COPY_COLUMNS, line.split("\t"), strict=True)) for line in block.decode().splitlines()]
    return found


async def test_rows_stream_in_the_order_of_the_copy_columns(saved, wechat, row, children):
    path = saved(wechat(row(), row("2025-01-04 09:00:00", way="支出", who="/", amount="¥7", number="2")))
    rows = rows_of(path, children=children)
    found = await taken(rows)
    lines = read(path.read_bytes()).lines
    key = hmac.digest(KEY, plain_name("客人甲").encode(), "sha256")[:8].hex()
    assert found[0] == {
        "firm_id": str(FIRM),
        "file_id": str(FILE),
        "fingerprint": f"\\\\x{lines[0].fingerprint.hex()}",
        "n": "6",
        "at": "2025-01-03 12:00:01",
        "on_date": "2025-01-03",
        "direction": "1",
        "amount_minor": "2350",
        "currency": "CNY",
        "kind": "1",
        "counterparty_key": f"\\\\x{key}",
        "flags": "0",
        "balance_minor": "\\N",
    }
    assert found[1]["counterparty_key"] == "\\N"
    assert rows.summary == read(path.read_bytes()).summary
    assert (rows.rows_streamed, rows.duplicates_dropped) == (2, 0)


async def test_lines_that_the_firm_has_already_are_dropped_and_counted(saved, wechat, row, children):
    first = read(wechat(row(), row(number="2")).encode()).lines
    path = saved(wechat(row(number="2"), row(number="3")))
    rows = rows_of(path, known={line.fingerprint for line in first}, children=children)
    assert [line["n"] for line in await taken(rows)] == ["7"]
    assert (rows.rows_streamed, rows.duplicates_dropped, rows.summary.lines) == (1, 1, 2)


async def test_an_account_that_comes_again_in_another_form_is_known_by_the_balances_it_left(saved, children):
    printed = "记账日期,交易金额,账户余额\n20250106,-35.00,965.00\n20250106,-35.00,930.00\n20250107,100.00,1030.00\n"
    left = [("2025-01-06", -1, 3_500, 96_500), ("2025-01-07", 1, 10_000, 203_000)]
    rows = rows_of(saved(printed), known={b"x" * 16}, left=left, children=children)
    assert [line["balance_minor"] for line in await taken(rows)] == ["93000", "103000"]
    assert (rows.rows_streamed, rows.duplicates_dropped) == (2, 1)


async def test_a_refusal_arrives_with_its_code_place_and_figures(saved, wechat, row, children):
    path = saved(wechat(row("2025-03-09 10:00:00")))
    with pytest.raises(StatementNotUnderstood) as raised:
        await taken(rows_of(path, children=children, today="2025-03-08"))
    assert (raised.value.code, raised.value.where) == ("future_date", "6")
    assert raised.value.params["date"] == "2025-03-09"


async def test_a_file_cut_at_its_end_streams_rows_first_and_is_refused_last(saved, wechat, row, children):
    rows = [row(f"2025-01-{1 + n // 100:02} 12:{n % 60:02}:00", number=str(n)) for n in range(2_500)]
    path = saved(wechat(*rows)[:-60])
    blocks = 0
    with pytest.raises(StatementNotUnderstood) as raised:
        async with rows_of(path, children=children) as found:
            async for _ in found:
                blocks += 1
    assert (raised.value.code, blocks > 0) == ("truncated", True)


async def test_the_summary_is_not_there_before_the_end(saved, wechat, row, children):
    async with rows_of(saved(wechat(row())), children=children) as rows:
        with pytest.raises(RuntimeError):
            _ = rows.summary


async def test_a_child_is_used_once_and_gone_afterwards(saved, wechat, row, children):
    path = saved(wechat(row()))
    seen = set()
    for _ in range(3):
        async with rows_of(path, children=children) as rows:
            async for _ in rows:
                pass
            assert rows._taken is not None
            seen.add(rows._taken.pid)
        assert not psutil.pid_exists(rows._taken.pid) or psutil.Process(rows._taken.pid).ppid() != os.getpid()
    assert len(seen) == 3


async def test_idle_children_end_with_their_pool():
    async with Children(warm=2) as pool:
        pids = [child.pid for child in pool._idle]
        assert len(pids) == 2
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []


async def test_an_idle_child_ends_when_its_parent_is_gone():
    child = await start_child(Limits())
    assert child.stdin is not None
    child.stdin.close()
    async with asyncio.timeout(20):
        assert await child.wait() == 0


async def test_a_child_that_gives_no_sign_of_life_is_ended(saved, wechat, row):
    fifo = saved("").with_name("fifo")
    os.mkfifo(fifo)
    with pytest.raises(StatementNotUnderstood) as raised:
        await taken(rows_of(fifo, patience=1.0))
    assert raised.value.code == "took_too_long"


async def test_a_child_out_of_processor_time_is_refused_as_too_long(saved, wechat, row):
    rows = [row(f"2025-01-03 12:{n % 60:02}:00", number=str(n), what=f"面{n}") for n in range(400_000)]
    path = saved(wechat(*rows))
    async with Children(warm=1, limits=Limits(cpu_seconds=1)) as pool:
        with pytest.raises(StatementNotUnderstood) as raised:
            await taken(rows_of(path, children=pool, limit_bytes=1 << 30))
    assert raised.value.code == "took_too_long"


async def test_a_child_out_of_memory_says_so_and_harms_nobody(saved, wechat, row):
    rows = [row(f"2025-01-03 12:{n % 60:02}:00", number=str(n), who=f"客人{n}") for n in range(60_000)]
    path = saved(wechat(*rows))
    async with Children(warm=1, limits=Limits(memory_bytes=60 * 1024 * 1024)) as pool:
        with pytest.raises(StatementNotUnderstood) as raised:
            await taken(rows_of(path, children=pool))
    assert raised.value.code == "reader_failed"


async def test_nothing_of_ours_is_in_the_childs_environment(monkeypatch):
    monkeypatch.setenv("HUOSHUI_SESSION_KEY", "secret")
    child = await start_child(Limits())
    try:
        names = set(psutil.Process(child.pid).environ())
    finally:
        await end(child)
    assert names <= {"PATH", "LC_CTYPE"}


CONFINED = """
import sys
from infra.confinement import Limits, confine
alone = confine(Limits())
def refused(what):
    try:
        what()
    except (PermissionError, OSError) as error:
        return True
    return False
import os
tries = {
    "socket": lambda: __import__("socket").create_connection(("127.0.0.1", 9), 1),
    "program": lambda: os.system("true"),
    "fork": os.fork,
    "write": lambda: open(sys.argv[1], "w"),
}
print(alone, sorted(name for name, what in tries.items() if not refused(what)))
"""


def test_the_child_opens_no_socket_starts_no_program_and_writes_no_file(tmp_path):
    target = tmp_path / "written"
    done = subprocess.run(
        [sys.executable, "-c", CONFINED, str(target)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split(maxsplit=1)[1].strip() == "[]", done.stdout + done.stderr
    assert not target.exists()


def test_the_child_has_no_network_where_the_system_allows_one_to_give_it_up():
    script = (
        "from infra.confinement import Limits, confine\n"
        "alone = confine(Limits())\n"
        "names = [line.split(':')[0].strip() for line in open('/proc/self/net/dev').readlines()[2:]]\n"
        "print(alone, names)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    alone, names = done.stdout.strip().split(maxsplit=1)
    if alone == "False":
        pytest.skip("this system lets no process give up its network; the audit hook stands alone")
    assert names in ("[]", "['lo']")


def test_a_library_that_is_not_installed_is_named_and_is_not_the_bills_fault(saved, wechat, row):
    hidden = (
        "import sys; sys.modules['pypdfium2'] = None; sys.argv = ['child']; from imports import child; child.main()"
    )
    request = json.dumps({"path": str(saved(wechat(row()))), "today": ""}).encode() + b"\n"
    told = subprocess.run([sys.executable, "-c", hidden], input=request, capture_output=True, check=True).stdout
    assert told[:1] == REFUSED
    assert json.loads(told[HEADER.size :]) == {
        "code": "reader_failed",
        "where": "pypdfium2",
        "params": {"reason": "library"},
    }


async def test_a_long_bill_is_read_in_vectors_within_the_limits_of_a_child(saved, wechat, row, children):
    count = LEAST_BYTES // 130
    whole = wechat(*(row(f"2025-01-{n % 28 + 1:02} 12:00:{n % 60:02}", number=str(10**9 + n)) for n in range(count)))
    path = saved(whole)
    assert path.stat().st_size > LEAST_BYTES
    rows = rows_of(path, children=children)
    fields: set[int] = set()
    async with rows:
        async for block in rows:
            fields |= {line.count(b"\t") + 1 for line in block.splitlines()}
    assert rows.summary.lines == rows.rows_streamed == count
    assert rows.summary.in_minor == count * 2350
    assert fields == {len(COPY_COLUMNS)}
    assert list(rows.names.values()) == ["客人甲"]

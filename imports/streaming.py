"""A bill from a file to rows for COPY, read by a confined child process while the database already takes them.

    async with stream(path, name=..., firm_id=..., file_id=..., index_key=..., known=...) as rows:
        async with cursor.copy(f"COPY statement_line ({', '.join(COPY_COLUMNS)}) FROM STDIN") as copy:
            async for block in rows:
                await copy.write(block)
    rows.summary, rows.duplicates_dropped

Rows arrive before the file is known to be good: write them in one transaction, which the error at the end rolls back.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import sys
from collections.abc import Collection, Iterable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from imports.framing import HEADER, LONGEST_FRAME, NAMES, RECOGNISE, RECOGNISING, REFUSED, ROWS, SUMMARY
from imports.misreadings import StatementNotUnderstood
from imports.repeats import Balanced, Repeats
from imports.sheets import LARGEST_FILE_BYTES
from imports.summary import StatementSummary
from infra.confinement import Limits

# Seconds without a sign of life from the child. What it may compute is bounded by ten seconds of processor time; a busy
# machine may take three times as long to give it those.
PATIENCE = 30.0
# Recognition takes some seconds of processor time a page, its models and pictures a gigabyte of addresses.
RECOGNITION = Limits(cpu_seconds=240, memory_bytes=6 << 30, open_files=64)
RECOGNITION_PATIENCE = 240.0
_PIPE_BYTES = 1 << 20


class Children:
    """Idle children, each for one file: a new one starts when one is taken, so that nobody waits for an interpreter."""

    def __init__(self, *, warm: int = 1, limits: Limits | None = None) -> None:
        self._warm = warm
        self._limits = limits or Limits()
        self._idle: list[asyncio.subprocess.Process] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(self._add() for _ in range(self._warm)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        await asyncio.gather(*self._starting, return_exceptions=True)
        for child in self._idle:
            await end(child)
        self._idle.clear()

    async def take(self) -> asyncio.subprocess.Process:
        """A child that waits for its request; the pool starts its successor in the background."""
        child = None
        while self._idle:
            child = self._idle.pop()
            if child.returncode is None:
                break
            child = None
        if not self._closed and self._warm:
            successor = asyncio.create_task(self._add())
            self._starting.add(successor)
            successor.add_done_callback(self._starting.discard)
        return child or await start_child(self._limits)

    async def _add(self) -> None:
        child = await start_child(self._limits)
        if self._closed:
            await end(child)
        else:
            self._idle.append(child)


async def start_child(limits: Limits, *purpose: str) -> asyncio.subprocess.Process:
    """A fresh interpreter with nothing of ours in its environment: no secret can leak from what it does not know."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-X",
        "utf8",
        "-m",
        "imports.child",
        json.dumps(asdict(limits)),
        *purpose,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath},
        limit=_PIPE_BYTES,
    )
    return child


async def end(child: asyncio.subprocess.Process) -> None:
    """Ends a child whatever it is doing, and waits until it is gone."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    await child.wait()


class StatementStream:
    """The rows of one file, as blocks of bytes that COPY takes; the summary once the last block was taken."""

    def __init__(
        self,
        request: dict[str, Any],
        *,
        known: Repeats | None = None,
        children: Children | None,
        patience: float = PATIENCE,
    ) -> None:
        self._request = request
        self._known = known or Repeats()
        self._children = children
        self._patience = patience
        self._taken: asyncio.subprocess.Process | None = None
        self._summary: StatementSummary | None = None
        self.rows_streamed = 0
        self.names: dict[bytes, str] = {}  # of the weightiest counterparties, by their keys

    @property
    def duplicates_dropped(self) -> int:
        """Rows that an earlier bill told."""
        return self._known.dropped

    @property
    def reader(self) -> int:
        """The process that reads. Raises RuntimeError outside ``async with``."""
        if self._taken is None:
            raise RuntimeError("rows are read inside `async with`")
        return self._taken.pid

    @property
    def summary(self) -> StatementSummary:
        """What was understood of the file. Raises RuntimeError before the last block was taken."""
        if self._summary is None:
            raise RuntimeError("the file is not read to its end yet")
        return self._summary

    async def __aenter__(self) -> Self:
        await self._ask(await (self._children.take() if self._children is not None else start_child(Limits())))
        return self

    async def _ask(self, child: asyncio.subprocess.Process) -> None:
        self._taken = child
        _widen(child)
        if child.stdin is not None:
            child.stdin.write(json.dumps(self._request).encode() + b"\n")
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                await child.stdin.drain()

    async def _recognise(self) -> None:
        """Hands the file to a child made for pictures, with the time and the memory that they take."""
        if self._taken is not None:
            await end(self._taken)
        self._request = {**self._request, "recognise": True}
        self._patience = max(self._patience, RECOGNITION_PATIENCE)
        await self._ask(await start_child(RECOGNITION, RECOGNISING))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._taken is not None:
            await end(self._taken)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._summary is not None:
            raise StopAsyncIteration
        while True:
            kind, body = await self._frame()
            if kind == ROWS:
                block = self._known.without(body) if self._known else body
                if not block:
                    continue
                self.rows_streamed += block.count(b"\n")
                return block
            if kind == RECOGNISE:
                await self._recognise()
                continue
            if kind == NAMES:
                self.names = {bytes.fromhex(key): str(name) for key, name in json.loads(body).items()}
                continue
            if kind == SUMMARY:
                self._take_summary(json.loads(body))
                raise StopAsyncIteration
            answer = json.loads(body) if kind == REFUSED else {"code": "reader_failed", "where": "", "params": {}}
            raise StatementNotUnderstood(answer["code"], answer["where"], **answer["params"])

    def _take_summary(self, told: dict[str, Any]) -> None:
        self._summary = StatementSummary.from_json(told)

    async def _frame(self) -> tuple[bytes, bytes]:
        child = self._taken
        if child is None or child.stdout is None:
            raise RuntimeError("rows are read inside `async with`")
        try:
            async with asyncio.timeout(self._patience):
                kind, length = HEADER.unpack(await child.stdout.readexactly(HEADER.size))
                if length > LONGEST_FRAME:
                    raise StatementNotUnderstood("reader_failed", reason="frame")
                body = await child.stdout.readexactly(length)
        except TimeoutError:
            raise StatementNotUnderstood("took_too_long", seconds=round(self._patience)) from None
        except asyncio.IncompleteReadError:
            # Killed by a limit: out of processor time, or out of memory so badly that it could not even say so.
            code = await child.wait()
            if code in (-24, -9):
                raise StatementNotUnderstood("took_too_long", exit=code) from None
            raise StatementNotUnderstood("reader_failed", f"exit {code}", exit=code) from None
        return kind, body


def stream(
    path: Path,
    *,
    name: str,
    firm_id: UUID,
    file_id: UUID,
    index_key: bytes,
    known: Collection[bytes] | None = None,
    left: Iterable[Balanced] = (),
    today: str = "",
    children: Children | None = None,
    patience: float = PATIENCE,
    limit_bytes: int = LARGEST_FILE_BYTES,
) -> StatementStream:
    """Reads a file in a child. Use as ``async with`` and iterate; raises StatementNotUnderstood while iterating.

    ``known`` holds the fingerprints that the firm has already, ``left`` what its lines left on their accounts; without
    either every block passes untouched. ``today`` (``YYYY-MM-DD``) refuses lines after it. ``name`` is the upload's
    name, which says nothing about how it is read.
    """
    request = {
        "path": str(path.resolve()),
        "name": name,
        "firm_id": str(firm_id),
        "file_id": str(file_id),
        "index_key": index_key.hex(),
        "today": today,
        "limit_bytes": limit_bytes,
    }
    return StatementStream(request, known=Repeats(known or (), left), children=children, patience=patience)


def _widen(child: asyncio.subprocess.Process) -> None:
    """A larger pipe lets the child run ahead while the database writes; without it both wait for each other."""
    transport = getattr(child, "_transport", None)
    pipe = transport.get_pipe_transport(1) if transport is not None else None
    file = pipe.get_extra_info("pipe") if pipe is not None else None
    if file is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(file.fileno(), 1031, _PIPE_BYTES)  # F_SETPIPE_SZ

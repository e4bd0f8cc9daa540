"""Processes that measure together: each says when it is ready, is told a line, and answers with one."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class HandEnded(Exception):
    """A process ended before it answered; what it said is on standard error."""


@asynccontextmanager
async def hands(module: str, arguments: Sequence[Sequence[str]]) -> AsyncGenerator[list[Process]]:
    """A process of ``python -m module`` for each of these arguments, all ready."""
    made = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", module, *some, cwd=ROOT, stdin=PIPE, stdout=PIPE)
        for some in arguments
    ]
    try:
        for process in made:
            await _answer(process)
        yield made
    finally:
        for process in made:
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()


async def line(process: Process, told: str) -> str:
    """Tell a process a line; its answer."""
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(f"{told}\n".encode())
    await process.stdin.drain()
    return await _answer(process)


async def _answer(process: Process) -> str:
    assert process.stdout is not None  # noqa: S101
    said = (await process.stdout.readline()).decode().strip()
    if not said:
        raise HandEnded
    return said

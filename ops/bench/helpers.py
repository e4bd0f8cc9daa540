"""Processes that measure together: each says when it is ready, is told a line, and answers with one."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class HelperEnded(Exception):
    """A process ended before it answered; what it said is on standard error."""


@asynccontextmanager
async def helpers(module: str, count: int, *arguments: str) -> AsyncGenerator[list[Process]]:
    """So many processes of ``python -m module arguments``, all ready."""
    made = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        for _ in range(count)
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
        raise HelperEnded
    return said

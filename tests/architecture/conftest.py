"""The source, read as text and as trees: what these tests hold is true of the code, not of one run of it."""

import ast
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "policies",
    "lending",
    "scoring",
    "imports",
    "db",
    "infra",
    "gateways",
    "activities",
    "workflows",
    "worker",
    "api",
    "web",
    "simulators",
    "ops",
)


class Source(NamedTuple):
    """One module: its path from the root of the repository, its text, its tree."""

    path: str
    text: str
    tree: ast.Module

    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    def at(self, node: ast.AST, what: str) -> str:
        """One line for a failure message."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"


class Sources:
    """All modules of the house, read once."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Source, ...]] = {}

    def of(self, *rooms: str) -> tuple[Source, ...]:
        """The modules of some rooms; of all of them if none is named."""
        return tuple(source for room in rooms or ROOMS for source in self._room(room))

    def _room(self, room: str) -> tuple[Source, ...]:
        if room not in self._read:
            paths = sorted((ROOT / room).rglob("*.py"))
            assert paths, f"no such room: {room}"
            self._read[room] = tuple(_source(path) for path in paths)
        return self._read[room]


def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    # A dying future may log its traceback while we parse; on 3.11 that parses too and upsets the depth both count in.
    gc.disable()
    try:
        return Source(str(path.relative_to(ROOT)), text, ast.parse(text))
    finally:
        gc.enable()


@pytest.fixture(scope="session")
def sources() -> Sources:
    return Sources()


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT

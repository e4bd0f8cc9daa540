"""A photo of an identity paper, read by a confined child process that recognises pictures."""

from pathlib import Path
from typing import Any, Self

from imports.framing import RECOGNISING
from imports.identity_papers import Field, Paper
from imports.streaming import RECOGNITION, RECOGNITION_PATIENCE, StatementStream, start_child

IDENTITY_PAPER = "identity_paper"  # what a child is told that the file holds


class _PaperStream(StatementStream):
    """No rows, one paper."""

    paper: Paper | None = None

    async def __aenter__(self) -> Self:
        await self._ask(await start_child(RECOGNITION, RECOGNISING))
        return self

    def _take_summary(self, told: dict[str, Any]) -> None:
        self.paper = Paper(told["kind"], tuple(Field(**field) for field in told["fields"]))


async def paper_on(path: Path) -> Paper:
    """What the paper on the picture (or on a PDF's first page) says. ``path`` is absolute.

    Raises StatementNotUnderstood: ``no_identity_paper``, ``broken``, ``encrypted``, ``too_many_pixels``,
    ``took_too_long``, ``reader_failed``.
    """
    request = {"path": str(path), "holds": IDENTITY_PAPER}
    async with _PaperStream(request, known=None, children=None, patience=RECOGNITION_PATIENCE) as stream:
        async for _ in stream:
            pass
        if stream.paper is None:
            raise RuntimeError("a reader that ends well has told a paper")
        return stream.paper

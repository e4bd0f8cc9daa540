"""An invoice that somebody brought, read by a confined child process; recognition only where nothing else tells."""

from pathlib import Path
from typing import Any, Self

from imports.invoice_faces import Face
from imports.invoice_sides import Own
from imports.streaming import RECOGNITION, RECOGNITION_PATIENCE, StatementStream, start_child

INVOICE_PAPER = "invoice_paper"  # what a child is told that the file holds


class _FaceStream(StatementStream):
    """No rows, some invoices."""

    faces: tuple[Face, ...] | None = None

    async def __aenter__(self) -> Self:
        # Room for pictures, yet without the models of print: most papers are understood without them.
        await self._ask(await start_child(RECOGNITION))
        return self

    def _take_summary(self, told: dict[str, Any]) -> None:
        self.faces = tuple(Face(**face) for face in told["faces"])


async def faces_on(path: Path, *, name: str, own: Own, today: str) -> tuple[Face, ...]:
    """The sales invoices in a file, the newest first. ``path`` is absolute.

    Raises StatementNotUnderstood: ``no_invoice``, what a list may be refused for, ``broken``, ``encrypted``,
    ``too_many_pixels``, ``took_too_long``, ``reader_failed``.
    """
    request = {
        "path": str(path),
        "holds": INVOICE_PAPER,
        "name": name,
        "own_name": own.name,
        "own_tax_number": own.tax_number,
        "today": today,
    }
    async with _FaceStream(request, known=None, children=None, patience=RECOGNITION_PATIENCE) as stream:
        async for _ in stream:
            pass
        if stream.faces is None:
            raise RuntimeError("a reader that ends well has told its invoices")
        return stream.faces

"""What the desk's page about the training store shows: rows without names, and who asked whose they are."""

from dataclasses import dataclass

from api.staff.glass import GlassView, StoredRow, WhoseView
from web.views.parts import Form


@dataclass(frozen=True)
class Wish:
    """A wish as its reader sees it: the forms of whoever may answer or look; ``whose`` right after a look.

    ``no``: what was refused where neither form is there any more.
    """

    seen: GlassView
    open: bool
    answer: Form | None = None
    look: Form | None = None
    whose: WhoseView | None = None
    no: Form | None = None

    @property
    def number(self) -> str:
        """The application's number as people say it."""
        return f"A-{self.whose.number}" if self.whose else ""


@dataclass(frozen=True)
class GlassPage:
    """``waiting`` for an answer or open now, ``over`` before; ``ask`` for whoever may ask."""

    rows: tuple[StoredRow, ...]
    waiting: tuple[Wish, ...]
    over: tuple[Wish, ...]
    ask: Form | None
    purposes: tuple[str, ...]
    fresh: bool

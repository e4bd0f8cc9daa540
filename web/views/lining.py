"""What the desk's pages of lines show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from api.views import LineCase, ReceivableView
from api.views.receivable import ReceivableFact
from lending.receivables import CUTS
from web.views.parts import Form


@dataclass(frozen=True)
class LinesPage:
    """All lines, those first about which somebody is asked."""

    cases: tuple[LineCase, ...]


@dataclass(frozen=True)
class LineDeskPage:
    """One line. ``act``: the form of whoever may change it; ``allow`` and ``turn_down`` of a second person.

    ``fresh``: the authenticator's digits were shown a moment ago.
    """

    seen: LineCase
    act: Form | None = None
    answer: Form | None = None
    fresh: bool = True

    @property
    def acts(self) -> tuple[str, ...]:
        """What can be done to it as it stands."""
        match self.seen.line.state:
            case "open":
                return ("keep", "freeze", "reduce", "close")
            case "reduced":
                return ("keep", "reopen", "freeze", "reduce", "close")
            case "frozen":
                return ("keep", "reopen", "reduce", "close")
            case _:
                return ()


@dataclass(frozen=True)
class ReceivablesDeskPage:
    """Receivables that wait to be compared, or those of one line. ``forms``: of whoever may say something, by id;
    ``chosen``: the one whose form is open; ``heard``: what was written down of that one, ``backs``: of those that the
    reader may take back, by id; ``seconds``: of words that wait for the reader as the second, by the word's id;
    ``papers``: id and kind of what a fact can be taken from."""

    seen: tuple[ReceivableView, ...]
    forms: Mapping[str, Form] = field(default_factory=dict[str, Form])
    line_id: UUID | None = None
    chosen: str = ""
    facts: tuple[str, ...] = ("disputed", "undisputed", "credited", "paid", "barred", "unbarred")
    heard: tuple[ReceivableFact, ...] = ()
    backs: Mapping[str, Form] = field(default_factory=dict[str, Form])
    seconds: Mapping[str, Form] = field(default_factory=dict[str, Form])
    papers: tuple[tuple[str, str], ...] = ()
    cuts: tuple[str, ...] = CUTS

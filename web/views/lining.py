"""What the desk's pages of lines show."""

from dataclasses import dataclass

from api.views import LineCase
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

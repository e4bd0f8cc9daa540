"""What the release desk's page shows: money that takes a second person, and whom to call."""

from dataclasses import dataclass

from api.views import CallBackCase, ReleaseCase
from api.views.release import GateView
from web.views.parts import Form


@dataclass(frozen=True)
class Gate:
    """One line of what the money hangs on, and where it is mended, if its reader may go there."""

    seen: GateView
    href: str = ""


@dataclass(frozen=True)
class Case:
    """A payout with the form of whoever may answer. ``step``: approve while only the model did, else release;
    ``href``: the case, for whoever may read it."""

    seen: ReleaseCase
    step: str
    answer: Form | None = None
    gates: tuple[Gate, ...] = ()
    href: str = ""

    @property
    def number(self) -> str:
        """The application's number as people say it."""
        return f"A-{self.seen.number}"


@dataclass(frozen=True)
class Call:
    """Whom to call, with the form of what came of it."""

    seen: CallBackCase
    answer: Form

    @property
    def number(self) -> str:
        """The application's number as people say it."""
        return f"A-{self.seen.number}"


@dataclass(frozen=True)
class ReleasesPage:
    """``waiting`` by when it is due, ``over`` what was answered last, ``calls`` by when somebody must have called."""

    waiting: tuple[Case, ...]
    over: tuple[Case, ...]
    calls: tuple[Call, ...]
    fresh: bool

"""The pages of a loan's end: its owner's, and the desk's list with its clocks."""

from dataclasses import dataclass

from api.views.ending import EndLine, EndView
from web.views.parts import Form


@dataclass(frozen=True)
class EndPage:
    """``wish``: the form while nothing was answered; ``agree``: to an extension that was offered."""

    seen: EndView
    wish: Form | None = None
    agree: Form | None = None


@dataclass(frozen=True)
class EndsPage:
    """All ends; ``answers``: the form of each that waits, by the loan's number, for whoever may answer."""

    ends: tuple[EndLine, ...]
    answers: dict[int, Form]
    reasons: tuple[str, ...]

"""The pages of relief: its owner's, and the desk's."""

from dataclasses import dataclass
from uuid import UUID

from api.views.relief import ReliefTask, ReliefView
from web.views.parts import Form


@dataclass(frozen=True)
class ReliefPage:
    """``ask``: what happened, as long as nothing is open; ``agree``: the form of each way that is offered."""

    seen: ReliefView
    ask: Form | None
    whys: tuple[str, ...]
    agree: dict[str, Form]


@dataclass(frozen=True)
class ReliefsPage:
    """What waits at the desk, each with its form."""

    tasks: tuple[ReliefTask, ...]
    forms: dict[UUID, Form]

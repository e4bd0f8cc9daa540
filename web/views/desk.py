"""What the credit desk's pages show: the queue, and one case in one screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.views import (
    AuthorityRow,
    CaseView,
    CommitteeDesk,
    ConditionAtDesk,
    ConditionKindView,
    ConditionView,
    QueueCard,
    SittingView,
)
from web.views.brought import BroughtFile
from web.views.diligence import OwedPage
from web.views.manager import TaskPage
from web.views.parts import Form


@dataclass(frozen=True)
class QueuePage:
    """``mine``, ``free`` and ``others``: cases by who has them, each by when it is due."""

    mine: tuple[QueueCard, ...]
    free: tuple[QueueCard, ...]
    others: tuple[QueueCard, ...]
    conditions: tuple[ConditionAtDesk, ...] = ()
    table: tuple[AuthorityRow, ...] = ()


@dataclass(frozen=True)
class CaseForms:
    """What the reader can do with a case, each None where it is not theirs to do or not the time."""

    take: Form | None = None
    give_back: Form | None = None
    looked: Form | None = None
    up: Form | None = None
    tie: Form | None = None
    ends: Mapping[str, Form] = field(default_factory=dict[str, Form])


@dataclass(frozen=True)
class CasePage:
    """A case at the desk. ``case``: its figures as the manager's page has them too; ``ends``: forms by condition."""

    seen: CaseView
    case: TaskPage
    forms: CaseForms = CaseForms()


@dataclass(frozen=True)
class ConditionsPage:
    """What the owner has to do before the money leaves; ``papers``: what they brought for it, ``bring``: another."""

    seen: tuple[ConditionView, ...]
    papers: tuple[BroughtFile, ...] = ()
    bring: Form | None = None

    @property
    def open(self) -> tuple[ConditionView, ...]:
        """Those that are not met, the owner's own first."""
        mine = [one for one in self.seen if one.state == "open" and one.owner == "customer"]
        return (*mine, *(one for one in self.seen if one.state == "open" and one.owner != "customer"))

    @property
    def over(self) -> tuple[ConditionView, ...]:
        """Those that are done with."""
        return tuple(one for one in self.seen if one.state != "open")


@dataclass(frozen=True)
class CommitteePage:
    """What waits for a committee, its sittings, and the form that calls one; None for whoever may not."""

    seen: CommitteeDesk
    call: Form | None
    kinds: tuple[ConditionKindView, ...] = ()


@dataclass(frozen=True)
class SittingPage:
    """A sitting; ``votes``: forms by item where the reader may vote, ``close``: the chair's, ``owed``: gaps by item."""

    seen: SittingView
    votes: Mapping[str, Form] = field(default_factory=dict[str, Form])
    close: Form | None = None
    owed: Mapping[str, OwedPage] = field(default_factory=dict[str, OwedPage])

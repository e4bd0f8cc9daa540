"""What an applicant brings, as owner, manager and partner see it: one list for all channels."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from api.views.reason import Reason


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """One file of an item. ``channel``: owner, manager, partner, mailbox; ``state``: of lending.checklist.ItemState.

    ``document``: a person looks at it, and it can be opened again; bills and photos of identity papers cannot.
    """

    id: UUID
    name: str = field(repr=False)
    channel: str
    state: str
    received_at: datetime
    document: bool
    refused: Reason | None = None
    words: str | None = field(default=None, repr=False)
    media_type: str | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One line: what it is, why it is asked for, how to take it; ``refusals`` is what a person may refuse it for."""

    id: str
    title: str
    brought: str
    need: str
    why: str
    how: str
    sample: str
    state: str
    files: tuple[BroughtFile, ...]
    refusals: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MailboxView:
    """Where a wallet may send bills for one application; ``senders``: the domains that are taken."""

    address: str
    open: bool
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """``missing``: required items of which nothing usable is there; nothing is decided before they are."""

    items: tuple[ChecklistItem, ...]
    missing: tuple[str, ...]
    open: bool
    currency: str

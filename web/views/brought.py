"""What an applicant brings, as its pages show it."""

from dataclasses import dataclass
from datetime import datetime

from web.views.parts import Form


@dataclass(frozen=True)
class BroughtFile:
    """One file; ``href`` opens it, where it can be opened; ``judge`` where a person says whether it will do."""

    name: str
    channel: str
    state: str
    received_at: datetime
    href: str = ""
    picture: str = ""
    pages: int | None = None
    refused: str = ""
    words: str = ""
    judge: Form | None = None


@dataclass(frozen=True)
class BroughtItem:
    """One line of the list; ``form`` where another file may be brought."""

    id: str
    title: str
    need: str
    why: str
    how: str
    state: str
    files: tuple[BroughtFile, ...] = ()
    refusals: tuple[tuple[str, str], ...] = ()
    form: Form | None = None


@dataclass(frozen=True)
class ScanPage:
    """A customer's list, filled by their manager; ``form`` takes bills."""

    customer_href: str
    items: tuple[BroughtItem, ...]
    bills: tuple[BroughtFile, ...] = ()
    form: Form | None = None

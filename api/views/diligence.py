"""A report with its sources, two people who sign it, and what is owed to a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A sentence made from the file; ``source``: where its figure stands, an id of the report's sources."""

    section: str
    code: str
    text: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class ReportSource:
    """A place in the file. ``kind``: ``application``, ``check``, ``consent``, ``lines``, ``bill``, ``register``,
    ``task``, ``evidence``, ``paper``, ``decision``, ``collateral``, ``appraisal``, ``search``, ``registration`` or
    ``policy``; ``ref``: which; ``reference``: the number that its provider gave.
    """

    id: str
    kind: str
    ref: str
    at: datetime | None
    reference: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class InvestigationView:
    """双人调查: whether a rule asks for it, who they are, and when each signed the report that stands."""

    asked: bool
    lead: str | None
    second: str | None
    lead_at: datetime | None
    second_at: datetime | None
    complete: bool
    my_part: str | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """The report on an application. ``n`` 0: drafted from the file and not kept yet; ``stale``: the file says more or
    other by now; ``words``: what a person added, by section."""

    application_id: UUID
    number: int
    n: int
    sections: tuple[str, ...]
    lines: tuple[ReportLine, ...]
    sources: tuple[ReportSource, ...]
    words: Mapping[str, str] = field(repr=False)
    sha256: str | None
    by: str | None
    made_at: datetime | None
    stale: bool
    investigation: InvestigationView


@dataclass(frozen=True, slots=True)
class FileLine:
    """One movement of a firm's money, as the bills tell it; ``direction`` 1 in, -1 out."""

    on: date
    amount_minor: int
    currency: str
    direction: int
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FileLines:
    """The lines behind a month's figure, the largest first; ``more``: there are further ones."""

    month: date
    sales_minor: int
    refunds_minor: int
    currency: str
    lines: tuple[FileLine, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class DutyProof:
    """One thing of the file that speaks for a duty, in words; ``by``: who did it, None for the program."""

    text: str
    ref: str
    at: datetime | None
    by: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One line of the lender's list. ``standing``: ``met``, ``gap`` or ``not_asked``; ``lacks``: what is open;
    ``stops``: nobody says yes before it is done."""

    code: str
    title: str
    standing: str
    proofs: tuple[DutyProof, ...]
    lacks: tuple[str, ...]
    stops: bool = False


@dataclass(frozen=True, slots=True)
class DutyView:
    """尽职免责: the whole list for one application, and how many gaps it has. ``list_version``: of the list;
    ``source``: the rule it follows, ``looked_up``: whether its words were held beside the list, or it is recalled."""

    application_id: UUID
    number: int
    lines: tuple[DutyLine, ...]
    gaps: int
    list_version: str
    source: str
    looked_up: bool

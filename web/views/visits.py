"""What pages about tasks outside show, to the manager who goes and to the customer who waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from api.views import Colleague, LeaveView, OfflineCase, OfflineStep
from infra.phrases import BEIJING
from web.views.parts import Form

# From here on a card is marked: a quarter of a working day, so that nobody is surprised.
SOON = timedelta(hours=2)


def urgency(due_at: datetime, now: datetime) -> str:
    """late, soon or calm."""
    left = due_at - now
    return "late" if left < timedelta(0) else "soon" if left < SOON else "calm"


Hours = tuple[tuple[date, tuple[tuple[str, str], ...]], ...]


def by_day(slots: tuple[datetime, ...]) -> Hours:
    """Hours to choose from, by the lender's day: each as it is sent and as it is read."""
    days: dict[date, list[tuple[str, str]]] = {}
    for slot in slots:
        here = slot.astimezone(BEIJING)
        days.setdefault(here.date(), []).append((slot.isoformat(), f"{here:%H:%M}"))
    return tuple((day, tuple(hours)) for day, hours in days.items())


@dataclass(frozen=True)
class LeadForms:
    """What a lead may do about a late task: one form for three acts, and who may have it."""

    form: Form
    colleagues: tuple[Colleague, ...]

    @property
    def managers(self) -> tuple[tuple[str, str, str], ...]:
        """To whom it may be given."""
        return tuple((str(one.id), one.name, "") for one in self.colleagues)


@dataclass(frozen=True)
class TaskOutsidePage:
    """One task outside; each form while it may still be used. ``thing_ids``: of what may be brought home next;
    ``explain``: of each number that is not the piece's; ``vouch``: of each photo that whoever looks may take as
    evidence although it says no place or time."""

    seen: OfflineCase
    urgency: str
    thing_ids: tuple[str, ...]
    capture: Form | None = None
    book: Form | None = None
    finish: Form | None = None
    recording: Form | None = None
    explain: Mapping[UUID, Form] = field(default_factory=dict[UUID, Form])
    vouch: Mapping[UUID, Form] = field(default_factory=dict[UUID, Form])
    lead: LeadForms | None = None

    @property
    def hours(self) -> Hours:
        """When it can be booked, by day."""
        return by_day(self.seen.slots)


@dataclass(frozen=True)
class VisitPage:
    """A task outside as its customer sees it; ``form`` while an hour can be chosen, ``agreement`` while a live video
    waits for their consent to be recorded; ``also``: what can be seen on the same visit."""

    step: OfflineStep
    form: Form | None
    back: str
    agreement: Form | None = None
    also: tuple[str, ...] = ()

    @property
    def hours(self) -> Hours:
        """When it can be booked, by day."""
        return by_day(self.step.slots)


@dataclass(frozen=True)
class AwayPage:
    """One's own leaves, and a new one; ``back``: a form for each leave, by its id; ``managers``: whose leave may be
    said besides, for who leads."""

    mine: tuple[LeaveView, ...]
    colleagues: tuple[Colleague, ...]
    form: Form
    back: Mapping[str, Form]
    managers: tuple[Colleague, ...] = ()

    @property
    def who(self) -> tuple[tuple[str, str, str], ...]:
        """Whose leave it is, for who may say another's."""
        return tuple((str(one.id), one.name, "") for one in self.managers)

    @property
    def options(self) -> tuple[tuple[str, str, str], ...]:
        """Who may stand in, as choices."""
        return tuple((str(one.id), one.name, "") for one in self.colleagues)

    def last_of(self, leave: LeaveView) -> date:
        """The last day of a leave, in the lender's time."""
        return (leave.ends_at - timedelta(seconds=1)).astimezone(BEIJING).date()

    def first_of(self, leave: LeaveView) -> date:
        """The first day of a leave, in the lender's time."""
        return leave.begins_at.astimezone(BEIJING).date()

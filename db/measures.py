"""What measures are reckoned from: messages, calls, stories, looks; never more than a year of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.offline import KEPT_UNTIL
from db.people import SYSTEM
from db.tables import (
    AccessRecord,
    Application,
    Contract,
    CustomerManager,
    Decision,
    HelpCall,
    LateStretch,
    Loan,
    LoanBalance,
    LoanEnd,
    Offer,
    Task,
    ThreadMessage,
    TimelineEvent,
)
from lending.calendars import BEIJING
from lending.measures import Lent, Word
from lending.offers import Shape
from lending.offline import Way

MOST = 200_000
AS_ASKED, ON_SITE = Shape.AS_ASKED.value, Way.ON_SITE.value


def _of(person: InstrumentedAttribute[UUID], staff_id: UUID | None) -> ColumnElement[bool]:
    """Of one manager's customers; of everybody's where ``staff_id`` is None."""
    if staff_id is None:
        return true()
    return exists().where(
        CustomerManager.person_id == person,
        CustomerManager.staff_id == staff_id,
        CustomerManager.ended_at.is_(None),
    )


async def threads(session: AsyncSession, since: datetime, staff_id: UUID | None) -> list[list[Word]]:
    """The messages of each thread, in the order of time."""
    rows = await session.execute(
        select(ThreadMessage.application_id, ThreadMessage.author, ThreadMessage.sent_at)
        .where(ThreadMessage.sent_at >= since, _of(ThreadMessage.person_id, staff_id))
        .order_by(ThreadMessage.application_id, ThreadMessage.sent_at)
        .limit(MOST)
    )
    found: dict[UUID, list[Word]] = defaultdict(list)
    for application_id, author, at in rows:
        found[application_id].append(Word(author == "lender", at))
    return list(found.values())


async def calls(session: AsyncSession, since: datetime, staff_id: UUID | None) -> list[list[Word]]:
    """The calls of each person as questions and answers; a call that reached nobody is no answer."""
    rows = await session.execute(
        select(HelpCall.person_id, HelpCall.asked_at, HelpCall.closed_at, HelpCall.outcome)
        .where(HelpCall.asked_at >= since, _of(HelpCall.person_id, staff_id))
        .order_by(HelpCall.person_id, HelpCall.asked_at)
        .limit(MOST)
    )
    found: dict[UUID, list[Word]] = defaultdict(list)
    for person_id, asked_at, closed_at, outcome in rows:
        found[person_id].append(Word(ours=False, at=asked_at))
        if closed_at is not None and outcome != "not_reached":
            found[person_id].append(Word(ours=True, at=closed_at))
    return list(found.values())


async def stories(session: AsyncSession, since: datetime, staff_id: UUID | None) -> list[dict[str, datetime]]:
    """When each kind of line was first written in the story of each application that began since."""
    rows = await session.execute(
        select(TimelineEvent.application_id, TimelineEvent.kind, func.min(TimelineEvent.happened_at))
        .join(Application, Application.id == TimelineEvent.application_id)
        .where(Application.created_at >= since, _of(Application.person_id, staff_id))
        .group_by(TimelineEvent.application_id, TimelineEvent.kind)
        .limit(MOST)
    )
    found: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for application_id, kind, at in rows:
        found[application_id][kind] = at
    return list(found.values())


async def looks(session: AsyncSession, since: datetime, staff_id: UUID | None) -> list[list[datetime]]:
    """When people of the lender looked at each application; what a program read is nobody's time."""
    rows = await session.execute(
        select(AccessRecord.purpose, AccessRecord.at)
        .where(
            AccessRecord.at >= since,
            AccessRecord.actor != SYSTEM,
            AccessRecord.purpose.startswith("application "),
            AccessRecord.what != "name",
            _of(AccessRecord.person_id, staff_id),
        )
        .order_by(AccessRecord.purpose, AccessRecord.at)
        .limit(MOST)
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for purpose, at in rows:
        found[purpose].append(at)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Decided:
    """Applications that were decided, and those of them that no person was asked about."""

    all: int
    straight: int


async def decided(session: AsyncSession, since: datetime, staff_id: UUID | None) -> Decided:
    """How many went straight through: decided, and never a task for anybody."""
    asked = exists().where(Task.application_id == Application.id)
    done = exists().where(Decision.application_id == Application.id, Decision.outcome != "review")
    row = (
        await session.execute(
            select(func.count(), func.count().filter(~asked)).where(
                Application.created_at >= since, done, _of(Application.person_id, staff_id)
            )
        )
    ).one()
    return Decided(int(row[0]), int(row[1]))


async def lent(session: AsyncSession, since: datetime, staff_id: UUID | None) -> list[Lent]:
    """Loans that ran since then: whether they were ever late, by the closes; their plan's shape, by the offer that was
    signed; and when somebody first answered whether they are renewed."""
    late = exists().where(LateStretch.loan_id == Loan.id)
    renewing = aliased(Application)
    answered = (
        select(func.min(Decision.decided_at))
        .join(renewing, renewing.id == Decision.application_id)
        .where(renewing.renews_loan_id == Loan.id, Decision.outcome != "review")
        .scalar_subquery()
    )
    # What the desk said of its end counts as much as a decision on the loan that renews it.
    said = select(LoanEnd.answered_at).where(LoanEnd.loan_id == Loan.id).scalar_subquery()
    answered = func.least(answered, said)
    rows = await session.execute(
        select(Loan, LoanBalance.windows_passed, Offer.projection["shape"].astext, late, answered)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .outerjoin(Contract, Contract.application_id == Loan.application_id)
        .outerjoin(Offer, Offer.id == Contract.offer_id)
        .where(
            Loan.live_on.is_not(None),
            or_(Loan.closed_on.is_(None), Loan.closed_on >= since.astimezone(BEIJING).date()),
            _of(Loan.person_id, staff_id),
        )
        .limit(MOST)
    )
    return [
        Lent(
            shape=shape or AS_ASKED,
            due=passed > 0 or loan.state == "closed",
            was_late=was_late,
            matures_on=loan.matures_on,
            closed_on=loan.closed_on,
            decided_on=decided.astimezone(BEIJING).date() if decided else None,
        )
        for loan, passed, shape, was_late, decided in rows
    ]


@dataclass(frozen=True, slots=True)
class Spent:
    """What was paid for with people's ways: loans that began to run, and visits on site that somebody made."""

    loans: int
    visits: int


async def spent(session: AsyncSession, since: datetime, staff_id: UUID | None) -> Spent:
    """Of the same time as the looks."""
    day = since.astimezone(BEIJING).date()
    loans = await session.scalar(
        select(func.count()).select_from(Loan).where(Loan.live_on >= day, _of(Loan.person_id, staff_id))
    )
    visits = await session.scalar(
        select(func.count())
        .select_from(Task)
        .where(
            Task.state == "done",
            Task.finished_at >= since,
            Task.params.has_key(KEPT_UNTIL),
            Task.slot_at.is_not(None),
            Task.outcome["way"].astext == ON_SITE,
            _of(Task.person_id, staff_id),
        )
    )
    return Spent(int(loans or 0), int(visits or 0))

"""Loans past due in rows: cases, what is known of each at the end of a day, steps, promises and disputes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db import closes, permissions
from db.tables import (
    Application,
    CaseSegment,
    CollectionCase,
    CollectionStep,
    ContactMade,
    ItemDispute,
    Loan,
    LoanBalance,
    PaymentPromise,
    RevenueDay,
    ThreadMessage,
)
from db.writing import into
from lending.collecting import Assigned, CaseEnd, Late, Step
from lending.consents import Purpose as Allowed
from lending.contact_policy import PRESSING, PROMISE_GRACE, Channel
from lending.identifiers import derived_id

A_NIGHT = 500
# Sales of four weeks against those of the twelve weeks before them.
RECENT, BEFORE = timedelta(days=28), timedelta(days=84)
ENOUGH_DAYS = 28
BY_A_PERSON = ("talked", "promised", "disputed")


@dataclass(frozen=True, slots=True)
class Open:
    """A case with its loan and its balance, as the last close and what came since left it."""

    row: CollectionCase
    loan: Loan
    balance: LoanBalance
    number: int

    @property
    def past_due_minor(self) -> int:
        """What ends the lateness if it comes now, in minor units; 0 once enough has come, before any close says so."""
        return closes.to_cure_of(self.loan, self.balance)


async def to_open(session: AsyncSession) -> Sequence[tuple[Loan, LoanBalance]]:
    """Live loans past due, grace over, without an open case."""
    found = await session.execute(
        select(Loan, LoanBalance)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .outerjoin(CollectionCase, (CollectionCase.loan_id == Loan.id) & CollectionCase.ended.is_(None))
        .where(Loan.state == "live", LoanBalance.status == "past_due", CollectionCase.id.is_(None))
        .order_by(Loan.id)
        .limit(A_NIGHT)
    )
    return [(row[0], row[1]) for row in found]


async def open_case(session: AsyncSession, loan: Loan, balance: LoanBalance, on: date, at: datetime) -> UUID:
    """A case for this stretch of lateness. One that was cured and came back on the same due date is another case."""
    since = balance.past_due_since or on
    before = await session.scalar(
        select(func.count()).where(CollectionCase.loan_id == loan.id, CollectionCase.since == since)
    )
    case_id = derived_id("collection_case", f"{loan.id}/{since.isoformat()}/{before}")
    made = {"loan_id": loan.id, "person_id": loan.person_id, "since": since, "opened_on": on, "opened_at": at}
    await session.execute(into(CollectionCase).values(id=case_id, figures={}, **made))
    return case_id


async def case(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> Open | None:
    """One case."""
    return await _one(session, CollectionCase.id == case_id, lock=lock)


async def newest_of_loan(session: AsyncSession, loan_id: UUID, *, lock: bool = False) -> Open | None:
    """The open case of a loan, or the last that ended."""
    return await _one(session, CollectionCase.loan_id == loan_id, lock=lock)


async def open_cases(session: AsyncSession, most: int) -> Sequence[Open]:
    """All that are open, the latest first."""
    asked = _cases().where(CollectionCase.ended.is_(None)).order_by(CollectionCase.since).limit(most)
    return [Open(*found) for found in (await session.execute(asked)).all()]


def _cases() -> Select[CollectionCase, Loan, LoanBalance, int]:
    return (
        select(CollectionCase, Loan, LoanBalance, Application.number)
        .join(Loan, Loan.id == CollectionCase.loan_id)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .join(Application, Application.id == Loan.application_id)
    )


async def _one(session: AsyncSession, which: ColumnElement[bool], *, lock: bool) -> Open | None:
    asked = _cases().where(which).order_by(CollectionCase.opened_at.desc()).limit(1)
    found = (await session.execute(asked.with_for_update(of=CollectionCase) if lock else asked)).first()
    return Open(*found) if found is not None else None


# --- what is known ----------------------------------------------------------------------------------------------------


async def late(session: AsyncSession, found: Open, today: date, at: datetime) -> Late:
    """Everything that a segment rests on. Sales are read only of a person who allows it."""
    row = found.row
    before = await session.scalars(
        select(CollectionCase).where(
            CollectionCase.person_id == row.person_id, CollectionCase.id != row.id, CollectionCase.ended.is_not(None)
        )
    )
    earlier = [((one.ended_on - one.since).days, bool(one.unaided)) for one in before if one.ended_on is not None]
    recent, usual = await _sales(session, found, today, at)
    promises = dict(
        (
            await session.execute(
                select(PaymentPromise.state, func.count())
                .where(PaymentPromise.case_id == row.id)
                .group_by(PaymentPromise.state)
            )
        ).all()
    )
    contacts = (
        await session.execute(
            select(ContactMade.channel, ContactMade.talked).where(
                ContactMade.person_id == row.person_id,
                ContactMade.at >= row.opened_at,
                ContactMade.purpose.in_([one.value for one in PRESSING]),
            )
        )
    ).all()
    wrote = await session.scalar(
        select(func.count()).where(
            ThreadMessage.person_id == row.person_id,
            ThreadMessage.sent_at >= row.opened_at,
            ThreadMessage.author == "owner",
        )
    )
    return Late(
        days_past_due=max(0, (today - row.since).days),
        past_due_minor=found.past_due_minor,
        earlier=[days for days, _ in earlier],
        unaided=sum(1 for _, unaided in earlier if unaided),
        recent_minor=recent,
        usual_minor=usual,
        promises_broken=int(promises.get("broken", 0)),
        promises_kept=int(promises.get("kept", 0)),
        disputed=await dispute_of(session, found.loan.id) is not None,
        unanswered=Counter(Channel(channel) for channel, talked in contacts if not talked),
        answered=bool(wrote) or any(talked for _, talked in contacts) or bool(promises),
    )


async def _sales(session: AsyncSession, found: Open, today: date, at: datetime) -> tuple[int | None, int | None]:
    may = await session.scalar(select(permissions.allowed(found.loan.person_id, Allowed.FLOWS_ANALYSIS.value, at)))
    if not may:
        return None, None
    net = RevenueDay.sales_minor - RevenueDay.refunds_minor - RevenueDay.chargebacks_minor
    cut = today - RECENT
    asked = select(
        func.coalesce(func.sum(net).filter(RevenueDay.on_date >= cut), 0),
        func.coalesce(func.sum(net).filter(RevenueDay.on_date < cut), 0),
        func.count(func.distinct(RevenueDay.on_date)).filter(RevenueDay.on_date < cut),
    ).where(RevenueDay.loan_id == found.loan.id, RevenueDay.on_date < today, RevenueDay.on_date >= cut - BEFORE)
    recent, before, days = (await session.execute(asked)).one()
    if days < ENOUGH_DAYS:
        return None, None
    return int(recent), int(before) * RECENT.days // int(days)


# --- what is done -----------------------------------------------------------------------------------------------------


async def assign(session: AsyncSession, found: Open, made: Assigned, version: str, late_: Late, at: datetime) -> bool:
    """Write down a segment and stage; whether they are others than before."""
    row = found.row
    changed = (row.segment, row.stage, row.reason) != (made.segment.value, made.stage.value, made.reason)
    row.segment, row.stage, row.reason = made.segment.value, made.stage.value, made.reason
    row.figures, row.treatment = dict(made.figures), version
    if changed:
        before = await session.scalar(select(func.count()).where(CaseSegment.case_id == row.id)) or 0
        session.add(
            CaseSegment(
                id=derived_id("case_segment", f"{row.id}/{before}"),
                case_id=row.id,
                person_id=row.person_id,
                n=before,
                at=at,
                segment=row.segment,
                stage=row.stage,
                reason=row.reason,
                figures=row.figures,
                days_past_due=late_.days_past_due,
            )
        )
        await session.flush()
    return changed


async def taken(session: AsyncSession, row: CollectionCase) -> frozenset[str]:
    """The steps that were taken for this due date, by name: what came back is not begun anew."""
    same = select(CollectionCase.id).where(CollectionCase.loan_id == row.loan_id, CollectionCase.since == row.since)
    return frozenset(await session.scalars(select(CollectionStep.name).where(CollectionStep.case_id.in_(same))))


async def steps(session: AsyncSession, case_id: UUID) -> Sequence[CollectionStep]:
    """Them in order."""
    asked = select(CollectionStep).where(CollectionStep.case_id == case_id)
    return (await session.scalars(asked.order_by(CollectionStep.taken_at, CollectionStep.name))).all()


async def take(
    session: AsyncSession, found: Open, step: Step, *, version: str, days: int, at: datetime, due_at: datetime | None
) -> UUID:
    """A step on record. ``due_at``: by when a person has done it; None for a letter, which is done with it."""
    row = found.row
    step_id = derived_id("collection_step", f"{row.id}/{step.name}")
    session.add(
        CollectionStep(
            id=step_id,
            case_id=row.id,
            person_id=row.person_id,
            name=step.name,
            does=step.does.value,
            purpose=step.purpose.value,
            segment=row.segment or "",
            treatment=version,
            offers_relief=step.offers_relief,
            days_past_due=days,
            taken_at=at,
            due_at=due_at,
            done_at=None if due_at else at,
            done_by=None if due_at else "system",
            outcome=None if due_at else "sent",
        )
    )
    await session.flush()
    return step_id


async def end(session: AsyncSession, found: Open, how: CaseEnd, on: date, at: datetime) -> None:
    """Over: what waits for a person is not needed any more, an open promise was kept, a dispute has nothing left."""
    row = found.row
    talks = select(func.count()).where(CollectionStep.case_id == row.id, CollectionStep.outcome.in_(BY_A_PERSON))
    row.unaided = not await session.scalar(talks)
    row.ended, row.ended_on, row.next_at = how.value, on, None
    await session.execute(
        update(CollectionStep)
        .where(CollectionStep.case_id == row.id, CollectionStep.done_at.is_(None))
        .values(done_at=at, done_by="system", outcome="not_needed")
    )
    await session.execute(
        update(PaymentPromise)
        .where(PaymentPromise.case_id == row.id, PaymentPromise.state == "open")
        .values(state="kept", settled_at=at)
    )


async def waits(session: AsyncSession, row: CollectionCase, name: str) -> bool:
    """Whether a step was taken and nobody has said yet what came of it."""
    return any(step.name == name and step.done_at is None for step in await steps(session, row.id))


# --- promises and disputes --------------------------------------------------------------------------------------------


async def promise_of(session: AsyncSession, loan_id: UUID) -> PaymentPromise | None:
    """The open one."""
    asked = select(PaymentPromise).where(PaymentPromise.loan_id == loan_id, PaymentPromise.state == "open")
    return await session.scalar(asked)


async def promises(session: AsyncSession, case_id: UUID) -> Sequence[PaymentPromise]:
    """All of a case, the newest first."""
    asked = select(PaymentPromise).where(PaymentPromise.case_id == case_id)
    return (await session.scalars(asked.order_by(PaymentPromise.made_at.desc()))).all()


async def settle_promise(session: AsyncSession, found: Open, today: date, at: datetime) -> PaymentPromise | None:
    """Look at the open promise: kept as soon as so much has come, broken once its day and one more are over."""
    row = await promise_of(session, found.loan.id)
    if row is None:
        return None
    if found.balance.paid_minor - row.paid_before_minor >= row.amount_minor:
        row.state, row.settled_at = "kept", at
    elif today > row.promised_on + PROMISE_GRACE:
        row.state, row.settled_at = "broken", at
    return row


async def dispute_of(session: AsyncSession, loan_id: UUID) -> ItemDispute | None:
    """The open one."""
    return await session.scalar(
        select(ItemDispute).where(ItemDispute.loan_id == loan_id, ItemDispute.verdict.is_(None))
    )


async def disputes(session: AsyncSession, case_id: UUID) -> Sequence[ItemDispute]:
    """All of a case, the newest first."""
    asked = select(ItemDispute).where(ItemDispute.case_id == case_id)
    return (await session.scalars(asked.order_by(ItemDispute.made_at.desc()))).all()

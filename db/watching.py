"""What monitoring reads and writes: decisions of a window, loans that ripened, figures by day, nights done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, cast, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Close, Decision, Loan, LoanBad, LoanBalance, ModelWatch, Night, ShadowScore

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of ``model_watch``."""

    measure: str
    subject: str
    value: Decimal | None
    expected: Decimal | None
    low: Decimal | None
    high: Decimal | None
    count: int
    state: str


async def newest_closed_day(session: AsyncSession, jurisdiction: str) -> date | None:
    """The last business day whose close is finished."""
    return await session.scalar(
        select(func.max(Close.on_date)).where(Close.jurisdiction == jurisdiction, Close.state == "closed")
    )


async def begin_night(session: AsyncSession, job: str, jurisdiction: str, on: date, at: datetime) -> bool:
    """Take a night's job, in the transaction of what it does; False: it was done, or another worker is at it."""
    taken = await session.execute(
        insert(Night)
        .values(job=job, jurisdiction=jurisdiction, on_date=on, done_at=at, detail={})
        .on_conflict_do_nothing()
        .returning(Night.job)
    )
    return taken.first() is not None


async def end_night(session: AsyncSession, job: str, jurisdiction: str, on: date, detail: Json) -> None:
    """What the night's job did."""
    night = await session.get_one(Night, (job, jurisdiction, on))
    night.detail = detail


async def newest_night(session: AsyncSession, job: str, jurisdiction: str) -> Json | None:
    """What a job's newest night said; None before the first."""
    return await session.scalar(
        select(Night.detail)
        .where(Night.job == job, Night.jurisdiction == jurisdiction)
        .order_by(Night.on_date.desc())
        .limit(1)
    )


async def decisions_since(
    session: AsyncSession, since: datetime, until: datetime
) -> Sequence[tuple[Json, Decimal, str, Any]]:
    """Features, chance, model and id of each decision by machine in a window."""
    found = await session.execute(
        select(Decision.features, Decision.pd, Decision.model_id, Decision.id).where(
            Decision.decided_at >= since,
            Decision.decided_at < until,
            Decision.pd.is_not(None),
            Decision.model_id.is_not(None),
            Decision.decided_by == "model",
        )
    )
    return [
        (features, pd, model_id, decision_id)
        for features, pd, model_id, decision_id in found
        if pd is not None and model_id is not None
    ]


async def mark_bad(session: AsyncSession, on: date, days_past_due: int) -> int:
    """Loans that have come to be so long past due are defaults from this day on; how many are new."""
    late = (
        select(LoanBalance.loan_id, cast(literal(on), LoanBad.bad_on.type))
        .join(Loan, Loan.id == LoanBalance.loan_id)
        .where(Loan.state == "live", LoanBalance.days_past_due >= days_past_due)
    )
    done = await session.execute(
        insert(LoanBad).from_select(["loan_id", "bad_on"], late).on_conflict_do_nothing().returning(LoanBad.loan_id)
    )
    return len(done.all())


async def matured(session: AsyncSession, model_id: str, on: date, horizon_days: int) -> Sequence[tuple[Decimal, bool]]:
    """Chance and outcome of every loan whose horizon is over, by what this model said of it, deciding or beside.

    Loans that went bad are not counted before their peers of the same age: that would see more defaults than there are.
    """
    cut = on - timedelta(days=horizon_days)
    said = func.coalesce(ShadowScore.pd, Decision.pd)
    last = (
        select(Decision.application_id, func.max(Decision.n).label("n"))
        .where(Decision.outcome == "approve")
        .group_by(Decision.application_id)
        .subquery()
    )
    found = await session.execute(
        select(said, and_(LoanBad.bad_on.is_not(None), LoanBad.bad_on <= Loan.live_on + horizon_days))
        .select_from(Loan)
        .join(last, last.c.application_id == Loan.application_id)
        .join(Decision, and_(Decision.application_id == last.c.application_id, Decision.n == last.c.n))
        .outerjoin(ShadowScore, and_(ShadowScore.decision_id == Decision.id, ShadowScore.model_id == model_id))
        .outerjoin(LoanBad, LoanBad.loan_id == Loan.id)
        .where(
            Loan.live_on <= cut,
            said.is_not(None),
            or_(Decision.model_id == model_id, ShadowScore.model_id == model_id),
        )
    )
    return [(pd, bool(bad)) for pd, bad in found]


async def keep(session: AsyncSession, model_id: str, on: date, figures: Iterable[Figure]) -> None:
    """The day's figures of a model; a second run of the day replaces the first."""
    await session.execute(delete(ModelWatch).where(ModelWatch.model_id == model_id, ModelWatch.on_date == on))
    rows = [
        {
            "on_date": on,
            "model_id": model_id,
            "measure": one.measure,
            "subject": one.subject,
            "value": one.value,
            "expected": one.expected,
            "low": one.low,
            "high": one.high,
            "count": one.count,
            "state": one.state,
        }
        for one in figures
    ]
    if rows:
        await session.execute(insert(ModelWatch), rows)


async def newest(session: AsyncSession) -> Sequence[ModelWatch]:
    """The newest figures of each model at work that was watched."""
    last = select(ModelWatch.model_id, func.max(ModelWatch.on_date).label("on_date")).group_by(ModelWatch.model_id)
    days = last.subquery()
    return (
        await session.scalars(
            select(ModelWatch)
            .join(days, and_(ModelWatch.model_id == days.c.model_id, ModelWatch.on_date == days.c.on_date))
            .order_by(ModelWatch.on_date.desc(), ModelWatch.measure, ModelWatch.value.desc().nulls_last())
        )
    ).all()


async def course(session: AsyncSession, model_id: str, subject: str, days: int) -> Sequence[ModelWatch]:
    """One figure of a model over the last days, oldest first."""
    found = await session.scalars(
        select(ModelWatch)
        .where(ModelWatch.model_id == model_id, ModelWatch.subject == subject)
        .order_by(ModelWatch.on_date.desc())
        .limit(days)
    )
    return list(reversed(found.all()))

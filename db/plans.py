"""What owners changed of their loans' plans, and the notices that progress is slower than the path."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Loan, Notice, PathNotice, PlanChange
from lending.calendars import Jurisdiction, business_date
from lending.changes_kept import as_json, change_of
from lending.identifiers import derived_id
from lending.minimum_path import NOTICE, Warned
from lending.plans import Change, Plan, plan_json

A_TIME = 200
ONE_DAY = timedelta(days=1)


async def changes_of(session: AsyncSession, loan_ids: Sequence[UUID]) -> dict[UUID, list[Change]]:
    """Every change of each loan that has one, in order."""
    rows = await session.scalars(
        select(PlanChange).where(PlanChange.loan_id.in_(loan_ids)).order_by(PlanChange.loan_id, PlanChange.n)
    )
    found: dict[UUID, list[Change]] = defaultdict(list)
    for row in rows:
        found[row.loan_id].append(change_of(row.kind, row.effective_on, row.said))
    return dict(found)


async def rows_of(session: AsyncSession, loan_id: UUID) -> Sequence[PlanChange]:
    """The changes as they were agreed, the newest first."""
    found = await session.scalars(select(PlanChange).where(PlanChange.loan_id == loan_id).order_by(PlanChange.n.desc()))
    return found.all()


async def agree(
    session: AsyncSession,
    loan: Loan,
    change: Change,
    plan: Plan,
    *,
    change_id: UUID,
    shown: Mapping[str, Any],
    shown_hash: str,
    policy_version: str,
    at: datetime,
) -> None:
    """A change with what was shown of it, and the plan that it makes; the loan's balance row is locked before."""
    last = await session.scalar(select(func.max(PlanChange.n)).where(PlanChange.loan_id == loan.id))
    session.add(
        PlanChange(
            id=change_id,
            loan_id=loan.id,
            n=(last or 0) + 1,
            person_id=loan.person_id,
            kind=change.kind.value,
            said=as_json(change),
            effective_on=change.effective_on,
            shown=dict(shown),
            shown_hash=shown_hash,
            policy_version=policy_version,
            agreed_at=at,
        )
    )
    ends = {"matures_on": plan.path.due_on[-1]} if plan.path else {}
    await session.execute(update(Loan).where(Loan.id == loan.id).values(plan=plan_json(plan), **ends))


# --- slow progress ----------------------------------------------------------------------------------------------------
NOTICE_COLUMNS = ("loan_id", "person_id", "number", "kind", "due_on", "found_on", "short_minor", "most_minor")


async def found_slow(session: AsyncSession, rows: Sequence[Sequence[Any]]) -> None:
    """What a shard's close found; columns as in ``NOTICE_COLUMNS``."""
    if rows:  # its rows are somebody's (row-level security): no COPY
        await session.execute(insert(PathNotice), [dict(zip(NOTICE_COLUMNS, row, strict=True)) for row in rows])


async def announced(session: AsyncSession, jurisdiction: str, shard: int, due_on: date) -> dict[UUID, int]:
    """How much may be debited for the path on ``due_on``: of those whose owner was sent the notice in time (E5)."""
    rows = await session.scalars(
        select(PathNotice)
        .join(Loan, Loan.id == PathNotice.loan_id)
        .where(
            PathNotice.due_on == due_on,
            PathNotice.kind == Warned.DEBIT.value,
            Loan.shard == shard,
            Loan.jurisdiction == jurisdiction,
        )
    )
    return {row.loan_id: row.most_minor for row in await _in_time(session, rows.all(), lambda _: jurisdiction)}


async def ever_announced(session: AsyncSession, loans: Mapping[UUID, str]) -> dict[UUID, dict[date, int]]:
    """The same for all days of some loans, given with their jurisdictions."""
    rows = await session.scalars(
        select(PathNotice).where(PathNotice.kind == Warned.DEBIT.value, PathNotice.loan_id.in_(loans))
    )
    found: dict[UUID, dict[date, int]] = defaultdict(dict)
    for row in await _in_time(session, rows.all(), lambda loan_id: loans[loan_id]):
        found[row.loan_id][row.due_on] = row.most_minor
    return dict(found)


async def _in_time(
    session: AsyncSession, rows: Sequence[PathNotice], jurisdiction: Callable[[UUID], str]
) -> list[PathNotice]:
    letters = {notice_of(row.loan_id, row.number, row.kind, row.due_on): row for row in rows}
    if not letters:
        return []
    sent = await session.execute(
        select(Notice.id, Notice.sent_at).where(Notice.id.in_(letters), Notice.state == "sent")
    )
    return [
        letters[notice_id]
        for notice_id, at in sent
        if at is not None
        and business_date(at, Jurisdiction(jurisdiction(letters[notice_id].loan_id)))
        <= letters[notice_id].due_on - NOTICE
    ]


def notice_of(loan_id: UUID, number: int, kind: str, due_on: date) -> UUID:
    """The id of the letter that tells of one notice."""
    return derived_id("notice", f"path/{loan_id}/{number}/{kind}/{due_on.isoformat()}")


async def untold(session: AsyncSession, hour: int, day: date) -> Sequence[PathNotice]:
    """Notices that nobody was sent, the oldest first; those that another process holds are left to it. Whoever chose
    an hour for their letters is not told before ``hour`` is that; what was found before yesterday waits no more."""
    wished = func.coalesce(Loan.plan["reminder_hour"].as_integer(), 0)
    found = await session.scalars(
        select(PathNotice)
        .join(Loan, Loan.id == PathNotice.loan_id)
        .where(PathNotice.told_at.is_(None), (wished <= hour) | (PathNotice.found_on < day - ONE_DAY))
        .order_by(PathNotice.found_on, PathNotice.loan_id)
        .limit(A_TIME)
        .with_for_update(skip_locked=True, of=PathNotice)
    )
    return found.all()


async def told_of(session: AsyncSession, loan_id: UUID) -> dict[date, datetime]:
    """When the debit for the path on a day was announced."""
    rows = await session.execute(
        select(PathNotice.due_on, PathNotice.told_at).where(
            PathNotice.loan_id == loan_id, PathNotice.kind == Warned.DEBIT.value, PathNotice.told_at.is_not(None)
        )
    )
    return {due_on: at for due_on, at in rows if at is not None}


async def newest_notice(session: AsyncSession, loan_id: UUID, after: date) -> PathNotice | None:
    """The last notice of a window that ends on ``after`` or later."""
    return await session.scalar(
        select(PathNotice)
        .where(PathNotice.loan_id == loan_id, PathNotice.due_on >= after)
        .order_by(PathNotice.found_on.desc())
        .limit(1)
    )


async def application_of(session: AsyncSession, loan_id: UUID) -> tuple[UUID, str, bool] | None:
    """(application, currency, whether it goes by dates) of a live loan; None: nothing is to be told any more."""
    row = (
        await session.execute(
            select(Loan.application_id, Loan.currency, Loan.path.is_not(None)).where(
                Loan.id == loan_id, text("state = 'live'")
            )
        )
    ).first()
    return (row[0], row[1], row[2]) if row else None

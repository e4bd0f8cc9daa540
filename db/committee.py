"""The committee's sittings: who votes on what until when, each word as it was said, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import any_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import CommitteeItem, CommitteeSitting, CommitteeVote, Staff
from lending.authority import CommitteeRules
from lending.committee import Say, Vote

OPEN = "open"


async def sitting(session: AsyncSession, sitting_id: UUID, *, locked: bool = False) -> CommitteeSitting | None:
    """One sitting; ``locked``: nobody votes or closes it meanwhile."""
    query = select(CommitteeSitting).where(CommitteeSitting.id == sitting_id)
    query = query.execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update() if locked else query)


async def sittings(session: AsyncSession, limit: int = 50) -> Sequence[CommitteeSitting]:
    """The open ones by when they are due, then the newest that are over."""
    found = await session.scalars(
        select(CommitteeSitting)
        .order_by((CommitteeSitting.state == OPEN).desc(), CommitteeSitting.called_at.desc())
        .limit(limit)
    )
    return found.all()


async def items_of(session: AsyncSession, sitting_id: UUID) -> Sequence[CommitteeItem]:
    """The agenda in its order."""
    found = await session.scalars(
        select(CommitteeItem).where(CommitteeItem.sitting_id == sitting_id).order_by(CommitteeItem.n)
    )
    return found.all()


async def open_item(session: AsyncSession, task_id: UUID) -> CommitteeItem | None:
    """The item under which the committee votes on a case just now."""
    return await session.scalar(
        select(CommitteeItem).where(CommitteeItem.task_id == task_id, CommitteeItem.state == OPEN)
    )


async def callers_of(session: AsyncSession, application_id: UUID) -> set[str]:
    """The logins (``staff:…``) that put an application to a vote which passed, and its conditions with it."""
    found = await session.scalars(
        select(CommitteeSitting.called_by)
        .join(CommitteeItem, CommitteeItem.sitting_id == CommitteeSitting.id)
        .where(CommitteeItem.application_id == application_id, CommitteeItem.state == "passed")
    )
    return set(found)


async def votes_on(session: AsyncSession, item_id: UUID) -> Sequence[CommitteeVote]:
    """Every word on an item, in the order in which they were said."""
    found = await session.scalars(
        select(CommitteeVote)
        .where(CommitteeVote.item_id == item_id)
        .order_by(CommitteeVote.said_at, CommitteeVote.n, CommitteeVote.id)
    )
    return found.all()


async def has_voted(session: AsyncSession, application_id: UUID, employee: str) -> bool:
    """Whether somebody has voted on an application, whatever sitting it was: votes are open to them since."""
    found = (
        select(CommitteeVote.id)
        .join(CommitteeItem, CommitteeItem.id == CommitteeVote.item_id)
        .where(CommitteeItem.application_id == application_id, CommitteeVote.employee == employee)
    )
    return bool(await session.scalar(select(found.exists())))


def as_rule(rows: Sequence[CommitteeVote]) -> tuple[Vote, ...]:
    """Rows as the rule sees them."""
    return tuple(Vote(row.employee, Say(row.say), row.case_hash, row.n) for row in rows)


async def vote(
    session: AsyncSession,
    item: CommitteeItem,
    *,
    employee: str,
    by: str,
    say: Say,
    words: str,
    case_hash: str,
    now: datetime,
) -> None:
    """A member's word; an earlier one, on the case as it was before, stays. Call it with the sitting locked."""
    before = await session.scalar(
        select(func.max(CommitteeVote.n)).where(CommitteeVote.item_id == item.id, CommitteeVote.employee == employee)
    )
    session.add(
        CommitteeVote(
            id=uuid4(),
            item_id=item.id,
            employee=employee,
            n=(before or 0) + 1,
            said_by=by,
            say=say.value,
            words=words,
            case_hash=case_hash,
            said_at=now,
        )
    )
    await session.flush()


async def names(session: AsyncSession, employees: Sequence[str]) -> dict[str, str]:
    """Employees by name, whichever login they use."""
    found = await session.execute(
        select(Staff.employee, func.min(Staff.name)).where(Staff.employee.in_(employees)).group_by(Staff.employee)
    )
    return {row[0]: row[1] for row in found}


async def eligible(session: AsyncSession, roles: Sequence[str]) -> list[tuple[str, str]]:
    """(employee, name) of everybody who may sit on it: a login of theirs has one of these roles."""
    found = await session.execute(
        select(Staff.employee, func.min(Staff.name))
        .where(or_(*(literal(role) == any_(Staff.roles) for role in roles)), Staff.disabled_at.is_(None))
        .group_by(Staff.employee)
        .order_by(func.min(Staff.name), Staff.employee)
    )
    return [(row[0], row[1]) for row in found]


async def login_of(session: AsyncSession, employee: str) -> UUID | None:
    """A login of an employee, the first one: decisions name a login."""
    return await session.scalar(
        select(Staff.id).where(Staff.employee == employee).order_by(Staff.created_at, Staff.id).limit(1)
    )


def rules_json(rules: CommitteeRules) -> dict[str, Any]:
    """The rules as a sitting keeps them."""
    return {
        "members_least": rules.members_least,
        "quorum": rules.quorum,
        "passes_at": list(rules.passes_at),
        "chair_stops": rules.chair_stops,
        "chair_overrides": rules.chair_overrides,
    }


def rules_of(row: CommitteeSitting, now_in_force: CommitteeRules) -> CommitteeRules:
    """The rules that were in force when it was called; its times are those of the row."""
    kept = row.rules
    part, of = kept["passes_at"]
    return CommitteeRules(
        members_least=kept["members_least"],
        quorum=kept["quorum"],
        passes_at=(int(part), int(of)),
        chair_stops=kept["chair_stops"],
        chair_overrides=kept["chair_overrides"],
        within=now_in_force.within,
        at_most=now_in_force.at_most,
    )

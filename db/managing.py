"""Whose customer somebody is: by a code, by a territory, by a hand-over; and what a manager's book is made of."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import any_, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import leaves
from db.tables import (
    Application,
    CustomerManager,
    Decision,
    EarlyWarning,
    Loan,
    LoanBalance,
    LoanCheck,
    ManagerCode,
    Staff,
    Task,
    Territory,
)
from lending.workbench import territory

# What a check's words are sealed for.
CHECKED = "loan_check.words"
# Letters that nobody mistakes for one another, also spoken on the phone: ten of them are 50 bits.
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
CODE_LENGTH = 10
MANAGER = "manager"
MOST = 500


async def manager_of(session: AsyncSession, person_id: UUID) -> CustomerManager | None:
    """Whose customer somebody is."""
    return await session.scalar(
        select(CustomerManager).where(CustomerManager.person_id == person_id, CustomerManager.ended_at.is_(None))
    )


async def managers_of(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, UUID]:
    """Whose customers they are, by person."""
    found = await session.execute(
        select(CustomerManager.person_id, CustomerManager.staff_id).where(
            CustomerManager.person_id.in_(people), CustomerManager.ended_at.is_(None)
        )
    )
    return {row[0]: row[1] for row in found}


async def who_comes(session: AsyncSession, person_id: UUID, role: str, now: datetime) -> UUID | None:
    """The customer's own manager if the task is for managers, or whoever stands in for them; None: neither is there."""
    if role != MANAGER or (mine := await manager_of(session, person_id)) is None:
        return None
    for one in (mine.staff_id, await leaves.deputy_of(session, mine.staff_id, now)):
        if one is not None and await leaves.is_there(session, one, now):
            return one
    return None


async def give(
    session: AsyncSession, *, person_id: UUID, staff_id: UUID, source: str, code: str, by: str, now: datetime
) -> bool:
    """Somebody becomes a manager's customer; False if they are somebody's already: the first one stays."""
    added = await session.scalar(
        insert(CustomerManager)
        .values(id=uuid4(), person_id=person_id, staff_id=staff_id, source=source, code=code, given_by=by, given_at=now)
        .on_conflict_do_nothing(index_elements=["person_id"], index_where=text("ended_at is null"))
        .returning(CustomerManager.id)
    )
    return added is not None


async def hand_over(session: AsyncSession, *, person_id: UUID, to: UUID, by: str, now: datetime) -> int:
    """A customer, and what is open for them, goes to a colleague; how many tasks went over."""
    before = await session.scalar(
        update(CustomerManager)
        .where(CustomerManager.person_id == person_id, CustomerManager.ended_at.is_(None))
        .values(ended_at=now)
        .returning(CustomerManager.staff_id)
    )
    await give(session, person_id=person_id, staff_id=to, source="handed_over", code="", by=by, now=now)
    tasks = await session.scalars(
        select(Task)
        .where(Task.person_id == person_id, Task.state == "open", Task.role.in_((MANAGER, "lead")))
        .order_by(Task.application_id, Task.id)
        .with_for_update()
    )
    moved = 0
    for task in tasks:
        if task.owner_id == to:
            continue
        owner = task.owner_id or before
        task.params = {**task.params, **({"handed_from": str(owner)} if owner else {})}
        task.owner_id = to
        moved += 1
    return moved


# --- codes and territories --------------------------------------------------------------------------------------------


async def code_of(session: AsyncSession, staff_id: UUID, now: datetime) -> str:
    """A manager's code; made at the first asking."""
    known = select(ManagerCode.code).where(ManagerCode.staff_id == staff_id, ManagerCode.ended_at.is_(None))
    if (code := await session.scalar(known)) is not None:
        return code
    made = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    added = await session.scalar(
        insert(ManagerCode)
        .values(code=made, staff_id=staff_id, made_at=now)
        .on_conflict_do_nothing()
        .returning(ManagerCode.code)
    )
    return added or (await session.scalars(known)).one()


async def end_code(session: AsyncSession, staff_id: UUID, now: datetime) -> None:
    """The code that is in use leads nowhere from now on."""
    await session.execute(
        update(ManagerCode).where(ManagerCode.staff_id == staff_id, ManagerCode.ended_at.is_(None)).values(ended_at=now)
    )


async def behind_code(session: AsyncSession, code: str) -> Staff | None:
    """Whose code this is; None for one that leads nowhere, or to somebody who works here no more."""
    return await session.scalar(
        select(Staff)
        .join(ManagerCode, ManagerCode.staff_id == Staff.id)
        .where(
            ManagerCode.code == code,
            ManagerCode.ended_at.is_(None),
            Staff.disabled_at.is_(None),
            literal(MANAGER) == any_(Staff.roles),
        )
    )


async def came_by(session: AsyncSession, staff_id: UUID) -> tuple[int, int]:
    """(applications that came by a manager's codes, loans that came of them)."""
    found = await session.execute(
        select(func.count(), func.count(Loan.id))
        .select_from(Application)
        .join(ManagerCode, ManagerCode.code == Application.manager_code)
        .outerjoin(Loan, Loan.application_id == Application.id)
        .where(ManagerCode.staff_id == staff_id)
    )
    came, lent = found.one()
    return int(came), int(lent)


async def territories(session: AsyncSession) -> Sequence[tuple[Territory, str]]:
    """Every area with whose it is."""
    found = await session.execute(
        select(Territory, Staff.name).join(Staff, Staff.id == Territory.staff_id).order_by(Territory.area)
    )
    return [(area, name) for area, name in found]


async def set_territory(session: AsyncSession, area: str, staff_id: UUID, *, by: str, at: datetime) -> None:
    """An area is somebody's from now on; customers who are somebody's stay theirs."""
    values: dict[str, Any] = {"staff_id": staff_id, "said_by": by, "said_at": at}
    await session.execute(
        insert(Territory).values(area=area, **values).on_conflict_do_update(index_elements=["area"], set_=values)
    )


async def drop_territory(session: AsyncSession, area: str) -> bool:
    """An area is nobody's again."""
    row = await session.get(Territory, area)
    if row is not None:
        await session.delete(row)
    return row is not None


async def whose_area(session: AsyncSession, area: str) -> tuple[str, UUID] | None:
    """The territory that an area lies in, and whose it is."""
    rows = await session.execute(
        select(Territory.area, Territory.staff_id)
        .join(Staff, Staff.id == Territory.staff_id)
        .where(Staff.disabled_at.is_(None), literal(area).startswith(Territory.area))
    )
    known: dict[str, UUID] = {row[0]: row[1] for row in rows}
    found = territory(area, known)
    return (found, known[found]) if found is not None else None


# --- the book ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """One loan of a customer; ``last_check_on``: the day of the check that was done last, ``warnings``: open ones."""

    loan: Loan
    number: int
    balance: LoanBalance | None
    grade: str | None
    last_check_on: date | None
    last_result: str | None
    warnings: int


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of a manager with the newest application."""

    given: CustomerManager
    application: Application


async def customers(session: AsyncSession, staff_id: UUID) -> Sequence[Customer]:
    """Everybody who is a manager's, by whoever came last."""
    newest = (
        select(Application.person_id, func.max(Application.number).label("number"))
        .group_by(Application.person_id)
        .subquery()
    )
    found = await session.execute(
        select(CustomerManager, Application)
        .join(newest, newest.c.person_id == CustomerManager.person_id)
        .join(Application, Application.number == newest.c.number)
        .where(CustomerManager.staff_id == staff_id, CustomerManager.ended_at.is_(None))
        .order_by(Application.number.desc())
        .limit(MOST)
    )
    return [Customer(given, application) for given, application in found]


async def loans(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, list[Held]]:
    """The live loans of these people, by person, the one that ends first on top."""
    checked = select(LoanCheck.due_on).where(LoanCheck.loan_id == Loan.id).order_by(LoanCheck.due_on.desc()).limit(1)
    result = select(LoanCheck.result).where(LoanCheck.loan_id == Loan.id).order_by(LoanCheck.due_on.desc()).limit(1)
    grade = (
        select(Decision.grade)
        .where(Decision.application_id == Loan.application_id, Decision.grade.is_not(None))
        .order_by(Decision.n.desc())
        .limit(1)
    )
    signs = select(func.count()).where(EarlyWarning.loan_id == Loan.id, EarlyWarning.closed_at.is_(None))
    rows = await session.execute(
        select(
            Loan,
            Application.number,
            LoanBalance,
            grade.scalar_subquery(),
            checked.scalar_subquery(),
            result.scalar_subquery(),
            signs.scalar_subquery(),
        )
        .join(Application, Application.id == Loan.application_id)
        .outerjoin(LoanBalance, LoanBalance.loan_id == Loan.id)
        .where(Loan.person_id.in_(people), Loan.state == "live")
        .order_by(Loan.matures_on, Loan.id)
    )
    found: dict[UUID, list[Held]] = {}
    for loan, number, balance, given, on, said, warned in rows:
        found.setdefault(loan.person_id, []).append(Held(loan, int(number), balance, given, on, said, int(warned)))
    return found


async def keep_check(session: AsyncSession, **values: Any) -> bool:
    """One check of a loan, by the columns; False if this one was done before."""
    kept = await session.scalar(
        insert(LoanCheck)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["loan_id", "due_on"])
        .returning(LoanCheck.id)
    )
    return kept is not None


# --- what waits -------------------------------------------------------------------------------------------------------


async def open_tasks(session: AsyncSession) -> Sequence[tuple[Task, Application]]:
    """Every open task of any kind, by when it is due."""
    found = await session.execute(
        select(Task, Application)
        .join(Application, Application.id == Task.application_id)
        .where(Task.state == "open", or_(Task.role == MANAGER, Task.role == "lead", Task.kind == "call_back"))
        .order_by(Task.due_at)
        .limit(MOST)
    )
    return [(task, application) for task, application in found]


async def newest_of(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, Application]:
    """The newest application of each."""
    numbers = (
        select(func.max(Application.number)).where(Application.person_id.in_(people)).group_by(Application.person_id)
    )
    found = await session.scalars(select(Application).where(Application.number.in_(numbers)))
    return {row.person_id: row for row in found}

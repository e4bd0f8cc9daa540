"""Two people and their report; what a case's file holds, and what was done in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import desk, offline, permissions, registers
from db.tables import (
    AccessRecord,
    Application,
    Audit,
    CaseReport,
    Consent,
    EvidenceDocument,
    Investigation,
    ReportSignature,
    Staff,
    StatementLine,
    Task,
    TaskEvidence,
)

# What a report is sealed for.
CONTENT = "case_report.content"
LEAD, SECOND = "lead", "second"
LINES_SHOWN = 500
CONSENTS_SHOWN = 100


# --- two people -------------------------------------------------------------------------------------------------------


async def pair(session: AsyncSession, application_id: UUID) -> Investigation | None:
    """Who looks into an application."""
    return await session.get(Investigation, application_id)


async def name_pair(session: AsyncSession, application: Application, lead: UUID, second: UUID, now: datetime) -> None:
    """Name them, or others instead: what somebody signed before stays, and counts for nobody else."""
    values: dict[str, Any] = {"lead_id": lead, "second_id": second, "named_at": now}
    await session.execute(
        insert(Investigation)
        .values(application_id=application.id, person_id=application.person_id, **values)
        .on_conflict_do_update(index_elements=["application_id"], set_=values)
    )


async def employee(session: AsyncSession, staff_id: UUID) -> str | None:
    """Who is behind a login."""
    return await session.scalar(select(Staff.employee).where(Staff.id == staff_id))


async def newest_report(session: AsyncSession, application_id: UUID) -> CaseReport | None:
    """The version that stands."""
    return await session.scalar(
        select(CaseReport).where(CaseReport.application_id == application_id).order_by(CaseReport.n.desc()).limit(1)
    )


async def keep_report(session: AsyncSession, **values: Any) -> int:
    """One more version, by the columns; its number. The application's row is locked by the caller."""
    last = await session.scalar(
        select(func.max(CaseReport.n)).where(CaseReport.application_id == values["application_id"])
    )
    n = int(last or 0) + 1
    session.add(CaseReport(n=n, **values))
    await session.flush()
    return n


async def signatures(session: AsyncSession, report_id: UUID) -> dict[str, ReportSignature]:
    """Who signed this version, by their part."""
    found = await session.scalars(select(ReportSignature).where(ReportSignature.report_id == report_id))
    return {one.part: one for one in found}


async def sign(session: AsyncSession, **values: Any) -> bool:
    """One signature, by the columns; False if this part was signed before."""
    added = await session.scalar(
        insert(ReportSignature).values(**values).on_conflict_do_nothing().returning(ReportSignature.part)
    )
    return added is not None


@dataclass(frozen=True, slots=True)
class Signed:
    """How two people stand: who they are, and when each signed the version that stands. ``idle``: the parts of those
    who have done nothing of their own on the case, whose signature counts for nothing until they have."""

    pair: Investigation | None
    report: CaseReport | None
    lead_at: datetime | None
    second_at: datetime | None
    idle: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        return self.lead_at is not None and self.second_at is not None


async def signed(session: AsyncSession, application_id: UUID) -> Signed:
    """A signature counts while the report is the one that was signed and its signer is still named for that part."""
    named, report = await pair(session, application_id), await newest_report(session, application_id)
    if named is None or report is None:
        return Signed(named, report, None, None)
    there = await signatures(session, report.id)
    idle = await _idle(session, named)

    def at(part: str, who: UUID) -> datetime | None:
        one = there.get(part)
        good = one is not None and one.staff_id == who and one.sha256 == report.sha256 and part not in idle
        return one.signed_at if one is not None and good else None

    return Signed(named, report, at(LEAD, named.lead_id), at(SECOND, named.second_id), idle)


async def _idle(session: AsyncSession, named: Investigation) -> frozenset[str]:
    """Who of the two did nothing of their own: said no view in words of their own, brought nothing home and finished no
    visit; of the lead also kept no report. By person, whichever login they used."""
    rows = await tasks(session, named.application_id)
    views = [view for row in rows for view in desk.views_of(row.own_view)]
    brought = await session.scalars(select(TaskEvidence.by).where(TaskEvidence.task_id.in_([row.id for row in rows])))
    went = {
        f"staff:{row.outcome['staff_id']}"
        for row in rows
        if row.state == "done"
        and offline.KEPT_UNTIL in (row.params or {})
        and row.outcome
        and row.outcome.get("result") == "done"
        and row.outcome.get("staff_id")
    }
    kept = await session.scalars(select(CaseReport.by).where(CaseReport.application_id == named.application_id))
    went |= set(brought)
    lead, second = await employee(session, named.lead_id), await employee(session, named.second_id)
    outside, wrote = await desk.employees(session, went), await desk.employees(session, set(kept))
    first: dict[str, str] = {}  # by words: who of the two said them first; said again they are no view of one's own
    for view in views:
        who = await desk.employees(session, {f"staff:{view.get('staff_id')}"}) & {lead, second}
        words = "".join(str(view.get("reason", "")).split())
        if who and words:
            first.setdefault(words, *who)
    said = set(first.values())
    idle = {LEAD} if lead not in outside | wrote | said else set[str]()
    return frozenset(idle | ({SECOND} if second not in outside | said else set()))


# --- the file ---------------------------------------------------------------------------------------------------------


async def consents(session: AsyncSession, application: Application) -> Sequence[Consent]:
    """What its owner allowed, oldest first."""
    return (await permissions.of_person(session, application.person_id))[:CONSENTS_SHOWN]


async def answers(session: AsyncSession, application_id: UUID) -> list[tuple[str, UUID, str, datetime]]:
    """(source, id, reference, when) of every register that answered."""
    return await registers.received(session, application_id)


async def papers(session: AsyncSession, application_id: UUID) -> Sequence[EvidenceDocument]:
    """Every paper that was brought."""
    found = await session.scalars(
        select(EvidenceDocument)
        .where(EvidenceDocument.application_id == application_id)
        .order_by(EvidenceDocument.received_at, EvidenceDocument.id)
    )
    return found.all()


async def tasks(session: AsyncSession, application_id: UUID) -> Sequence[Task]:
    """Every task of a case, oldest first."""
    return await offline.tasks_of(session, application_id)


async def lines(session: AsyncSession, firm_id: UUID, month: date) -> Sequence[StatementLine]:
    """The lines of a month, the largest first: what a figure of the report is the sum of."""
    found = await session.scalars(
        select(StatementLine)
        .where(
            StatementLine.firm_id == firm_id,
            StatementLine.on_date >= month,
            StatementLine.on_date < (month + timedelta(days=32)).replace(day=1),
        )
        .order_by(StatementLine.amount_minor.desc(), StatementLine.fingerprint)
        .limit(LINES_SHOWN)
    )
    return found.all()


# --- what was done ----------------------------------------------------------------------------------------------------


async def looks(session: AsyncSession, application: Application) -> Sequence[AccessRecord]:
    """Who looked at what of this application, oldest first."""
    found = await session.scalars(
        select(AccessRecord)
        .where(
            AccessRecord.person_id == application.person_id, AccessRecord.purpose == f"application {application.number}"
        )
        .order_by(AccessRecord.id)
        .limit(5_000)
    )
    return found.all()


async def acts(session: AsyncSession, objects: Sequence[str]) -> Sequence[Audit]:
    """What the trail holds of these things, oldest first."""
    found = await session.scalars(select(Audit).where(Audit.object_id.in_(objects)).order_by(Audit.id).limit(5_000))
    return found.all()

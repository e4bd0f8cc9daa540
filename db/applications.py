"""Applications, their story, and what belongs to them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, ScalarSelect, Select, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from db.tables import (
    Application,
    BureauReport,
    Consent,
    Decision,
    Document,
    Firm,
    Invoice,
    KeyFacts,
    Notice,
    Offer,
    StatementFile,
    StatementLine,
    Task,
    TimelineEvent,
)
from db.writing import into
from lending.calendars import months_told
from lending.identifiers import derived_id

CHANNEL = "huoshui_timeline"


async def locked(session: AsyncSession, application_id: UUID) -> Application:
    """The application, locked until the transaction ends. Raises if there is none."""
    return (await session.scalars(select(Application).where(Application.id == application_id).with_for_update())).one()


def told(event_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Whether one of these lines of the story was written before, as a column beside others."""
    return select(TimelineEvent.id).where(TimelineEvent.id.in_(event_ids)).exists()


async def tell(
    session: AsyncSession,
    application: Application,
    *,
    event_id: UUID,
    kind: str,
    actor: str,
    at: datetime,
    params: dict[str, Any],
) -> bool:
    """Write a line of the story once and notify whoever watches; False if it stood there already."""
    written = await session.execute(
        into(TimelineEvent)
        .values(
            id=event_id,
            application_id=application.id,
            person_id=application.person_id,
            kind=kind,
            params=params,
            actor=actor,
            happened_at=at,
        )
        .on_conflict_do_nothing()
        .returning(func.pg_notify(CHANNEL, str(application.id)))
    )
    return written.first() is not None


async def announce(
    session: AsyncSession,
    application: Application,
    *,
    cause: str,
    kind: str,
    actor: str,
    at: datetime,
    params: dict[str, Any],
) -> None:
    """What was done to an application by others than its owner: a line of its story, and a message to them."""
    application.version += 1
    application.changed_at = at
    event_id = derived_id("timeline", f"{cause}/{kind}")
    await tell(session, application, event_id=event_id, kind=kind, actor=actor, at=at, params=params)
    await notify_person(
        session,
        notice_id=derived_id("notice", f"{cause}/{kind}"),
        person_id=application.person_id,
        application_id=application.id,
        kind=kind,
        params=params,
        at=at,
    )


async def notify_person(
    session: AsyncSession,
    *,
    notice_id: UUID,
    person_id: UUID,
    application_id: UUID | None,
    kind: str,
    params: dict[str, Any],
    at: datetime,
) -> None:
    """Put a message into the outbox, once per cause; the courier sends it after the commit."""
    await session.execute(
        into(Notice)
        .values(
            id=notice_id,
            person_id=person_id,
            application_id=application_id,
            kind=kind,
            params=params,
            state="waiting",
            created_at=at,
        )
        .on_conflict_do_nothing()
        .returning(func.pg_notify("huoshui_notices", ""))
    )


async def was_signed(session: AsyncSession, application: Application) -> bool:
    """Whether this person signed an earlier application: a customer, and no stranger."""
    earlier = select(Application.id).where(
        Application.person_id == application.person_id,
        Application.id != application.id,
        Application.stage.in_(("funded", "opened")),
    )
    return bool(await session.scalar(select(earlier.exists())))


async def firm(session: AsyncSession, firm_id: UUID) -> Firm:
    """The firm of an application."""
    return (await session.scalars(select(Firm).where(Firm.id == firm_id))).one()


async def consents(session: AsyncSession, person_id: UUID) -> Sequence[Consent]:
    """All consents that a person ever gave, newest last."""
    return (
        await session.scalars(select(Consent).where(Consent.person_id == person_id).order_by(Consent.given_at))
    ).all()


async def file(session: AsyncSession, file_id: UUID) -> StatementFile:
    """An uploaded bill, locked: it is read once."""
    return (await session.scalars(select(StatementFile).where(StatementFile.id == file_id).with_for_update())).one()


async def fingerprints(session: AsyncSession, firm_id: UUID) -> set[bytes]:
    """The lines that a firm's bills told before."""
    return set(await session.scalars(select(StatementLine.fingerprint).where(StatementLine.firm_id == firm_id)))


async def left(session: AsyncSession, firm_id: UUID) -> list[tuple[str, int, int, int]]:
    """What a firm's lines left on their accounts, where their bills say so: day, way, minor units, balance."""
    found = await session.execute(
        select(
            StatementLine.on_date, StatementLine.direction, StatementLine.amount_minor, StatementLine.balance_minor
        ).where(StatementLine.firm_id == firm_id, StatementLine.balance_minor.is_not(None))
    )
    return [(on.isoformat(), way, amount, balance) for on, way, amount, balance in found if balance is not None]


async def bills_differ(session: AsyncSession, firm_id: UUID) -> bool:
    """Whether a bill that was read states other totals than its lines add up to, or more lines than it holds."""
    summaries = await session.scalars(
        select(StatementFile.summary).where(StatementFile.firm_id == firm_id, StatementFile.state == "read")
    )
    notices = [notice for summary in summaries if summary for notice in summary.get("notices", ())]
    return any(
        notice["code"].startswith("total_differs")
        or (notice["code"] == "count_differs" and notice["params"]["stated"] > notice["params"]["found"])
        for notice in notices
    )


def files_read(firm_id: UUID) -> ColumnElement[Sequence[UUID]]:
    """The bills whose lines the firm's table holds, in a fixed order, as a column beside others."""
    read = select(StatementFile.id).where(StatementFile.firm_id == firm_id, StatementFile.state == "read")
    return func.array(read.order_by(StatementFile.id).scalar_subquery(), type_=ARRAY(Uuid()))


async def months_covered(session: AsyncSession, firm_id: UUID, *, with_invoices: bool = True) -> int:
    """How many whole months the firm's bills, or the invoices that it issued, tell of; months without any are none."""
    lines = _span(StatementLine.on_date).where(StatementLine.firm_id == firm_id)
    sales = _span(Invoice.issued_on).where(Invoice.firm_id == firm_id, Invoice.side == 1, Invoice.status == 0)
    spans = [(await session.execute(found)).one() for found in ((lines, sales) if with_invoices else (lines,))]
    return max(months_told(first, last, seen) if first and last else 0 for first, last, seen in spans)


def _span(day: InstrumentedAttribute[date]) -> Select[date | None, date | None, int]:
    month = func.date_trunc("month", day)
    first, last = cast("ColumnElement[date | None]", func.min(day)), cast("ColumnElement[date | None]", func.max(day))
    return select(first, last, func.count(month.distinct()))


def reported(report_id: UUID) -> ColumnElement[bool]:
    """Whether the bureau's answer is kept, as a column beside others."""
    return select(BureauReport.id).where(BureauReport.id == report_id).exists()


def next_decision(application_id: UUID) -> ScalarSelect[int]:
    """The number of the next verdict, as a value of the row that is written."""
    return select(func.count() + 1).where(Decision.application_id == application_id).scalar_subquery()


async def decision(session: AsyncSession, decision_id: UUID) -> Decision | None:
    """A verdict by its id."""
    return await session.get(Decision, decision_id)


async def last_decision(session: AsyncSession, application_id: UUID) -> Decision | None:
    """The verdict that counts."""
    return (
        await session.scalars(
            select(Decision).where(Decision.application_id == application_id).order_by(Decision.n.desc()).limit(1)
        )
    ).first()


async def offer(session: AsyncSession, application_id: UUID, offer_id: UUID) -> Offer | None:
    """One of the application's own offers."""
    return (
        await session.scalars(select(Offer).where(Offer.id == offer_id, Offer.application_id == application_id))
    ).first()


async def key_facts(session: AsyncSession, offer_id: UUID) -> KeyFacts | None:
    """The sheet of an offer."""
    return (await session.scalars(select(KeyFacts).where(KeyFacts.offer_id == offer_id).with_for_update())).first()


async def task(session: AsyncSession, task_id: UUID) -> Task:
    """A task, locked."""
    return (await session.scalars(select(Task).where(Task.id == task_id).with_for_update())).one()


async def open_task(session: AsyncSession, application_id: UUID) -> Task | None:
    """The application's open case, if a person is asked to decide it."""
    return (
        await session.scalars(
            select(Task)
            .where(Task.application_id == application_id, Task.kind == "review", Task.state == "open")
            .with_for_update()
        )
    ).first()


async def document(session: AsyncSession, application_id: UUID, kind: str) -> Document | None:
    """The newest paper of a kind."""
    return (
        await session.scalars(
            select(Document)
            .where(Document.application_id == application_id, Document.kind == kind)
            .order_by(Document.created_at.desc())
            .limit(1)
        )
    ).first()

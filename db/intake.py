"""What an owner's or a manager's request writes before its workflow hears of it. Decides nothing."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import (
    Application,
    BankAccount,
    InboundEvent,
    KeyFacts,
    StatementFile,
    TimelineEvent,
)
from lending.identifiers import derived_id

# Rung when an event from outside was kept.
INBOUND = "huoshui_inbound"
# Stages that are over: whoever is there may begin again.
ENDED = ("funded", "opened", "withdrawn", "lapsed")


async def add_application(
    session: AsyncSession,
    *,
    application_id: UUID,
    person_id: UUID,
    product_id: str,
    policy_version: str,
    channel: str,
    amount_minor: int,
    currency: str,
    months: int,
    share: Decimal,
    declared_revenue_minor: int | None,
    purpose: str | None,
    now: datetime,
    due_at: datetime,
    renews_loan_id: UUID | None = None,
) -> None:
    """An application at its first stage."""
    session.add(
        Application(
            id=application_id,
            person_id=person_id,
            product_id=product_id,
            policy_version=policy_version,
            channel=channel,
            stage="draft",
            amount_minor=amount_minor,
            currency=currency,
            months=months,
            share=share,
            declared_revenue_minor=declared_revenue_minor,
            purpose=purpose,
            renews_loan_id=renews_loan_id,
            waiting_for="owner",
            due_at=due_at,
            note={},
            version=0,
            created_at=now,
            changed_at=now,
        )
    )
    await session.flush()


async def open_application_of(session: AsyncSession, person_id: UUID) -> UUID | None:
    """The person's application that has not ended. Locks the person's applications against a second one at once."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"applications of {person_id}"))))
    return await session.scalar(
        select(Application.id).where(Application.person_id == person_id, Application.stage.not_in(ENDED)).limit(1)
    )


async def set_applicant(session: AsyncSession, application_id: UUID, firm_id: UUID, account_id: UUID) -> bool:
    """Whose money goes where. Only while the identity is being proven."""
    changed = await session.execute(
        update(Application)
        .where(Application.id == application_id, Application.stage == "identity")
        .values(firm_id=firm_id, bank_account_id=account_id)
        .returning(Application.id)
    )
    return changed.first() is not None


async def applicant_of(session: AsyncSession, application_id: UUID, person_id: UUID) -> tuple[UUID, UUID] | None:
    """Firm and account of one's own application; None before they were said."""
    mine = select(Application.firm_id, Application.bank_account_id).where(
        Application.id == application_id, Application.person_id == person_id
    )
    row = (await session.execute(mine)).first()
    return (row.firm_id, row.bank_account_id) if row and row.firm_id and row.bank_account_id else None


async def known_applicant(session: AsyncSession, person_id: UUID) -> tuple[UUID, UUID] | None:
    """Firm and account of the newest application whose account was proven to be the person's own; None before one."""
    row = (
        await session.execute(
            select(Application.firm_id, Application.bank_account_id)
            .join(BankAccount, BankAccount.id == Application.bank_account_id)
            .where(Application.person_id == person_id, BankAccount.proven_at.is_not(None))
            .where(Application.firm_id.is_not(None))
            .order_by(Application.number.desc())
            .limit(1)
        )
    ).first()
    if row is None or row.firm_id is None or row.bank_account_id is None:
        return None
    return row.firm_id, row.bank_account_id


async def newest_purpose(session: AsyncSession, person_id: UUID) -> str | None:
    """What the last loan that was asked for was meant for."""
    newest = select(Application.purpose).where(Application.person_id == person_id).order_by(Application.number.desc())
    return await session.scalar(newest.limit(1))


async def change_request(
    session: AsyncSession, application_id: UUID, *, amount_minor: int, months: int, share: Decimal
) -> bool:
    """What the owner now asks for. Only while a (new) decision can be asked for."""
    changed = await session.execute(
        update(Application)
        .where(Application.id == application_id, Application.stage.in_(("evidence", "declined", "offered")))
        .values(amount_minor=amount_minor, months=months, share=share)
        .returning(Application.id)
    )
    return changed.first() is not None


async def same_file(session: AsyncSession, application_id: UUID, sha256: str) -> StatementFile | None:
    """The application's file with these very bytes."""
    return await session.scalar(
        select(StatementFile).where(StatementFile.application_id == application_id, StatementFile.sha256 == sha256)
    )


async def dismiss_file(session: AsyncSession, application_id: UUID, file_id: UUID, *, dismissed: bool) -> bool:
    """Put a bill that could not be read out of its owner's sight, or back; False if there is no such refused bill.

    The row and the object stay: a manager sees what was tried.
    """
    params = func.coalesce(StatementFile.problem_params, func.jsonb_build_object())
    changed = await session.scalar(
        update(StatementFile)
        .where(
            StatementFile.id == file_id,
            StatementFile.application_id == application_id,
            StatementFile.state == "refused",
        )
        .values(problem_params=params.op("||")(func.jsonb_build_object("dismissed", dismissed)))
        .returning(StatementFile.id)
    )
    return changed is not None


async def add_file(
    session: AsyncSession,
    *,
    file_id: UUID,
    application_id: UUID,
    person_id: UUID,
    firm_id: UUID,
    name_sealed: bytes,
    size: int,
    sha256: str,
    object_key: str,
    now: datetime,
    channel: str = "owner",
    state: str = "received",
    holds: str = "statement",
    hints: dict[str, Any] | None = None,
) -> bool:
    """An uploaded bill or list of invoices, not read yet; False if the same bytes came in meanwhile."""
    added = await session.scalar(
        insert(StatementFile)
        .values(
            id=file_id,
            application_id=application_id,
            person_id=person_id,
            firm_id=firm_id,
            name_sealed=name_sealed,
            size=size,
            sha256=sha256,
            object_key=object_key,
            state=state,
            received_at=now,
            channel=channel,
            holds=holds,
            hints=hints,
        )
        .on_conflict_do_nothing(index_elements=["application_id", "sha256"])
        .returning(StatementFile.id)
    )
    return added is not None


async def by_number(session: AsyncSession, number: int) -> Application | None:
    """An application by the number that people read."""
    return await session.scalar(select(Application).where(Application.number == number))


async def locked_file(session: AsyncSession, application_id: UUID, file_id: UUID) -> StatementFile | None:
    """A bill that came by mail and waits for its password."""
    return await session.scalar(
        select(StatementFile).where(
            StatementFile.id == file_id, StatementFile.application_id == application_id, StatementFile.state == "locked"
        )
    )


async def unlock_file(session: AsyncSession, file_id: UUID, *, sha256: str, size: int, object_key: str) -> bool:
    """The bill is open and lies under another key; False if it was opened meanwhile."""
    changed = await session.scalar(
        update(StatementFile)
        .where(StatementFile.id == file_id, StatementFile.state == "locked")
        .values(state="received", sha256=sha256, size=size, object_key=object_key)
        .returning(StatementFile.id)
    )
    return changed is not None


async def set_aside(session: AsyncSession, file_id: UUID, problem: str) -> None:
    """A locked bill that is not needed: the same one is there already."""
    await session.execute(
        update(StatementFile)
        .where(StatementFile.id == file_id, StatementFile.state == "locked")
        .values(state="refused", problem=problem, problem_params={"dismissed": True})
    )


async def told_of_mail(session: AsyncSession, cause: UUID) -> dict[str, Any]:
    """What the story says of a mail; empty where it says nothing."""
    ids = [derived_id("timeline", f"{cause}/{kind}") for kind in ("mail_came", "mail_left")]
    return await session.scalar(select(TimelineEvent.params).where(TimelineEvent.id.in_(ids))) or {}


async def hint(
    session: AsyncSession, application_id: UUID, file_id: UUID, holds: str, hints: dict[str, Any]
) -> str | None:
    """Note what the owner says of a file that was not read yet; its hash, or None if there is no such file."""
    return await session.scalar(
        update(StatementFile)
        .where(
            StatementFile.id == file_id,
            StatementFile.application_id == application_id,
            StatementFile.state != "read",
        )
        .values(
            holds=holds,
            hints=func.coalesce(StatementFile.hints, func.jsonb_build_object()).op("||")(cast(hints, JSONB)),
            state="received",
            problem=None,
            problem_params=None,
        )
        .returning(StatementFile.sha256)
    )


async def open_key_facts(session: AsyncSession, offer_id: UUID, reading_time: timedelta) -> KeyFacts | None:
    """The sheet of an offer; the first opening starts its reading time, on the database's own wall clock."""
    await session.execute(
        update(KeyFacts)
        .where(KeyFacts.offer_id == offer_id, KeyFacts.opened_at.is_(None))
        .values(opened_at=func.clock_timestamp(), readable_from=func.clock_timestamp() + reading_time)
    )
    return await session.scalar(
        select(KeyFacts).where(KeyFacts.offer_id == offer_id).execution_options(populate_existing=True)
    )


async def wall_time(session: AsyncSession) -> datetime:
    """The database's wall clock."""
    return (await session.scalars(select(func.clock_timestamp()))).one()


# --- what machines said -----------------------------------------------------------------------------------------------


async def keep_event(session: AsyncSession, source: str, event_id: str, body: dict[str, Any], now: datetime) -> bool:
    """Keep an event from outside before it is acknowledged; False if it was kept before."""
    kept = await session.scalar(
        insert(InboundEvent)
        .values(source=source, event_id=event_id, body=body, received_at=now)
        .on_conflict_do_nothing()
        .returning(InboundEvent.event_id)
    )
    await session.execute(select(func.pg_notify(INBOUND, "")))
    return kept is not None


async def waiting_events(session: AsyncSession, limit: int) -> list[InboundEvent]:
    """Events that nobody applied yet, locked, in the order in which they came."""
    found = await session.scalars(
        select(InboundEvent)
        .where(InboundEvent.applied_at.is_(None))
        .order_by(InboundEvent.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(found)

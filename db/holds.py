"""Money held on suspicion, and proofs of identity given anew: their rows, and what speaks for a hold."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import MoneyHold, OneTimeCode, Payout, Session, StepUp, Task
from lending.holds import Seen

OPEN = ("asked", "blocked")


async def open_hold(
    session: AsyncSession,
    *,
    hold_id: UUID,
    person_id: UUID,
    application_id: UUID,
    signs: Iterable[str],
    now: datetime,
    due_at: datetime,
) -> bool:
    """Let nothing leave for this person. False if it is held already."""
    written = await session.execute(
        insert(MoneyHold)
        .values(
            id=hold_id,
            person_id=person_id,
            application_id=application_id,
            signs=list(signs),
            state="asked",
            opened_at=now,
            due_at=due_at,
        )
        .on_conflict_do_nothing()
        .returning(MoneyHold.id)
    )
    return written.first() is not None


async def open_of(session: AsyncSession, person_id: UUID, *, locked: bool = False) -> MoneyHold | None:
    """What holds this person's money now."""
    query = select(MoneyHold).where(MoneyHold.person_id == person_id, MoneyHold.state.in_(OPEN))
    return await session.scalar(query.with_for_update() if locked else query)


async def one(session: AsyncSession, hold_id: UUID, *, locked: bool = True) -> MoneyHold | None:
    """A hold as it stands now, locked unless it is only looked at."""
    query = select(MoneyHold).where(MoneyHold.id == hold_id).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update() if locked else query)


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[MoneyHold]:
    """A person's holds, newest first."""
    found = await session.scalars(
        select(MoneyHold).where(MoneyHold.person_id == person_id).order_by(MoneyHold.opened_at.desc()).limit(20)
    )
    return found.all()


async def of_task(session: AsyncSession, task_id: UUID) -> MoneyHold | None:
    """The hold that a call-back is about, locked."""
    return await session.scalar(select(MoneyHold).where(MoneyHold.task_id == task_id).with_for_update())


def end(hold: MoneyHold, state: str, now: datetime) -> None:
    """Released or stopped: somebody has said who it was."""
    hold.state, hold.ended_at = state, now


async def have_called(
    session: AsyncSession, hold: MoneyHold, *, task_id: UUID, now: datetime, due_at: datetime
) -> None:
    """Nobody said that it was them: somebody calls, by ``due_at``."""
    session.add(
        Task(
            id=task_id,
            kind="call_back",
            application_id=hold.application_id,
            person_id=hold.person_id,
            role="officer",
            state="open",
            params={"hold_id": str(hold.id), "signs": hold.signs},
            created_at=now,
            due_at=due_at,
        )
    )
    await session.flush()
    hold.state, hold.task_id = "blocked", task_id


# --- what speaks for it -----------------------------------------------------------------------------------------------


async def wrong_tries(session: AsyncSession, phone_index: bytes, since: datetime) -> int:
    """Wrong codes typed for a phone, whatever for. Wall time."""
    return int(
        await session.scalar(
            select(func.coalesce(func.sum(OneTimeCode.tries), 0)).where(
                OneTimeCode.phone_index == phone_index, OneTimeCode.sent_at >= since
            )
        )
        or 0
    )


async def sign_ins(session: AsyncSession, person_id: UUID) -> list[Seen]:
    """The sign-ins of a person that are kept. Wall time."""
    rows = await session.execute(
        select(Session.device, Session.network, Session.created_at).where(Session.person_id == person_id)
    )
    return [Seen(row.device, row.network, row.created_at) for row in rows]


async def device_of(session: AsyncSession, token_hash: bytes) -> str | None:
    """The device that a session was opened on."""
    return await session.scalar(select(Session.device).where(Session.token_hash == token_hash))


async def about_to_leave(session: AsyncSession, person_id: UUID) -> Payout | None:
    """A payout of this person that has not left."""
    return await session.scalar(
        select(Payout).where(Payout.person_id == person_id, Payout.state == "scheduled").limit(1)
    )


# --- proofs given anew ------------------------------------------------------------------------------------------------


async def ask_proof(
    session: AsyncSession,
    *,
    proof_id: UUID,
    person_id: UUID,
    application_id: UUID,
    bound_hash: str,
    method: str,
    device: str,
    now: datetime,
) -> None:
    """A proof is asked for, for one act."""
    await session.execute(
        insert(StepUp)
        .values(
            id=proof_id,
            person_id=person_id,
            application_id=application_id,
            bound_hash=bound_hash,
            method=method,
            outcome="asked",
            device=device,
            asked_at=now,
        )
        .on_conflict_do_nothing()
    )


async def proof(session: AsyncSession, proof_id: UUID) -> StepUp:
    """A proof that was asked for."""
    return await session.get_one(StepUp, proof_id)


async def answer_proof(
    session: AsyncSession,
    proof_id: UUID,
    *,
    outcome: str,
    reference: str | None,
    now: datetime,
    expires_at: datetime | None,
) -> None:
    """What the provider says; the first answer stays."""
    await session.execute(
        update(StepUp)
        .where(StepUp.id == proof_id, StepUp.outcome == "asked")
        .values(outcome=outcome, reference=reference, answered_at=now, expires_at=expires_at)
    )


def proven(person_id: UUID, bound_hash: str) -> ColumnElement[bool]:
    """Whether this very act was proven a moment ago, as a column; by the database's own clock."""
    return (
        select(StepUp.id)
        .where(
            StepUp.person_id == person_id,
            StepUp.bound_hash == bound_hash,
            StepUp.outcome == "match",
            StepUp.expires_at > func.clock_timestamp(),
        )
        .exists()
    )


async def is_proven(session: AsyncSession, person_id: UUID, bound_hash: str) -> bool:
    """Whether this very act was proven a moment ago."""
    return bool(await session.scalar(select(proven(person_id, bound_hash))))


async def newest_proof(session: AsyncSession, person_id: UUID, bound_hash: str) -> StepUp | None:
    """The last try to prove this very act."""
    return await session.scalar(
        select(StepUp)
        .where(StepUp.person_id == person_id, StepUp.bound_hash == bound_hash)
        .order_by(StepUp.asked_at.desc())
        .limit(1)
    )

"""What people asked for, on its way to a workflow, and the keys under which they asked. All times are wall time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Command, IdempotencyKey
from db.writing import into

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """The name of one unsafe request: who asks for what under which key, with the keyed hash of the canonical body."""

    client: str
    route: str
    key_hash: bytes
    body_hash: bytes


async def claim_key(
    session: AsyncSession, claim: Claim, *, now: datetime, command_id: UUID | None, object_id: str | None
) -> IdempotencyKey | None:
    """Take the key for this request: None. If it is taken: the earlier request (one in its transaction is awaited)."""
    taken = await session.scalar(
        into(IdempotencyKey)
        .values(
            client=claim.client,
            route=claim.route,
            key_hash=claim.key_hash,
            body_hash=claim.body_hash,
            command_id=command_id,
            object_id=object_id,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.client)
    )
    if taken is not None:
        return None
    found = await session.scalars(select(IdempotencyKey).where(*_same(claim)))
    return found.one()


async def find_key(session: AsyncSession, claim: Claim) -> IdempotencyKey | None:
    """The request under this key, as it stands now."""
    return await session.scalar(select(IdempotencyKey).where(*_same(claim)))


async def answer_key(session: AsyncSession, claim: Claim, status: int, response: Json) -> None:
    """Keep the first answer that was given; a later one does not replace it."""
    await session.execute(
        update(IdempotencyKey)
        .where(*_same(claim), IdempotencyKey.status.is_(None))
        .values(status=status, response=response)
    )


async def forget_answers(session: AsyncSession, before: datetime) -> int:
    """Drop stored answers older than that; key, hash and object stay for ever. How many."""
    dropped = await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.created_at < before, IdempotencyKey.response.is_not(None))
        .values(response=None)
        .returning(IdempotencyKey.client)
    )
    return len(dropped.all())


def _same(claim: Claim) -> tuple[Any, ...]:
    return (
        IdempotencyKey.client == claim.client,
        IdempotencyKey.route == claim.route,
        IdempotencyKey.key_hash == claim.key_hash,
    )


# --- commands ---------------------------------------------------------------------------------------------------------


async def add_command(
    session: AsyncSession,
    *,
    command_id: UUID,
    workflow_type: str,
    workflow_id: str,
    name: str,
    argument: Json,
    detail: Json | None,
    start: Json | None,
    principal: str,
    now: datetime,
    next_attempt_at: datetime,
) -> None:
    """A command, waiting. ``argument`` is sent; ``detail`` stays in the row for the activity that acts on it."""
    await session.execute(
        into(Command).values(
            id=command_id,
            workflow_type=workflow_type,
            workflow_id=workflow_id,
            name=name,
            argument=argument,
            detail=detail,
            start=start,
            principal=principal,
            created_at=now,
            next_attempt_at=next_attempt_at,
        )
    )


async def find_command(session: AsyncSession, command_id: UUID) -> Command | None:
    """A command as it stands."""
    return await session.get(Command, command_id, populate_existing=True)


async def newest_result(session: AsyncSession, workflow_id: str, name: str) -> Json:
    """What the newest command of a name was answered by its workflow; empty while it is on its way."""
    found = await session.scalar(
        select(Command.result)
        .where(Command.workflow_id == workflow_id, Command.name == name)
        .order_by(Command.created_at.desc())
        .limit(1)
    )
    return found or {}


async def finish_command(session: AsyncSession, command_id: UUID, result: Json | None, now: datetime) -> None:
    """The workflow answered."""
    await _end(session, command_id, now, state="done", result=result)


async def refuse_command(session: AsyncSession, command_id: UUID, code: str, params: Json, now: datetime) -> None:
    """The workflow said no."""
    await _end(session, command_id, now, state="refused", refusal=code, refusal_params=params)


async def bury_command(session: AsyncSession, command_id: UUID, code: str, now: datetime) -> None:
    """Nobody can take it: a person must look."""
    await _end(session, command_id, now, state="dead", refusal=code)


async def _end(session: AsyncSession, command_id: UUID, now: datetime, **values: Any) -> None:
    await session.execute(
        update(Command).where(Command.id == command_id, Command.state == "waiting").values(finished_at=now, **values)
    )


async def take_due(session: AsyncSession, now: datetime, *, limit: int, lease: timedelta) -> Sequence[Command]:
    """Waiting commands whose next try is due, leased so that another relay leaves them alone meanwhile."""
    due = (
        select(Command.id)
        .where(Command.state == "waiting", Command.next_attempt_at <= now)
        .order_by(Command.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = await session.scalars(
        update(Command)
        .where(Command.id.in_(due))
        .values(next_attempt_at=now + lease, attempts=Command.attempts + 1)
        .returning(Command)
        .execution_options(synchronize_session=False)
    )
    return sorted(taken.all(), key=lambda command: command.created_at)


async def postpone_command(session: AsyncSession, command_id: UUID, until: datetime) -> None:
    """Try again then."""
    await session.execute(
        update(Command).where(Command.id == command_id, Command.state == "waiting").values(next_attempt_at=until)
    )


async def waiting_since(session: AsyncSession, before: datetime) -> tuple[int, datetime | None]:
    """How many commands wait since before that instant, and since when the oldest does."""
    found = (
        await session.execute(
            select(func.count(), func.min(Command.created_at)).where(
                Command.state == "waiting", Command.created_at < before
            )
        )
    ).one()
    return int(found[0]), found[1]


async def waits(session: AsyncSession, workflow_id: str) -> bool:
    """Whether a command for this workflow is on its way."""
    found = await session.scalar(
        select(Command.id).where(Command.workflow_id == workflow_id, Command.state == "waiting").limit(1)
    )
    return found is not None


async def stuck(session: AsyncSession, now: datetime, *, older_than: timedelta, limit: int) -> Sequence[Command]:
    """Commands that wait too long, and dead ones of the last thirty days; the oldest first."""
    found = await session.scalars(
        select(Command)
        .where(
            ((Command.state == "waiting") & (Command.created_at < now - older_than))
            | ((Command.state == "dead") & (Command.created_at > now - timedelta(days=30)))
        )
        .order_by(Command.created_at)
        .limit(limit)
    )
    return found.all()


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An object that a workflow should be telling the story of."""

    kind: str
    id: UUID


# What is looked at in turn, so that each round costs the same however large the book is.
_UNDER_WAY = {
    "application": "select id from application where stage not in ('funded', 'opened', 'withdrawn', 'lapsed') "
    "and line_id is null and changed_at < :before and id > :after order by id limit :limit",
    "payout": "select id from payout where state in ('scheduled', 'submitting', 'submitted', 'unknown') "
    "and created_at < :before and id > :after order by id limit :limit",
    "line": "select id from credit_line where state <> 'closed' and expires_on >= cast(:before as date) "
    "and changed_at < :before and id > :after order by id limit :limit",
    "loan": "select id from loan where state = 'live' "
    "and created_at < :before and id > :after order by id limit :limit",
}
KINDS = tuple(_UNDER_WAY)


async def under_way(
    session: AsyncSession, kind: str, *, before: datetime, after: UUID, limit: int
) -> Sequence[UnderWay]:
    """Objects of a kind (application, payout, loan) that have been under way since before that business instant."""
    found = await session.scalars(
        text(_UNDER_WAY[kind]).columns(id=Uuid()), {"before": before, "after": after, "limit": limit}
    )
    return [UnderWay(kind, one) for one in found]

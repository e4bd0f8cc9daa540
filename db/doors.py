"""Who may come in: sessions, one-time codes, staff, and how often anybody may knock. All times here are wall time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import OneTimeCode, Person, Session, Staff

# Wrong codes before a code is worth nothing: a million codes against five tries.
TRIES = 5


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session and who is behind it. ``ended_at`` may lie in the past for the few seconds after a rotation."""

    token_hash: bytes
    kind: str
    person_id: UUID | None
    staff_id: UUID | None
    csrf: str
    device: str
    created_at: datetime
    last_seen_at: datetime
    proven_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    locale: str | None
    large_type: bool
    staff_name: str | None
    roles: tuple[str, ...]
    seat_id: UUID | None = None


async def find_session(session: AsyncSession, token_hash: bytes, now: datetime) -> LiveSession | None:
    """The session of a token, if its absolute end has not come and its staff member is not disabled."""
    found = (
        await session.execute(
            select(Session, Person.locale, Person.large_type, Staff.name, Staff.roles)
            .outerjoin(Person, Person.id == Session.person_id)
            .outerjoin(Staff, Staff.id == Session.staff_id)
            .where(Session.token_hash == token_hash, Session.expires_at > now, Staff.disabled_at.is_(None))
        )
    ).one_or_none()
    if found is None:
        return None
    row, locale, large_type, staff_name, roles = found
    return LiveSession(
        token_hash=row.token_hash,
        kind=row.kind,
        person_id=row.person_id,
        staff_id=row.staff_id,
        csrf=row.csrf,
        device=row.device,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        proven_at=row.proven_at or row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        locale=locale,
        large_type=bool(large_type),
        staff_name=staff_name,
        roles=tuple(roles or ()),
        seat_id=row.seat_id,
    )


async def add_session(
    session: AsyncSession,
    *,
    token_hash: bytes,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
    csrf: str,
    factor: str,
    device: str,
    network: str | None = None,
    now: datetime,
    lifetime: timedelta,
) -> None:
    """A new session of an owner or of a staff member."""
    session.add(
        Session(
            token_hash=token_hash,
            kind="owner" if person_id else "staff",
            person_id=person_id,
            staff_id=staff_id,
            csrf=csrf,
            factor=factor,
            device=device,
            network=network,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime,
        )
    )
    await session.flush()


async def touch_session(session: AsyncSession, token_hash: bytes, now: datetime) -> None:
    """The session was used."""
    await session.execute(update(Session).where(Session.token_hash == token_hash).values(last_seen_at=now))


async def prove_session(session: AsyncSession, token_hash: bytes, now: datetime) -> None:
    """A second factor was shown in this session."""
    await session.execute(update(Session).where(Session.token_hash == token_hash).values(proven_at=now))


async def staff_member(session: AsyncSession, staff_id: UUID) -> Staff | None:
    """A staff member who may still work here."""
    found = await session.get(Staff, staff_id)
    return found if found is not None and found.disabled_at is None else None


async def staff_names(session: AsyncSession) -> dict[str, str]:
    """The names of all staff by how audit rows and timelines name them (``staff:…``)."""
    return {f"staff:{row.id}": row.name for row in (await session.execute(select(Staff.id, Staff.name))).all()}


async def end_session(session: AsyncSession, token_hash: bytes, now: datetime, *, grace: timedelta) -> bool:
    """End a session; for ``grace`` (after a rotation) reads on their way still pass. False if it had ended already."""
    ended = await session.execute(
        update(Session)
        .where(Session.token_hash == token_hash, Session.ended_at.is_(None))
        .values(ended_at=now, expires_at=func.least(Session.expires_at, now + grace))
        .returning(Session.token_hash)
    )
    return ended.first() is not None


async def sessions_of(session: AsyncSession, person_id: UUID, now: datetime, idle: timedelta) -> Sequence[Session]:
    """The live sessions of an owner, newest first."""
    found = await session.scalars(
        select(Session)
        .where(
            Session.person_id == person_id,
            Session.ended_at.is_(None),
            Session.expires_at > now,
            Session.last_seen_at > now - idle,
        )
        .order_by(Session.created_at.desc())
    )
    return found.all()


# --- how often --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of a knock. ``wait`` None: let in, with ``remaining`` more at once, and all of them after ``reset``;
    else the seconds after which it will be."""

    wait: float | None
    remaining: int
    reset: float


async def arrive(session: AsyncSession, key: str, *, interval: timedelta, burst: int) -> Arrived:
    """One knock under the generic cell rate algorithm: one per ``interval``, ``burst`` at once.

    Shared by all processes; a crash forgives.
    """
    allowed = await session.execute(
        text(
            """
            insert into rate_limit as r (key, tat) values (:key, clock_timestamp() + :step)
            on conflict (key) do update set tat = greatest(r.tat, clock_timestamp()) + :step
            where greatest(r.tat, clock_timestamp()) + :step <= clock_timestamp() + :whole
            returning extract(epoch from tat - clock_timestamp())
            """
        ),
        {"key": key, "step": interval, "whole": interval * burst},
    )
    taken = allowed.scalar()
    if taken is not None:
        ahead = max(float(taken), 0.0)
        return Arrived(None, max(0, int(burst - ahead / interval.total_seconds())), ahead)
    left = await session.scalar(
        text("select extract(epoch from tat + :step - :whole - clock_timestamp()) from rate_limit where key = :key"),
        {"key": key, "step": interval, "whole": interval * burst},
    )
    wait = max(float(left or 0), 0.0) or interval.total_seconds()
    return Arrived(wait, 0, wait)


async def back_off(session: AsyncSession, key: str, *, least: timedelta, most: timedelta) -> None:
    """Double the wait of ``key`` after a failure, from ``least`` up to ``most``: it is never shut out for ever."""
    await session.execute(
        text(
            """
            insert into rate_limit as r (key, tat) values (:key, clock_timestamp() + :least)
            on conflict (key) do update set tat = clock_timestamp()
                + least(greatest((r.tat - clock_timestamp()) * 2, :least), :most)
            """
        ),
        {"key": key, "least": least, "most": most},
    )


async def waiting(session: AsyncSession, key: str) -> float:
    """Seconds until ``key`` may try again after :func:`back_off`; 0.0 when it may."""
    left = await session.scalar(
        text("select extract(epoch from tat - clock_timestamp()) from rate_limit where key = :key"), {"key": key}
    )
    return max(float(left or 0), 0.0)


async def forget(session: AsyncSession, key: str) -> None:
    """A success: the next failure starts from the beginning."""
    await session.execute(text("delete from rate_limit where key = :key"), {"key": key})


async def sweep_limits(session: AsyncSession) -> int:
    """Drop limits that bind nobody any more; how many."""
    dropped = await session.execute(
        text("delete from rate_limit where tat < clock_timestamp() - interval '1 hour' returning 1")
    )
    return len(dropped.all())


# --- one-time codes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeTried:
    """What became of a try: ``verdict`` is right, wrong, expired (too old, used, superseded or never sent) or spent."""

    verdict: str
    code_id: UUID | None = None
    tries_left: int = 0


async def add_code(
    session: AsyncSession,
    *,
    code_id: UUID,
    phone_index: bytes,
    purpose: str,
    bound_hash: str | None,
    code_hash: bytes,
    now: datetime,
    lifetime: timedelta,
) -> None:
    """A new code; only the newest of a phone and purpose is worth anything."""
    await session.execute(
        insert(OneTimeCode).values(
            id=code_id,
            phone_index=phone_index,
            purpose=purpose,
            bound_hash=bound_hash,
            code_hash=code_hash,
            sent_at=now,
            expires_at=now + lifetime,
        )
    )


async def newest_code(session: AsyncSession, phone_index: bytes, purpose: str) -> OneTimeCode | None:
    """The newest code of a phone for a purpose, locked until the transaction ends."""
    return await session.scalar(
        select(OneTimeCode)
        .where(OneTimeCode.phone_index == phone_index, OneTimeCode.purpose == purpose)
        .order_by(OneTimeCode.sent_at.desc(), OneTimeCode.id)
        .limit(1)
        .with_for_update()
    )


def weigh_code(code: OneTimeCode | None, *, right: bool, bound_hash: str | None, now: datetime) -> CodeTried:
    """What a try is worth. ``right``: the caller compared the hashes, in constant time. Changes nothing."""
    if code is None or code.used_at is not None or now >= code.expires_at or code.bound_hash != bound_hash:
        return CodeTried("expired")
    if code.tries >= TRIES:
        return CodeTried("spent", code.id)
    if right:
        return CodeTried("right", code.id)
    left = TRIES - code.tries - 1
    return CodeTried("wrong" if left else "spent", code.id, left)


async def use_code(session: AsyncSession, code_id: UUID, now: datetime) -> bool:
    """Use a code up; False if somebody did before."""
    used = await session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeCode.id)
    )
    return used.first() is not None


async def count_try(session: AsyncSession, code_id: UUID) -> None:
    """A wrong try."""
    await session.execute(update(OneTimeCode).where(OneTimeCode.id == code_id).values(tries=OneTimeCode.tries + 1))


# --- staff ------------------------------------------------------------------------------------------------------------


async def find_staff(session: AsyncSession, login: str) -> Staff | None:
    """A staff member who is not disabled."""
    return await session.scalar(select(Staff).where(Staff.login == login, Staff.disabled_at.is_(None)))


async def take_totp_step(session: AsyncSession, staff_id: UUID, step: int) -> bool:
    """Use up a time step of the second factor: each step once, and only rising."""
    taken = await session.execute(
        update(Staff)
        .where(Staff.id == staff_id, Staff.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Staff.id)
    )
    return taken.first() is not None


async def set_password_hash(session: AsyncSession, staff_id: UUID, password_hash: str) -> None:
    """Store a hash with stronger parameters, or of a new password."""
    await session.execute(update(Staff).where(Staff.id == staff_id).values(password_hash=password_hash))


async def add_staff(
    session: AsyncSession,
    *,
    staff_id: UUID,
    login: str,
    employee: str,
    name: str,
    password_hash: str,
    totp_sealed: bytes,
    roles: Sequence[str],
    now: datetime,
) -> None:
    """A new staff member."""
    session.add(
        Staff(
            id=staff_id,
            login=login,
            employee=employee,
            name=name,
            password_hash=password_hash,
            totp_sealed=totp_sealed,
            roles=list(roles),
            created_at=now,
        )
    )
    await session.flush()

"""Opening a session: a new token at every sign-in; a session that the browser had before ends."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import GRACE, LIFETIME, Caller, hash_token, new_token
from db import audits, doors


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. ``token`` is shown once: as a cookie to browsers, as a bearer to others."""

    token: str = field(repr=False)
    csrf: str = field(repr=False)
    kind: str
    expires_at: datetime
    new_person: bool = False


async def open_session(
    session: AsyncSession,
    caller: Caller,
    *,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
    factor: str,
    new_person: bool = False,
) -> SignedIn:
    """A session for a person or a staff member, in the transaction that proved who they are."""
    now = caller.tools.wall_now()
    token, csrf = new_token(), secrets.token_hex(32)
    if caller.token_hash is not None:
        await doors.end_session(session, caller.token_hash, now, grace=GRACE)
    await doors.add_session(
        session,
        token_hash=hash_token(token),
        person_id=person_id,
        staff_id=staff_id,
        csrf=csrf,
        factor=factor,
        device=caller.device,
        network=caller.network,
        now=now,
        lifetime=LIFETIME,
    )
    kind = "owner" if person_id else "staff"
    await audits.append(
        session,
        actor=f"{kind}:{person_id or staff_id}",
        action="sign_in",
        object_kind="session",
        object_id=hash_token(token).hex()[:16],
        detail={"factor": factor, "new_person": new_person},
        request_id=caller.request_id,
    )
    return SignedIn(token, csrf, kind, now + LIFETIME, new_person)


async def sign_out(caller: Caller) -> None:
    """End the caller's session at once; without one nothing happens."""
    if caller.token_hash is None:
        return
    async with caller.tools.sessions.begin() as session:
        if await doors.end_session(session, caller.token_hash, caller.tools.wall_now(), grace=GRACE * 0):
            await audits.append(
                session,
                actor=caller.principal.actor,
                action="sign_out",
                object_kind="session",
                object_id=str(caller.principal.session_id),
                detail={},
                request_id=caller.request_id,
            )

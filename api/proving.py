"""What of a person is proven already, in whichever channel somebody looks: one rule for all of them (S1-20)."""

import hashlib
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.idempotency import Json
from api.views import ProofView
from db import clocks, holds, proofs
from lending import assertions
from lending.assertions import Here, Level
from lending.identity import CheckKind


async def whence(session: AsyncSession, caller: Caller) -> Json:
    """The device that the session was opened on, as a hash, the place it is used from now, and the channel."""
    device = await holds.device_of(session, caller.token_hash or b"") or caller.device
    return {
        "device": hashlib.sha256(device.encode()).hexdigest()[:32],
        "place": caller.network,
        "channel": caller.channel,
    }


async def standing(session: AsyncSession, caller: Caller, person_id: UUID, *, own: bool) -> tuple[ProofView, ...]:
    """The proofs that would serve here, for the least risk. Whoever is not the person (``own``) is at no device of
    theirs; their look is on record already."""
    held = await proofs.held_by(session, person_id)
    if not held:
        return ()
    account, firm = await proofs.newest_of(session, person_id)
    at = await whence(session, caller) if own else {}
    here = Here(
        now=await clocks.now(session, caller.tools.settings.clock_id),
        about=await proofs.about(session, caller.tools.vault, person_id, account_id=account, firm_id=firm),
        level=Level.LOW,
        device=at.get("device"),
        place=at.get("place"),
        held_at=await proofs.last_held(session, person_id),
        factor_at=await proofs.last_change(session, person_id),
    )
    serving = assertions.proofs(tuple(CheckKind), held, here).serving
    return tuple(ProofView(kind.value, one.method.value, one.expires_at) for kind, one in serving.items())

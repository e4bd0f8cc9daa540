"""What somebody in a seat of a firm looks at: on record before anything opens, and shown to the firm's owner."""

from api.caller import Caller, Seated
from db import clocks, people

PURPOSE = "seat"


async def looked(caller: Caller, seat: Seated, what: str) -> None:
    """One look, by role and masked number: the owner gave the seat to that number and knows whose it is."""
    async with caller.tools.sessions.begin(scope="worker") as session:
        await people.record_access(
            session,
            seat.owner_id,
            at=await clocks.now(session, caller.tools.settings.clock_id),
            actor=f"{seat.role} {seat.phone_masked}",
            what=what,
            purpose=PURPOSE,
        )

"""The second factor once more, before what two people must do: a session left open at a desk approves nothing."""

from dataclasses import replace
from datetime import timedelta

from api import fields
from api.auth.limits import knock, tries
from api.auth.staff import step_of
from api.caller import Caller
from api.problems import WrongPassword
from db import doors
from lending.refusals import ProofStale

# Long enough to read a card and press twice; shorter than a coffee.
FRESH = timedelta(minutes=10)


def is_fresh(caller: Caller) -> bool:
    """Whether the authenticator's digits were shown a moment ago, at sign-in or since."""
    return caller.proven_at is not None and caller.tools.wall_now() - caller.proven_at < FRESH


def need(caller: Caller) -> None:
    """Raises :class:`ProofStale` unless :func:`is_fresh`."""
    if not is_fresh(caller):
        raise ProofStale


async def prove(caller: Caller, digits: str) -> Caller:
    """The caller with a fresh proof. Each time step counts once. Raises :class:`WrongPassword`, as a sign-in does."""
    form = fields.Form()
    clean = form.take("totp", fields.code, digits, "")
    form.done()
    tools = caller.tools
    await knock(caller, "proof", *tries(caller, f"staff:{caller.staff_id}"))
    now = tools.wall_now()
    async with tools.sessions.begin() as session:
        member = await doors.staff_member(session, caller.staff_id)
        step = step_of(tools, member, clean)
        if member is not None and step is not None and await doors.take_totp_step(session, member.id, step):
            await doors.prove_session(session, caller.token_hash or b"", now)
            return replace(caller, proven_at=now)
    raise WrongPassword


async def proven(caller: Caller, digits: str) -> Caller:
    """The caller, proven anew if digits came with the form."""
    return await prove(caller, digits) if digits.strip() else caller

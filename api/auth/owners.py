"""An owner signs in with a phone and a one-time code. An unknown phone is a new owner: nobody can ask who is known."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, idempotency
from api.auth import codes
from api.auth.codes import CodeSent
from api.auth.limits import CODES_BY_PHONE, CODES_BY_PHONE_DAILY, knock, tries
from api.auth.signing_in import SignedIn, open_session
from api.caller import Caller
from api.idempotency import Json
from api.owner import questions
from db import doors, holds, people
from db.tables import Application
from lending.holds import Sign
from lending.refusals import CodeExpired, Refusal


@dataclass(frozen=True, slots=True)
class StartSignIn:
    """Send me a code."""

    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FinishSignIn:
    """This is the code that came to this phone."""

    phone: str = field(repr=False)
    code: str = field(repr=False)


async def start_sign_in(caller: Caller, command: StartSignIn, key: str) -> CodeSent:
    """Send a code to a phone. The answer, its words and its time are the same whoever's phone it is."""
    form = fields.Form()
    phone = form.take("phone", fields.phone, command.phone, "")
    form.done()
    tools = caller.tools
    index = tools.vault.blind_index(people.PHONE, phone).hex()

    async def act(session: AsyncSession) -> Json:
        return idempotency.plain(await codes.make_code(session, tools, phone, "sign_in"))

    await knock(caller, "code", (f"phone:{index}", CODES_BY_PHONE), (f"daily:{index}", CODES_BY_PHONE_DAILY))
    made = await idempotency.perform(caller, "sign_in.start", key, {"phone": phone}, act, client=f"phone:{index}")
    # Also for a repeated request: the first one may have died before the message left.
    return await codes.send_code(caller, phone, "sign_in", codes.NewCode.again(made))


async def finish_sign_in(caller: Caller, command: FinishSignIn) -> SignedIn:
    """Trade a right code for a session. The code is itself the key that makes this happen once."""
    form = fields.Form()
    phone = form.take("phone", fields.phone, command.phone, "")
    digits = form.take("code", fields.code, command.code, "")
    form.done()
    tools = caller.tools
    index = tools.vault.blind_index(people.PHONE, phone).hex()
    await knock(caller, "try", *tries(caller, f"phone:{index}"))
    async with tools.sessions.begin(scope="worker") as session:
        outcome = await _enter(session, caller, phone, digits)
    if isinstance(outcome, Refusal):  # raised only now: the wrong try had to be kept
        raise outcome
    return outcome


async def _enter(session: AsyncSession, caller: Caller, phone: str, digits: str) -> SignedIn | Refusal:
    tools = caller.tools
    code_id = await codes.check_code(session, tools, phone, "sign_in", digits)
    if isinstance(code_id, Refusal):
        await _hold_after_wrong_tries(session, caller, phone)
        return code_id
    if not await doors.use_code(session, code_id, tools.wall_now()):
        return CodeExpired()
    known = await people.find_by_phone(session, tools.vault, phone)
    person_id = known or await people.know_by_phone(
        session, tools.vault, phone, locale=caller.locale, now=tools.wall_now()
    )
    return await open_session(session, caller, person_id=person_id, factor="one_time_code", new_person=known is None)


async def _hold_after_wrong_tries(session: AsyncSession, caller: Caller, phone: str) -> None:
    """Somebody guesses at the door while money is about to leave: it is held in the transaction that counts the try."""
    tools, policy = caller.tools, caller.tools.policies.holds
    person_id = await people.find_by_phone(session, tools.vault, phone)
    payout = await holds.about_to_leave(session, person_id) if person_id else None
    if payout is None:
        return
    since = tools.wall_now() - policy.tries_within
    if await holds.wrong_tries(session, tools.vault.blind_index(people.PHONE, phone), since) < policy.wrong_tries:
        return
    application = await session.get_one(Application, payout.application_id)
    await questions.hold(session, caller, application, [Sign.WRONG_TRIES], amount_minor=payout.amount_minor)

"""Staff sign in with a password and a second factor, always both; which of them was wrong is not told."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from pyotp.totp import TOTP
from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth.limits import LEAST_WAIT, MOST_WAIT, WRONG_WITHOUT_WAIT, Limit, knock, tries
from api.auth.passwords import LONGEST
from api.auth.signing_in import SignedIn, open_session
from api.caller import Caller
from api.problems import TooManyRequests, WrongPassword
from api.tools import Tools
from db import audits, doors
from db.tables import Staff
from infra.crypto import KeyRing

STEP_SECONDS = 30
# The step before and the one after: clocks of phones differ.
STEPS_BESIDE = 1


@dataclass(frozen=True, slots=True)
class StaffSignIn:
    """Login, password and the six digits that the authenticator shows."""

    login: str
    password: str = field(repr=False)
    totp: str = field(repr=False)


async def staff_sign_in(caller: Caller, command: StaffSignIn) -> SignedIn:
    """A session for a staff member. Raises :class:`WrongPassword`, alike and as late for an unknown login."""
    form = fields.Form()
    login = form.take("login", fields.line, command.login, "").lower()
    digits = form.take("totp", fields.code, command.totp, "")
    if not 1 <= len(command.password) <= LONGEST:
        form.refuse("password", "missing" if not command.password else "too_long", most=LONGEST)
    form.done()
    tools = caller.tools
    pair = f"staff:wait:{login}:{caller.network}"
    await knock(caller, "staff", *tries(caller, f"login:{login}"))
    await _not_waiting(caller, pair)
    async with tools.sessions.begin() as session:
        member = await doors.find_staff(session, login)
    right = await tools.passwords.fits(member.password_hash if member else None, command.password)
    async with tools.sessions.begin() as session:
        step = step_of(tools, member, digits)
        # The step is used up only with the right password: nobody can use up another's steps.
        right = right and member is not None and step is not None
        if right and member is not None and step is not None and await doors.take_totp_step(session, member.id, step):
            await doors.forget(session, pair)
            await doors.forget(session, f"{pair}:few")
            if tools.passwords.outgrown(member.password_hash):
                await doors.set_password_hash(session, member.id, await tools.passwords.hash(command.password))
            return await open_session(session, caller, staff_id=member.id, factor="password+totp")
        await _wrong(session, caller, login, pair)
    raise WrongPassword


async def _not_waiting(caller: Caller, pair: str) -> None:
    async with caller.tools.sessions.begin() as session:
        left = await doors.waiting(session, pair)
    if left > 0:
        raise TooManyRequests(retry_after=left)


async def _wrong(session: AsyncSession, caller: Caller, login: str, pair: str) -> None:
    """After a few wrong tries each further one doubles the wait, for this login from this network only."""
    few = Limit(MOST_WAIT, WRONG_WITHOUT_WAIT)
    if (await doors.arrive(session, f"{pair}:few", interval=few.interval, burst=few.burst)).wait is not None:
        await doors.back_off(session, pair, least=LEAST_WAIT, most=MOST_WAIT)
    await audits.append(
        session,
        actor="anonymous",
        action="sign_in.wrong",
        object_kind="staff",
        object_id=login[:60],
        detail={"network": caller.network},
        request_id=caller.request_id,
    )


def step_of(tools: Tools, member: Staff | None, digits: str) -> int | None:
    """The time step whose digits these are, if it was not used before."""
    if member is None:
        return None
    secret = tools.keys.open(member.totp_sealed, _place(member.id)).decode()
    totp = TOTP(secret, interval=STEP_SECONDS)
    now = int(tools.wall_now().timestamp()) // STEP_SECONDS
    for step in range(now - STEPS_BESIDE, now + STEPS_BESIDE + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits) and step > member.totp_last_step:
            return step
    return None


def seal_totp(keys: KeyRing, staff_id: UUID, secret: str) -> bytes:
    """The second factor's seed as it is stored."""
    return keys.seal(secret.encode(), _place(staff_id))


def new_totp_secret() -> str:
    """A seed of 160 bits, as authenticators take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


async def add_member(
    session: AsyncSession,
    tools: Tools,
    *,
    login: str,
    name: str,
    password: str,
    totp_secret: str,
    roles: Iterable[str],
    employee: str = "",
) -> UUID:
    """A new login of a staff member; ``employee`` is who they are (工号), the same for two logins of one person.

    Raises ``ValueError`` for a role that the policy does not know."""
    wanted = tuple(roles)
    unknown = set(wanted) - set(tools.policies.roles) | ({"owner"} & set(wanted))
    if unknown:
        raise ValueError(f"no such staff role: {', '.join(sorted(unknown))}")
    staff_id = uuid4()
    await doors.add_staff(
        session,
        staff_id=staff_id,
        login=login,
        employee=employee or str(staff_id),
        name=name,
        password_hash=await tools.passwords.hash(password),
        totp_sealed=seal_totp(tools.keys, staff_id, totp_secret),
        roles=wanted,
        now=tools.wall_now(),
    )
    return staff_id


def _place(staff_id: UUID) -> str:
    return f"staff.totp|{staff_id}"

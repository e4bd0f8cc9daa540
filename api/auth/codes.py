"""One-time codes: six digits, ten minutes, five tries, sent to the phone; for signing bound to what is signed."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.phrases import phrase
from api.tools import Tools
from db import doors, people
from gateways.messages import MessageOrder
from lending.contact_policy import ContactToken, Purpose
from lending.refusals import CodeExpired, Refusal, TooManyTries, WrongCode

LIFETIME = timedelta(minutes=10)
# Before that no second code is worth asking for: the first one may still be on its way.
RESEND_AFTER = timedelta(seconds=60)
DIGITS = 6


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way. The same answer for a phone that we know and one that we do not."""

    phone_masked: str
    resend_in: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that is stored and has to be sent."""

    id: UUID
    expires_at: datetime

    @classmethod
    def again(cls, stored: dict[str, str]) -> "NewCode":
        """The code of an earlier, identical request."""
        return cls(UUID(stored["id"]), datetime.fromisoformat(stored["expires_at"]))


async def make_code(
    session: AsyncSession, tools: Tools, phone: str, purpose: str, *, bound_hash: str | None = None
) -> NewCode:
    """Store a new code for a phone; the newest one is the only one that counts."""
    now = tools.wall_now()
    code = NewCode(uuid4(), now + LIFETIME)
    await doors.add_code(
        session,
        code_id=code.id,
        phone_index=tools.vault.blind_index(people.PHONE, phone),
        purpose=purpose,
        bound_hash=bound_hash,
        code_hash=_hash(tools, code.id, _digits(tools, code.id)),
        now=now,
        lifetime=LIFETIME,
    )
    return code


async def send_code(caller: Caller, phone: str, purpose: str, code: NewCode, **params: object) -> CodeSent:
    """Send a stored code; again changes nothing, the gateway knows it by its id. Raises ``GatewayUnavailable``."""
    words = phrase(
        f"api.code.{purpose}",
        caller.locale,
        {"digits": _digits(caller.tools, code.id), "minutes": LIFETIME.seconds // 60, **params},
    )
    await caller.tools.messages.send(
        MessageOrder(
            token=ContactToken(code.id, Purpose.TOLD, caller.tools.policies.version),
            message_id=f"code-{code.id}",
            phone=phone,
            text=words,
            purpose=f"{purpose}_code",
        )
    )
    return CodeSent(people.masked_phone(phone), int(RESEND_AFTER.total_seconds()), code.expires_at)


async def check_code(
    session: AsyncSession, tools: Tools, phone: str, purpose: str, digits: str, *, bound_hash: str | None = None
) -> UUID | Refusal:
    """The id of the right code, its row locked and not yet used; or the refusal, with a wrong try counted."""
    now = tools.wall_now()
    code = await doors.newest_code(session, tools.vault.blind_index(people.PHONE, phone), purpose)
    right = code is not None and hmac.compare_digest(code.code_hash, _hash(tools, code.id, digits))
    tried = doors.weigh_code(code, right=right, bound_hash=bound_hash, now=now)
    match tried.verdict, tried.code_id:
        case "right", UUID() as code_id:
            return code_id
        case "wrong", UUID() as code_id:
            await doors.count_try(session, code_id)
            return WrongCode(tries_left=tried.tries_left)
        case "spent", UUID() as code_id:
            await doors.count_try(session, code_id)
            return TooManyTries(wait_minutes=1)
        case _:
            return CodeExpired()


def _digits(tools: Tools, code_id: UUID) -> str:
    """The digits of a code follow from its random id and our key, so that a message that got lost can be sent again."""
    drawn = hmac.digest(tools.settings.secret_bytes("session_key"), b"digits\x1f" + code_id.bytes, "sha256")
    return f"{int.from_bytes(drawn) % 10**DIGITS:0{DIGITS}d}"


def _hash(tools: Tools, code_id: UUID, digits: str) -> bytes:
    """Keyed: a million codes are guessed from a bare hash in a second."""
    return hmac.digest(tools.settings.secret_bytes("session_key"), f"code\x1f{code_id}\x1f{digits}".encode(), "sha256")

"""What a person signs with a code of their own phone: sent for this very thing, checked before it, used up with it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import codes
from api.auth.codes import CodeSent, NewCode
from api.auth.limits import CODES_BY_PHONE, CODES_BY_PHONE_DAILY, knock
from api.caller import Caller
from api.idempotency import Json, perform, plain
from db import doors, people
from lending.refusals import CodeExpired, Refusal

SIGN = "sign"


async def send(
    caller: Caller,
    phone: str,
    *,
    bound: str,
    text: str,
    use: str,
    key: str,
    body: Json,
    object_id: UUID,
    said: Json,
) -> CodeSent:
    """Send a code that is good for what hashes to ``bound`` only; the same key again sends the same code again.

    ``text``: which message (``api.code.<text>``), with what is ``said`` in it.
    """
    tools = caller.tools
    index = tools.vault.blind_index(people.PHONE, phone).hex()
    await knock(caller, "code", (f"phone:{index}", CODES_BY_PHONE), (f"daily:{index}", CODES_BY_PHONE_DAILY))

    async def act(session: AsyncSession) -> Json:
        return plain(await codes.make_code(session, tools, phone, SIGN, bound_hash=bound))

    made = await perform(caller, use, key, body, act, object_id=str(object_id))
    return await codes.send_code(caller, phone, text, NewCode.again(made), **said)


class Code:
    """The digits that came back, for one act. ``wire``: what its workflow is told, with the code's id once right."""

    def __init__(self, caller: Caller, digits: str, **wire: str) -> None:
        self._caller = caller
        self._digits = digits
        self._id: UUID | None = None
        self.wire: Json = dict(wire)

    async def check(self, session: AsyncSession, bound: str) -> Refusal | None:
        """In the act's gate: None if the digits are right for what hashes to ``bound``, else why not."""
        tools = self._caller.tools
        phone = (await people.identity_of(session, tools.vault, self._caller.person_id)).phone
        checked = await codes.check_code(session, tools, phone, SIGN, self._digits, bound_hash=bound)
        if isinstance(checked, Refusal):
            return checked
        self._id, self.wire["code_id"] = checked, str(checked)
        return None

    async def use(self, session: AsyncSession, _command_id: UUID) -> None:
        """In the transaction that writes the command: used up. Raises :class:`CodeExpired` if somebody was first."""
        if self._id is None or not await doors.use_code(session, self._id, self._caller.tools.wall_now()):
            raise CodeExpired

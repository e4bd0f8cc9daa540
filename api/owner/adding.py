"""One more piece for a loan that lives, once what secures it carries less than is owed: valued, bound by a code of its
owner's own, registered (journey 2, B8)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import codes
from api.auth.codes import CodeSent, NewCode
from api.auth.limits import CODES_BY_PHONE, CODES_BY_PHONE_DAILY, TRIES_BY_ACCOUNT, knock
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.idempotency import perform, plain
from api.lining import today_of
from api.problems import NotFound
from db import clocks, collateral, doors, people
from lending.collateral import CollateralState, added
from lending.refusals import CodeExpired, CollateralNotShort, NotInThisStage, Refusal


async def start(caller: Caller, collateral_id: UUID, key: str) -> CodeSent:
    """Send a code to one's own phone, good for this piece and for this sum only."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        bound, sum_minor, currency = await _bound(session, caller, collateral_id)
        phone = (await people.identity_of(session, tools.vault, person)).phone
    index = tools.vault.blind_index(people.PHONE, phone).hex()
    await knock(caller, "code", (f"phone:{index}", CODES_BY_PHONE), (f"daily:{index}", CODES_BY_PHONE_DAILY))

    async def act(session: AsyncSession) -> Json:
        return plain(await codes.make_code(session, tools, phone, "sign", bound_hash=bound))

    body = {"collateral_id": collateral_id, "bound": bound}
    made = await perform(caller, "owner.start_adding", key, body, act, object_id=str(collateral_id))
    said = {"amount_minor": sum_minor, "currency": currency}
    return await codes.send_code(caller, phone, "collateral", NewCode.again(made), **said)


async def add(caller: Caller, collateral_id: UUID, code: str, key: str) -> Receipt:
    """Have it secure the loan. The code is used up in the transaction that writes the command."""
    tools, person = caller.tools, caller.person_id
    form = fields.Form()
    digits = form.take("code", fields.code, code, "")
    form.done()
    await knock(caller, "sign", (f"person:{person}", TRIES_BY_ACCOUNT))
    right: list[UUID] = []
    wire: Json = {}

    async def gate(session: AsyncSession) -> Refusal | None:
        bound, _, _ = await _bound(session, caller, collateral_id)
        phone = (await people.identity_of(session, tools.vault, person)).phone
        checked = await codes.check_code(session, tools, phone, "sign", digits, bound_hash=bound)
        if isinstance(checked, Refusal):
            return checked
        right.append(checked)
        wire["code_id"] = str(checked)
        return None

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if not await doors.use_code(session, right[0], tools.wall_now()):
            raise CodeExpired

    order = Order(
        workflow_type="Collateral",
        workflow_id=clocks.workflow_of("collateral", collateral_id),
        update="add",
        object_kind="collateral",
        object_id=collateral_id,
        wire=wire,
        start={"collateral_id": str(collateral_id), "clock_id": tools.settings.clock_id},
    )
    body = {"collateral_id": collateral_id, "code": digits}
    return await issue(
        caller, order, use="owner.add_collateral", key=key, body=body, store=store, gate=gate, person=person
    )


async def _bound(session: AsyncSession, caller: Caller, collateral_id: UUID) -> tuple[str, int, str]:
    """(what a code is good for, for how much it would be registered today in minor units, of which currency)."""
    row = await collateral.one(session, collateral_id)
    if row is None or row.person_id != caller.person_id:
        raise NotFound
    rows = await collateral.of_application(session, row.application_id)
    short = max((one.short_minor for one in rows if one.state == CollateralState.REGISTERED.value), default=0)
    if row.state != CollateralState.VALUED.value or row.value_minor is None:
        raise NotInThisStage(stage=row.state, step="add")
    if not short:
        raise CollateralNotShort
    piece = collateral.as_piece(row, row.value_minor, await today_of(session, caller))
    sum_minor = added(piece, short, caller.tools.policies.collateral)
    return collateral.added_hash(row, sum_minor), sum_minor, row.currency

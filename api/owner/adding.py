"""One more piece for a loan that lives, once what secures it carries less than is owed: valued, bound by a code of its
owner's own, registered (journey 2, B8)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import by_code
from api.auth.by_code import Code
from api.auth.codes import CodeSent
from api.auth.limits import TRIES_BY_ACCOUNT, knock
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.lining import today_of
from api.problems import NotFound
from db import clocks, collateral, people
from lending.collateral import CollateralState, added
from lending.refusals import CollateralNotShort, NotInThisStage, Refusal


async def start(caller: Caller, collateral_id: UUID, key: str) -> CodeSent:
    """Send a code to one's own phone, good for this piece and for this sum only."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        bound, sum_minor, currency = await _bound(session, caller, collateral_id)
        phone = (await people.identity_of(session, tools.vault, person)).phone
    return await by_code.send(
        caller,
        phone,
        bound=bound,
        text="collateral",
        use="owner.start_adding",
        key=key,
        body={"collateral_id": collateral_id, "bound": bound},
        object_id=collateral_id,
        said={"amount_minor": sum_minor, "currency": currency},
    )


async def add(caller: Caller, collateral_id: UUID, code: str, key: str) -> Receipt:
    """Have it secure the loan. The code is used up in the transaction that writes the command."""
    tools, person = caller.tools, caller.person_id
    form = fields.Form()
    digits = form.take("code", fields.code, code, "")
    form.done()
    await knock(caller, "sign", (f"person:{person}", TRIES_BY_ACCOUNT))
    signed = Code(caller, digits)

    async def gate(session: AsyncSession) -> Refusal | None:
        bound, _, _ = await _bound(session, caller, collateral_id)
        return await signed.check(session, bound)

    order = Order(
        workflow_type="Collateral",
        workflow_id=clocks.workflow_of("collateral", collateral_id),
        update="add",
        object_kind="collateral",
        object_id=collateral_id,
        wire=signed.wire,
        start={"collateral_id": str(collateral_id), "clock_id": tools.settings.clock_id},
    )
    body = {"collateral_id": collateral_id, "code": digits}
    return await issue(
        caller, order, use="owner.add_collateral", key=key, body=body, store=signed.use, gate=gate, person=person
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

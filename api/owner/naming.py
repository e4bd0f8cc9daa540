"""Whom the money goes to: the owner, or a seller whom they name against invoices that they uploaded (P14)."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.hands import owners
from api.idempotency import perform, plain
from api.owner import consenting, uploading
from api.owner.applying import own_application
from api.problems import BadFields, FieldError
from api.views import PayeeView
from db import clocks, payees, reading
from db.tables import Application, NamedPayee
from lending.applications import Stage
from lending.consents import Purpose
from lending.refusals import ConsentMissing, NotInThisStage


@dataclass(frozen=True, slots=True)
class NewPayee:
    """A seller to be paid instead of the owner, against the invoices of a list that was uploaded."""

    name: str = field(repr=False)
    account_number: str = field(repr=False)
    bank: str | None
    file_id: UUID | None = None


async def name_payee(
    caller: Caller, application_id: UUID, said: NewPayee, key: str, *, listed: uploading.Upload | None = None
) -> Receipt:
    """Have a seller paid straight (受托支付), free, until it is signed; on a line, before a draw. The
    invoices must know exactly this name. ``listed``: a list of them that comes with the name and is read first.

    Raises :class:`ConsentMissing` for a list that its owner does not allow to be read.
    """
    tools, person = caller.tools, caller.person_id
    form = fields.Form()
    name = form.take("name", _name, said.name, "")
    number = form.take("account_number", fields.account, said.account_number, "")
    bank = form.take("bank", _bank, said.bank, "") if said.bank else ""
    form.done()
    payee_id = uuid4()
    taken = await _taken(caller, application_id, listed) if listed else None
    file_id = taken.file_id if taken else said.file_id
    start: Json = {"payee_id": str(payee_id)}
    if taken:
        start |= {"application_id": str(application_id), "file_id": str(taken.file_id)}

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        application = await own_application(session, application_id, person)
        _not_signed(application)
        if taken:
            await taken.keep(session)
        elif file_id is None or await payees.invoice_list(session, file_id, application_id) is None:
            raise BadFields(fields=(FieldError("file_id", "not_one_of_these"),))
        assert file_id is not None  # noqa: S101 (one of the two was there)
        now = await clocks.now(session, tools.settings.clock_id)
        await payees.name(
            session,
            tools.vault,
            payee_id=payee_id,
            application_id=application_id,
            person_id=person,
            name=name,
            number=number,
            bank=bank or None,
            file_id=file_id,
            now=now,
        )

    order = Order(
        workflow_type="Payee",
        workflow_id=clocks.workflow_of("payee", payee_id),
        update="name",
        object_kind="named_payee",
        object_id=payee_id,
        start=start,
    )
    return await issue(
        caller,
        order,
        use="owner.name_payee",
        key=key,
        body={"application_id": application_id, **plain(said), **({"sha256": taken.given} if taken else {})},
        store=store,
        person=person,
    )


async def may_read_invoices(caller: Caller) -> bool:
    """Whether the owner allows their invoices to be read."""
    texts = await consenting.everything(caller)
    return any(one.purpose == Purpose.INVOICES_ANALYSIS.value and one.given_at is not None for one in texts)


async def _taken(caller: Caller, application_id: UUID, listed: uploading.Upload) -> uploading.Taken:
    """A list of received invoices in the store; its row comes with the seller's."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        _not_signed(await own_application(session, application_id, caller.person_id))
    if not await may_read_invoices(caller):
        raise ConsentMissing(purpose=Purpose.INVOICES_ANALYSIS.value)
    hints: Json = {"side": "purchase"}
    return await uploading.taken_in(caller, application_id, listed, hand=owners(caller), holds="invoices", hints=hints)


async def drop_payee(caller: Caller, application_id: UUID, key: str) -> None:
    """Pay the owner themselves again."""
    person = caller.person_id

    async def act(session: AsyncSession) -> Json:
        _not_signed(await own_application(session, application_id, person))
        await payees.drop(session, application_id)
        return {}

    await perform(
        caller, "owner.drop_payee", key, {"application_id": application_id}, act, person=person,
        object_id=str(application_id),
    )  # fmt: skip


def _not_signed(application: Application) -> None:
    if application.stage not in (Stage.OFFERED, Stage.SIGNING, Stage.OPENED):
        raise NotInThisStage(stage=application.stage, step="payee")


async def named(caller: Caller, application_id: UUID) -> PayeeView | None:
    """Whom the owner named last, whatever the invoices say of them."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        row = await payees.newest(session, application_id)
        return await payee_view(session, caller, row) if row is not None else None


async def payee_view(session: AsyncSession, caller: Caller, row: NamedPayee) -> PayeeView:
    """A seller as its owner, or the desk, sees it."""
    name, _ = await payees.opened(session, caller.tools.vault, row)
    return PayeeView(row.id, name, row.masked, row.bank, row.file_id, row.state, row.covers_minor, "CNY")


async def invoice_lists(caller: Caller, application_id: UUID) -> tuple[UUID, ...]:
    """The lists of invoices that a seller can be paid against, the newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        await own_application(session, application_id, person)
        found = await reading.files(session, application_id)
    return tuple(row.id for row in reversed(found) if row.holds == "invoices" and row.state == "read")


def _name(value: str) -> str:
    return fields.line(value, longest=100, least=2)


def _bank(value: str) -> str:
    return fields.line(value, longest=60, least=2)

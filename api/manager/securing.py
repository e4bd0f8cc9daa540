"""Collateral at the manager's: what waits for somebody, and the value that a valuer found."""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.lining import today_of
from api.looking import look
from api.problems import NotFound
from api.securing import security, view
from api.views import CollateralView, SecurityView
from db import clocks, collateral, offline, people
from db.people import Erased
from db.tables import Application, Collateral, Task

VALUER_LONGEST, REFERENCE_LONGEST = 80, 60


@dataclass(frozen=True, slots=True)
class Figure:
    """What a valuer found: who, how much, the number of their report, on which day."""

    valuer: str = field(repr=False)
    value_minor: int
    reference: str = field(repr=False)
    valued_on: str


async def waiting(caller: Caller) -> tuple[CollateralView, ...]:
    """All that somebody of the lender has to do with, the most urgent first. Each look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple([await _seen(session, caller, row) for row in await collateral.under_way(session)])


async def one(caller: Caller, collateral_id: UUID) -> CollateralView:
    """One piece; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await collateral.one(session, collateral_id)
        if row is None:
            raise NotFound
        return await _seen(session, caller, row)


async def of_case(caller: Caller, application_id: UUID) -> SecurityView:
    """Everything that secures an application; the look is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        application = await session.get(Application, application_id)
        if application is None:
            raise NotFound
        await look(session, caller, application, "collateral")
        return await security(session, caller, application)


async def _seen(session: AsyncSession, caller: Caller, row: Collateral) -> CollateralView:
    application = await session.get_one(Application, row.application_id)
    await look(session, caller, application, "collateral")
    shown = await view(session, caller, row, await today_of(session, caller))
    try:
        who = await people.identity_of(session, caller.tools.vault, row.person_id)
        name = who.name or people.masked_phone(who.phone)
    except Erased:
        name = ""
    if row.task_id is not None and (task := await session.get(Task, row.task_id)) and task.state == "open":
        shown = replace(shown, due_at=offline.promised_at(task))  # what was promised, not until when it is kept open
    brought = None
    if shown.appraise and row.task_id is not None and name:
        brought = await collateral.brought_number(session, caller.tools.vault, row, row.task_id)
    return replace(shown, customer=name, number=application.number, reference=brought)


async def appraise(caller: Caller, collateral_id: UUID, said: Figure, key: str) -> Receipt:
    """Write down what a valuer found. Too far from the desktop model, another valuer is sent and both are kept (B4)."""
    form = fields.Form()
    valuer = form.take("valuer", lambda text: fields.line(text, longest=VALUER_LONGEST, least=2), said.valuer, "")
    number = form.take(
        "reference", lambda text: fields.line(text, longest=REFERENCE_LONGEST, least=3), said.reference, ""
    )
    if said.value_minor <= 0:
        form.refuse("value", "missing")
    try:
        day = date.fromisoformat(said.valued_on)
    except ValueError:
        day = date.min
        form.refuse("valued_on", "not_a_date")
    form.done()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if await collateral.one(session, collateral_id) is None:
            raise NotFound
        if day > await today_of(session, caller):
            late = fields.Form()
            late.refuse("valued_on", "in_the_future")
            late.done()

    detail: Json = {
        "valuer": valuer,
        "value_minor": said.value_minor,
        "reference": number,
        "valued_on": day.isoformat(),
        "by": caller.principal.actor,
    }
    order = Order(
        workflow_type="Collateral",
        workflow_id=clocks.workflow_of("collateral", collateral_id),
        update="appraise",
        object_kind="collateral",
        object_id=collateral_id,
        start={"collateral_id": str(collateral_id), "clock_id": caller.tools.settings.clock_id},
        detail=detail,
    )
    return await issue(
        caller,
        order,
        use="manager.appraise",
        key=key,
        body={"collateral_id": collateral_id, **detail},
        store=store,
        scope="staff",
        audited={"value_minor": said.value_minor, "reference": number},
    )

"""Conditions of a yes that are ours to meet, with their clocks: those of a manager's customers, the desk's (P34)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import conditions as terms
from api.caller import Caller
from api.looking import names
from api.phrases import phrase
from api.views import ClockCard, ConditionView, ProofChoice
from db import conditions, managing, offline
from db.tables import Application, LoanCondition
from infra import i18n
from lending.conditions import Owner
from lending.workbench import clock

AT_THE_DESK = "case.decide"


async def cards(session: AsyncSession, caller: Caller, now: datetime, whose: str) -> list[ClockCard]:
    """Those that somebody of ours has to meet. ``mine``: of one's own customers, of customers that are nobody's, and at
    the desk the desk's."""
    rows = [(row, of) for row, of in await conditions.open_everywhere(session) if row.owner != Owner.CUSTOMER.value]
    known = await managing.managers_of(session, [of.person_id for _, of in rows])
    found: list[ClockCard] = []
    for row, application in rows:
        desks = row.owner == Owner.DESK.value
        owner = None if desks else known.get(application.person_id)
        mine = caller.may(AT_THE_DESK) if desks else owner in (None, caller.staff_id)
        if whose == "all" or mine:
            name = await offline.name_of(session, owner)
            found.append(await _card(session, caller, row, application, now, owner=name, mine=mine))
    return found


async def of_customer(
    caller: Caller, application_id: UUID
) -> tuple[tuple[ConditionView, ...], tuple[ProofChoice, ...]]:
    """(what stands or stood before a customer's money, what can be shown as a proof of it)."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        stands = await terms.of_application(session, caller, application_id)
        return stands, await terms.proofs(session, caller, application_id) if stands else ()


async def _card(
    session: AsyncSession,
    caller: Caller,
    row: LoanCondition,
    application: Application,
    now: datetime,
    *,
    owner: str | None,
    mine: bool,
) -> ClockCard:
    stands = clock(row.asked_at, row.due_at, now)
    who = i18n.text(f"lending.condition_owner.{row.owner}", caller.locale)
    said = {"condition": row.kind, "words": row.words or "", "owner": who}
    return ClockCard(
        kind=f"condition_{row.owner}",
        id=row.id,
        application_id=application.id,
        number=application.number,
        customer=" · ".join(part for part in await names(session, caller, application) if part),
        why=phrase("api.clock.condition.words" if row.words else "api.clock.condition", caller.locale, said),
        created_at=row.asked_at,
        due_at=row.due_at,
        spent=stands.spent,
        burn=stands.burn.value,
        mine=mine,
        owner=owner if owner is not None else who,
        handed_from=None,
        slot_at=None,
    )

"""Which steps a case still has before its money, who acts in each, and by when, where somebody has promised it (X2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.views import Waiting
from db import collateral, conditions, desk, offline, reading, releases
from db.tables import Application, Task
from lending.ahead import Open, Way, ahead
from lending.applications import RULES, Stage
from lending.authority import COMMITTEE
from lending.collateral import CollateralState
from lending.conditions import Owner
from lending.release import promised

# Who acts in each step, as the page names them; a condition is its owner's.
WHO = {
    Way.VISIT: "manager",
    Way.VALUATION: "valuer",
    Way.COMMITTEE: "committee",
    Way.REGISTRATION: "register",
    Way.RELEASE: "second_person",
}
UNVALUED = frozenset({CollateralState.OFFERED, CollateralState.VALUING, CollateralState.SECOND})
BEFORE_A_DECISION = frozenset(
    {Stage.DRAFT, Stage.IDENTITY, Stage.CONSENT, Stage.EVIDENCE, Stage.DECIDING, Stage.REVIEW}
)
SIGNED = frozenset({Stage.PAYING})


@dataclass(frozen=True, slots=True)
class Due:
    """Who acts in a step, and what was promised; None: nothing yet."""

    who: str
    at: datetime | None


async def of_case(
    session: AsyncSession, caller: Caller, application: Application, now: Way | None = None
) -> tuple[Waiting | None, tuple[Waiting, ...]]:
    """(somebody outside whom a decision waits for, what comes next in order); ``now``: what money waits for already."""
    stage = Stage(application.stage)
    if not ahead(stage, Open()):
        return None, ()
    dues = await _open(session, caller, application, stage)
    usual = caller.tools.policies.managed.usual
    outside: Waiting | None = None
    if stage is Stage.REVIEW and (valued := dues.get(Way.VALUATION)) is not None and valued.at is not None:
        # Nobody says yes before the figure is there: until then it is not us whom the customer waits for (P33, B2).
        outside, now = Waiting(stage.value, valued.who, valued.at, Way.VALUATION.value), Way.VALUATION
    return outside, tuple(
        Waiting(one.value, dues[one].who, dues[one].at, usual_days=usual[one].days or 1)
        if isinstance(one, Way)
        else Waiting(one.value, RULES[one].actor.value, None)
        for one in ahead(stage, Open(frozenset(dues), now))
    )


async def _open(session: AsyncSession, caller: Caller, application: Application, stage: Stage) -> dict[Way, Due]:
    found: dict[Way, Due] = {}
    tools = caller.tools
    product = tools.policies.product(application.product_id)
    secured = product.secured_by is not None
    if stage in BEFORE_A_DECISION:
        found |= await _seen(session, caller, application)
        if secured:
            found |= await _valued(session, application)
        if await _above_all(session, caller, application, secured=secured):
            found[Way.COMMITTEE] = Due(WHO[Way.COMMITTEE], None)
    if stage in SIGNED:
        return found | await _before_money(session, application)
    if product.line is None and stage in RULES and RULES[stage].answer_within is not None:
        if secured:
            found[Way.REGISTRATION] = Due(WHO[Way.REGISTRATION], None)
        if open_ := await conditions.in_the_way(session, application.id):
            found[Way.CONDITIONS] = Due(whose([one.owner for one in open_]), max(one.due_at for one in open_))
        if promised(application.amount_minor, tools.policies.release).tier.second_person:
            found[Way.RELEASE] = Due(WHO[Way.RELEASE], None)
    return found


async def _seen(session: AsyncSession, caller: Caller, application: Application) -> dict[Way, Due]:
    """A visit that the rules ask for and nobody has made, with what its customer was told."""
    asked = {one.id for one in caller.tools.policies.offline.asked_of(application.product_id, application.amount_minor)}
    tasks = await offline.of_application(session, application.id)
    open_ = [one for one in tasks if one.kind == Way.VISIT.value and one.state == "open"]
    done = await offline.done_kinds(session, application.id)
    if not open_ and (Way.VISIT.value not in asked or Way.VISIT.value in done):
        return {}
    return {Way.VISIT: Due(WHO[Way.VISIT], _promised(open_))}


async def _valued(session: AsyncSession, application: Application) -> dict[Way, Due]:
    """Pieces that nobody has valued, or none offered yet."""
    pieces = await collateral.held(session, application.id)
    waits = [one for one in pieces if CollateralState(one.state) in UNVALUED]
    if pieces and not waits:
        return {}
    tasks = [one for one in await offline.of_application(session, application.id) if one.kind == Way.VALUATION.value]
    return {Way.VALUATION: Due(WHO[Way.VALUATION], _promised([one for one in tasks if one.state == "open"]))}


def _promised(tasks: Sequence[Task]) -> datetime | None:
    return max((offline.promised_at(one) for one in tasks), default=None)


async def _above_all(session: AsyncSession, caller: Caller, application: Application, *, secured: bool) -> bool:
    """Whether no single person may say yes to so much, or it went up to the committee already."""
    row = await desk.open_case(session, application.id)
    if row is not None and row.state == "open" and row.role == COMMITTEE:
        return True
    limits = [row.limit_minor(secured=secured) for row in caller.tools.policies.authority.rows if row.role != COMMITTEE]
    return all(limit is not None and application.amount_minor > limit for limit in limits)


async def _before_money(session: AsyncSession, application: Application) -> dict[Way, Due]:
    """What a signed payout waits for that is not done."""
    found: dict[Way, Due] = {}
    pieces = collateral.contracted(await collateral.held(session, application.id))
    waits = [one for one in pieces if one.state != CollateralState.REGISTERED.value]
    if waits:
        found[Way.REGISTRATION] = Due(
            WHO[Way.REGISTRATION], max((one.register_by for one in waits if one.register_by), default=None)
        )
    if open_ := await conditions.in_the_way(session, application.id):
        found[Way.CONDITIONS] = Due(whose([one.owner for one in open_]), max(one.due_at for one in open_))
    paid = await reading.payout_of(session, application.id)
    awaited = await releases.release_of(session, paid[0].id) if paid and paid[0].state == "scheduled" else None
    if awaited is not None and awaited.state in ("waiting", "held_back"):
        found[Way.RELEASE] = Due(WHO[Way.RELEASE], awaited.due_at)
    return found


def whose(owners: list[str]) -> str:
    """The customer's, as soon as one is: they can do something."""
    return "owner" if Owner.CUSTOMER.value in owners else "manager"

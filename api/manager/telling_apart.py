"""Two things whose numbers are one character apart: a person says why they are two, and is named with it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look
from api.manager import holding
from api.phrases import phrase
from api.problems import NotFound
from db import clocks, collateral, doors, people
from db.tables import Application, Collateral
from lending.collateral import HOLDS, CollateralState
from lending.refusals_at_desk import AnotherTakesIt, ThingStands

WORDS_LONGEST = 500
COMPARED_LEAST = 6  # what was compared, not only "fine"


async def told(session: AsyncSession, caller: Caller, row: Collateral) -> Json:
    """What a page of the lender says of it: which thing is like it, what was said of the two, and whether whoever looks
    may say something."""
    other = await collateral.like(session, row) if CollateralState(row.state) in HOLDS else None
    if other is None:
        return {}
    application = await session.get_one(Application, other.application_id)
    which = "claimed" if other.title_key == row.title_key else "thing"
    like = phrase(f"api.like.{which}", caller.locale, {"number": application.number, "piece": other.kind})
    if row.apart_sealed is None:
        may = await holding.of_the_pair_or_leads(session, caller, row.application_id)
        return {"like": like, "may_apart": may}
    key = await people.key_of(session, caller.tools.vault, row.person_id)
    words = caller.tools.vault.open(key, collateral.APART, row.id, row.apart_sealed)
    names = await doors.staff_names(session)
    return {"like": like, "apart": words, "apart_by": names.get(row.apart_by or "", row.apart_by or "")}


async def tell(caller: Caller, collateral_id: UUID, *, reason: str, key: str) -> None:
    """Say why they are two, once: for a lead, or one of the two who look into the case."""
    form = fields.Form()
    said = form.take("reason", lambda text: fields.line(text, longest=WORDS_LONGEST, least=COMPARED_LEAST), reason, "")
    form.done()
    tools = caller.tools

    async def act(session: AsyncSession) -> Json:
        row = await collateral.one(session, collateral_id, locked=True)
        if row is None:
            raise NotFound
        if not await holding.of_the_pair_or_leads(session, caller, row.application_id):
            raise AnotherTakesIt
        other = await collateral.like(session, row)
        if other is None or row.apart_at is not None or CollateralState(row.state) not in HOLDS:
            raise ThingStands
        for application_id in (row.application_id, other.application_id):
            await look(session, caller, await session.get_one(Application, application_id), "collateral")
        sealing = await people.key_of(session, tools.vault, row.person_id)
        now = await clocks.now(session, tools.settings.clock_id)
        row.apart_sealed = tools.vault.seal(sealing, collateral.APART, row.id, said)
        row.apart_by, row.apart_at = caller.principal.actor, now
        await session.flush()
        await noted(session, caller, "collateral.apart", "collateral", str(row.id), {"like": str(other.id)})
        return {}

    body = {"collateral_id": collateral_id, "reason": said}
    await perform(caller, "collateral.apart", key, body, act, scope="staff", object_id=str(collateral_id))

"""A photo that cannot show by itself where and when it was taken (a basement, an address that no map has right):
another person looks at it and takes it as evidence, by name and with why."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import doubting, fields
from api.auditing import noted
from api.caller import Caller
from api.idempotency import Json, perform
from api.looking import look
from api.manager import holding
from api.manager.offline import WORDS_LONGEST, case, task_of
from api.manager.on_the_spot import task_of_thing
from api.problems import NotFound
from api.views import OfflineCase
from db import audits, clocks, offline, on_the_spot, people
from lending.refusals import ReviewClosed
from lending.refusals_at_desk import AnotherTakesIt, PictureNotOpened, PictureStands


async def vouch(caller: Caller, evidence_id: UUID, *, reason: str, key: str) -> OfflineCase:
    """Take a photo as evidence, once; only whoever opened it does, and never who brought it, by whichever login."""
    form = fields.Form()
    said = form.take("reason", lambda text: fields.line(text, longest=WORDS_LONGEST, least=4), reason, "")
    form.done()
    tools, task_id = caller.tools, await task_of_thing(caller, evidence_id)

    async def act(session: AsyncSession) -> Json:
        task, application = await task_of(session, caller, task_id)
        row = await offline.evidence(session, evidence_id, locked=True)
        if row is None:
            raise NotFound
        if task.state != "open":
            raise ReviewClosed
        await look(session, caller, application, "visit")
        rows = await offline.evidence_of(session, task_id)
        doubt = (await doubting.of_task(session, caller, task, rows)).get(row.id, doubting.NONE)
        if not await holding.may_vouch(session, caller, task, row, elsewhere=doubt.elsewhere):
            raise AnotherTakesIt
        if not doubt.another:
            raise PictureStands
        if not await audits.opened_by(session, str(evidence_id), caller.principal.actor):
            raise PictureNotOpened
        sealing = await people.key_of(session, tools.vault, row.person_id)
        now = await clocks.now(session, tools.settings.clock_id)
        row.vouched_sealed = tools.vault.seal(sealing, on_the_spot.VOUCHED, row.id, said)
        row.vouched_by = caller.principal.actor
        row.vouched_at = now
        await session.flush()
        await noted(session, caller, "offline.vouch", "task_evidence", str(row.id), {"task": str(task_id)})
        return {}

    body = {"evidence_id": evidence_id, "reason": said}
    await perform(caller, "offline.vouch", key, body, act, scope="staff", object_id=str(evidence_id))
    return await case(caller, task_id)

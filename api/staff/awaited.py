"""Votes that are awaited: who has not spoken is not cut off where they could turn the outcome."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import case_fields, committee
from db.tables import Application, CommitteeSitting
from lending.case_changes import case_hash
from lending.committee import may_be_turned
from lending.refusals_at_desk import VotesAwaited


async def nobody_is_cut_off(session: AsyncSession, caller: Caller, row: CommitteeSitting) -> None:
    """Before its time a vote ends only where who has not spoken could turn nothing: :class:`VotesAwaited`."""
    rules = committee.rules_of(row, caller.tools.policies.committee)
    for item in await committee.items_of(session, row.id):
        if item.state != committee.OPEN:
            continue
        application = await session.get_one(Application, item.application_id)
        now_is = case_hash(await case_fields.fields_of(session, application))
        votes = committee.as_rule(await committee.votes_on(session, item.id))
        missing = may_be_turned(votes, row.members, chair=row.chair, case_hash=now_is, rules=rules)
        if missing:
            raise VotesAwaited(missing=len(missing), until_at=row.due_at.isoformat())

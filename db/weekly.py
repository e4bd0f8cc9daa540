"""What a week of debits took, for the one message that tells of it (lending practice P26)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lending.identifiers import derived_id

A_TIME = 500
A_WEEK = timedelta(days=7)


class Week(NamedTuple):
    """One loan's week; minor units. ``asked``: by the debits of its seven days; ``left``: principal after its last."""

    loan_id: UUID
    person_id: UUID
    application_id: UUID
    currency: str
    net_minor: int
    asked_minor: int
    taken_minor: int
    left_minor: int


def letter_of(loan_id: UUID, first_on: date) -> UUID:
    """The id of the letter about a loan's week."""
    return derived_id("notice", _cause(loan_id, first_on))


def _cause(loan_id: UUID, first_on: date) -> str:
    return f"week/{loan_id}/{first_on.isoformat()}"


# The id is derived in SQL as in ``derived_id``, so that what was told is left out before anything is summed.
UNTOLD = """
select l.id, l.person_id, l.application_id, l.currency, sum(c.net_revenue_minor)::bigint, sum(c.amount_minor)::bigint,
       sum(c.received_minor)::bigint, b.principal_minor
from collection c
join loan l on l.id = c.loan_id
join loan_balance b on b.loan_id = l.id
where c.close_on between :first and :last and l.jurisdiction = :jurisdiction and l.state = 'live' and b.as_of >= :last
  and coalesce((l.plan->>'reminder_hour')::int, 0) <= :hour
  and not exists (
      select 1 from notice n where n.id = encode(substr(sha256(convert_to(
          'notice' || chr(31) || 'week/' || l.id || '/' || :named, 'UTF8')), 1, 16), 'hex')::uuid
  )
group by l.id, b.loan_id
having bool_and(c.state <> 'instructed')
order by l.id
limit :limit
"""


async def untold(session: AsyncSession, jurisdiction: str, first_on: date, hour: int) -> Sequence[Week]:
    """Live loans that were debited for the seven days from ``first_on`` and whose owner was not told of them yet.

    A week whose last debit has no answer waits for it. Whoever chose an hour for their letters is not told before
    ``hour``, the hour of the owner's zone, is that on any of the days on which a week is news.
    """
    values = {
        "hour": hour,
        "first": first_on,
        "last": first_on + A_WEEK - timedelta(days=1),
        "named": first_on.isoformat(),
    }
    rows = await session.execute(text(UNTOLD), {**values, "jurisdiction": jurisdiction, "limit": A_TIME})
    return [Week(*row) for row in rows]

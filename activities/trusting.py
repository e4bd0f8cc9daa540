"""The nightly look at trust: whoever's book moved is read again, and a level that changed is written down."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import trust
from infra.telemetry import counter
from lending.calendars import Jurisdiction
from lending.trust import TrustPolicy, trusted

changed_counter = counter("trust_changes", "Changes of trust levels, by reason", ("why",))


class TrustWatch:
    """Looks at the people of a jurisdiction for a business day that is closed. Missed nights lose nothing: a change has
    the day on which the book made it, not the night that saw it."""

    def __init__(self, policy: TrustPolicy, jurisdiction: Jurisdiction) -> None:
        self._policy = policy
        self._jurisdiction = jurisdiction

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """Standings and changes into their tables; how many people were looked at, how many levels changed."""
        people = await trust.to_look_at(session, self._jurisdiction.value, on)
        changes = 0
        for start in range(0, len(people), trust.A_TIME):
            books = await trust.books_of(session, people[start : start + trust.A_TIME])
            for person, book in books.items():
                found = trusted(book.loans, book.lateness, on, self._policy)
                if found is None:
                    continue
                for change in await trust.keep(session, person, found, on, at):
                    changed_counter.labels(change.why.value).inc()
                    changes += 1
        return {"people": len(people), "changes": changes}

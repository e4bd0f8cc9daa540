"""The nightly look at trust: whoever's book moved is read again, and a level that changed is written down."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import coupons, nudges, trust
from infra.telemetry import counter
from lending.calendars import Jurisdiction
from lending.coupons import CouponKind
from lending.nudges import Nudge
from lending.trust import ROSE, Change, TrustPolicy, Why, trusted

changed_counter = counter("trust_changes", "Changes of trust levels, by reason", ("why",))


class TrustWatch:
    """Looks at the people of a jurisdiction for a business day that is closed. Missed nights lose nothing: a change has
    the day on which the book made it, not the night that saw it."""

    def __init__(self, policy: TrustPolicy, coupons: Mapping[str, CouponKind], jurisdiction: Jurisdiction) -> None:
        self._policy = policy
        self._coupons = coupons
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
                    await self._give(session, person, change, on, at)
                    await self._tell(session, person, change, at)
        return {"people": len(people), "changes": changes}

    async def _give(self, session: AsyncSession, person: UUID, change: Change, on: date, at: datetime) -> None:
        """The coupon of a level that was reached, once for each time that it is."""
        name = self._policy.benefits(change.level).coupon
        if change.why not in ROSE or name is None:
            return
        kind = self._coupons[name]
        cause = f"{person}/{change.level}/{change.on.isoformat()}"
        await coupons.give(session, person, kind, cause=cause, until=on + timedelta(days=kind.valid_days), at=at)

    async def _tell(self, session: AsyncSession, person: UUID, change: Change, at: datetime) -> None:
        """A level that rose may be told; whether it is, the rule against nagging says."""
        if change.why not in ROSE:
            return
        about = Nudge.MAY_BORROW_AGAIN if change.why is Why.REPAID else Nudge.LEVEL_ROSE
        cause = f"{person}/{change.level}/{change.on.isoformat()}"
        await nudges.ask(session, person, about, {"level": change.level}, cause=cause, at=at)

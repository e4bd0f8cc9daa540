"""The nightly look at what ends: each owner is asked once, sixty days before, with what stands in the way (P27)."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import applications, endings
from infra.telemetry import counter
from lending.calendars import Jurisdiction, business_date, midnight_after
from lending.identifiers import derived_id
from lending.maturity import answer_by

asked_counter = counter("loan_ends_asked", "Owners who were asked what they want at the end of a loan", ())


class EndWatch:
    """Opens the end of every loan that is near it."""

    def __init__(self, jurisdiction: Jurisdiction) -> None:
        self._jurisdiction = jurisdiction

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """How many were asked. ``on`` is the day that was closed: who is asked is a matter of the day that runs."""
        asked, today = 0, max(on + timedelta(days=1), business_date(at, self._jurisdiction))
        while found := await endings.to_open(session, today):
            for loan in found:
                if loan.matures_on is None:
                    continue
                due_at = midnight_after(max(answer_by(loan.matures_on), today), self._jurisdiction)
                if not await endings.open_end(session, loan, at=at, answer_due_at=due_at):
                    continue
                asked += 1
                asked_counter.inc()
                await applications.notify_person(
                    session,
                    notice_id=derived_id("notice", f"{loan.id}/end_asked"),
                    person_id=loan.person_id,
                    application_id=loan.application_id,
                    kind="end_asked",
                    params={"ends_on": loan.matures_on.isoformat(), "until": answer_by(loan.matures_on).isoformat()},
                    at=at,
                )
        return {"asked": asked}

"""The clock of a wish at the end of a loan: asked again, the desk reminded, a missed promise handed to a lead (P27)."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import alarms, applications, clocks, endings
from db.tables import LoanEnd
from lending.calendars import Jurisdiction
from lending.identifiers import derived_id
from lending.maturity import ANSWER_BEFORE, ASKED_BEFORE, LATE_FOR, Verdict, Wish, reminded_at
from lending.quiet_hours import is_quiet

if TYPE_CHECKING:
    from worker.wiring import Wired

# Who has not said anything is asked once more, ten days before nobody could answer in time.
AGAIN_AFTER = ASKED_BEFORE - ANSWER_BEFORE - timedelta(days=10)


class EndClock:
    """One look at all wishes each round, on the business clock."""

    def __init__(self, wired: "Wired", quiet: tuple[time, time]) -> None:
        self._sessions = wired.sessions
        self._clock_id = wired.settings.clock_id
        self._jurisdiction = Jurisdiction(wired.settings.jurisdiction)
        self._quiet = quiet

    async def round(self) -> bool:
        """Take answers that were decided elsewhere, remind, escalate; ask again by day."""
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._clock_id)
            for row in await endings.waiting(session, lock=True):
                await self._look(session, row, now)
            if not is_quiet(now, self._quiet, self._jurisdiction):
                for row in await endings.silent(session, now - AGAIN_AFTER):
                    row.asked_again_at = now
                    until = (row.matures_on - ANSWER_BEFORE).isoformat()
                    params = {"ends_on": row.matures_on.isoformat(), "until": until}
                    await self._tell(session, row, "end_asked_again", params, now)
        return False

    async def _look(self, session: AsyncSession, row: LoanEnd, now: datetime) -> None:
        if row.wish == Wish.RENEW.value and (made := await endings.decided(session, row.loan_id)) is not None:
            # The new loan's own decision is the answer, and its owner was told of it there.
            yes = made.outcome == "approve"
            row.verdict = (Verdict.RENEW if yes else Verdict.NONE).value
            row.reason, row.answered_by, row.answered_at = "" if yes else "declined", "decision", made.decided_at
            return
        if row.escalated_at is None and now >= row.answer_due_at:
            again = now + LATE_FOR
            row.escalated_at, row.promised_at = now, again
            await self._ring(session, row, "loan_end_late", now)
            await self._tell(session, row, "end_late", {"due_at": again.isoformat()}, now)
        elif row.reminded_at is None and row.wished_at and now >= reminded_at(row.wished_at, row.answer_due_at):
            row.reminded_at = now
            await self._ring(session, row, "loan_end_waits", now)

    async def _ring(self, session: AsyncSession, row: LoanEnd, kind: str, now: datetime) -> None:
        detail = {"due_at": row.answer_due_at.isoformat()}
        await alarms.raise_alarm(
            session, kind=kind, object_kind="loan", object_id=str(row.loan_id), detail=detail, at=now
        )

    async def _tell(
        self, session: AsyncSession, row: LoanEnd, kind: str, params: dict[str, str], now: datetime
    ) -> None:
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", f"{row.loan_id}/{kind}"),
            person_id=row.person_id,
            application_id=None,
            kind=kind,
            params=dict(params),
            at=now,
        )

"""Reminds, by day: of drafts that were left, rarely and never those who said no, of conditions that are nearly due, and
of loans that are slower than their least progress; and says that we are late before anybody has to ask.

Drafts that nobody wants are forgotten.
"""

from datetime import datetime, time, timezone
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import applications, clocks, conditions, drafts, handing_up, offline, our_clock, permissions, plans
from db.tables import Application, Task
from infra.telemetry import counter
from lending.applications import Stage
from lending.calendars import Jurisdiction, business_date
from lending.consents import Purpose
from lending.drafts import KEPT_FOR, reminds
from lending.identifiers import derived_id
from lending.minimum_path import NOTICE
from lending.quiet_hours import is_quiet

# Letters that announce what is taken from the agreed account.
SPEAK_OF_A_DEBIT = frozenset({"instalment_due", "path_debit"})

if TYPE_CHECKING:
    from worker.wiring import Wired

reminded = counter("drafts_reminded", "Reminders of drafts and of conditions, and drafts forgotten", ("what",))


class Reminder:
    """One look at all drafts and conditions each round, on the business clock."""

    def __init__(self, wired: "Wired", quiet: tuple[time, time]) -> None:
        self._sessions = wired.sessions
        self._storage = wired.storage
        self._clock_id = wired.settings.clock_id
        self._jurisdiction = Jurisdiction(wired.settings.jurisdiction)
        self._quiet = quiet
        self._outside = frozenset(kind.id for kind in wired.book.offline.kinds if kind.outside)

    async def round(self) -> bool:
        """Forget what is too old; remind of the rest where it is time. Several processes share the rows."""
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._clock_id)
            reminded.labels("forgotten").inc(await drafts.forget_old(session, self._storage, now, KEPT_FOR))
            # A time that slips is told at any hour: until it is, nobody knows by when.
            await self._promises(session, now)
            if is_quiet(now, self._quiet, self._jurisdiction):
                return False
            for row in await drafts.waiting(session, now):
                due = reminds(
                    now,
                    changed_at=row.changed_at,
                    reminded=row.reminded,
                    reminded_at=row.reminded_at,
                    wanted=row.reminders_wanted,
                )
                if not due:
                    continue
                await applications.notify_person(
                    session,
                    notice_id=derived_id("notice", f"{row.id}/{row.version}/{row.reminded}/draft_waiting"),
                    person_id=row.person_id,
                    application_id=None,
                    kind="draft_waiting",
                    params={"begun_on": row.begun_at.date().isoformat()},
                    at=now,
                )
                row.reminded, row.reminded_at = row.reminded + 1, now
                reminded.labels("reminded").inc()
            await self._conditions(session, now)
            await self._slow(session, now)
        return False

    async def _slow(self, session: AsyncSession, now: datetime) -> None:
        """Of progress slower than the minimum path (journey E5): what is short, until when, and what can be chosen."""
        local = now.astimezone(timezone(self._jurisdiction.utc_offset))
        for row in await plans.untold(session, local.hour, local.date()):
            row.told_at = now
            found = await plans.application_of(session, row.loan_id)
            if found is None or business_date(now, self._jurisdiction) > row.due_on:
                continue
            application_id, currency, by_dates = found
            kind = "instalment_due" if by_dates else f"path_{row.kind}"
            if kind in SPEAK_OF_A_DEBIT and await permissions.ended(
                session, Purpose.SHARING.value, {row.person_id}, now
            ):
                kind = "due_by_hand"  # the bank is told nothing any more: a letter of a debit would be untrue
            elif kind in SPEAK_OF_A_DEBIT and local.date() > row.due_on - NOTICE:
                kind = "due_told_late"  # too late for a debit: whoever does not hear that would be late without a fault
            await applications.notify_person(
                session,
                notice_id=plans.notice_of(row.loan_id, row.number, row.kind, row.due_on),
                person_id=row.person_id,
                application_id=application_id,
                kind=kind,
                params={
                    "due_on": row.due_on.isoformat(),
                    "short_minor": row.short_minor,
                    "most_minor": row.most_minor,
                    "currency": currency,
                },
                at=now,
            )
            reminded.labels("path").inc()

    async def _promises(self, session: AsyncSession, now: datetime) -> None:
        """We are late with an answer: its customer is told so with a new time, once for each time that slips, and the
        lead has it. While somebody outside has the case our time stands, and nothing slips."""
        for task, application in await our_clock.broken(session, now):
            slipped = application.due_at
            if await our_clock.move(session, task, application, self._outside, now):
                continue
            if application.due_at is not None and application.due_at > now:
                continue  # somebody outside had it: our own time goes on from when they were done
            who, again = await handing_up.hand_up(session, task, now)
            application.due_at = again
            said = {"due_at": again.isoformat(), **({"who": who} if who else {})}
            await self._late(session, task, application, "review_late", slipped, said, now)
        for task, application in await our_clock.slipped_outside(session, now):
            slipped = offline.promised_at(task)
            who, again = await handing_up.hand_up(session, task, now)
            said = {"due_at": again.isoformat(), "offline_kind": task.kind, **({"who": who} if who else {})}
            if (
                offline.decides(task)
                and application.stage == Stage.REVIEW.value
                and application.due_at is not None
                and application.due_at <= now
            ):
                application.due_at = again
            await self._late(session, task, application, "offline_late", slipped, said, now)

    async def _late(
        self,
        session: AsyncSession,
        task: Task,
        application: Application,
        kind: str,
        slipped: datetime | None,
        said: dict[str, str],
        now: datetime,
    ) -> None:
        """Told in the story and by a message, once for each time that slipped."""
        cause = f"{task.id}/{slipped}/{kind}"
        await applications.tell(
            session,
            application,
            event_id=derived_id("timeline", cause),
            kind=kind,
            actor="system",
            at=now,
            params=said,
        )
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", cause),
            person_id=application.person_id,
            application_id=application.id,
            kind=kind,
            params=said,
            at=now,
        )
        reminded.labels("late").inc()

    async def _conditions(self, session: AsyncSession, now: datetime) -> None:
        """A customer's conditions (放款条件) with a quarter of their time left; what is not met undoes the payout."""
        for row in await conditions.nearly_due(session, now):
            await applications.notify_person(
                session,
                notice_id=derived_id("notice", f"{row.id}/condition_due"),
                person_id=row.person_id,
                application_id=row.application_id,
                kind="condition_due",
                params={"condition": row.kind, "due_at": row.due_at.isoformat()},
                at=now,
            )
            row.reminded_at = now
            reminded.labels("condition").inc()

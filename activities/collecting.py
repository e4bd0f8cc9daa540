"""Loans past due: the night opens a case, each morning looks at it and takes the one step whose day has come."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.ports import collecting as port
from activities.ports.collecting import CaseStanding, CollectionLook
from activities.steps import Steps
from db import applications, audits, clocks, collecting, commands
from db import relief as reliefs
from db.collecting import Open
from infra.telemetry import counter
from lending.calendars import Jurisdiction, business_date
from lending.collecting import CaseEnd, Does, Step, assign, next_step
from lending.contact_policy import Channel, Purpose
from lending.identifiers import derived_id
from policies.book import PolicyBook

taken_counter = counter("collection_steps", "Steps of collections by segment and name", ("segment", "step"))
# After the close of the day before and before shops open; a message waits at the sender for its own hours anyway.
LOOKS_AT = time(8, 30)
# A person calls on the next working day at the latest.
CALL_WITHIN = timedelta(days=1)


CALL_FIRST = Step("help_call", 0, Does.CALL, Purpose.REMINDER, Channel.CALL, "late_help_call", True)


class Collecting(port.Collecting):
    """Looks at one case a morning."""

    def __init__(self, steps: Steps, book: PolicyBook, jurisdiction: Jurisdiction) -> None:
        self._steps = steps
        self._book = book  # turned while this runs, so that nothing of it is copied
        self._jurisdiction = jurisdiction

    @activity.defn
    async def look_at_case(self, look: CollectionLook) -> CaseStanding:
        """One transaction; run again, it finds what it did and does nothing twice."""
        workflow_id = clocks.workflow_of("case", look.case_id)
        async with self._steps.sessions.begin() as session:
            found = await collecting.case(session, look.case_id, lock=True)
            if found is None or found.row.ended is not None:
                await clocks.forget(session, workflow_id)
                return CaseStanding(ended=found.row.ended if found and found.row.ended else "gone")
            reading = await clocks.read(session, self._steps.clock_id)
            now, today = reading.now, business_date(reading.now, self._jurisdiction)
            over = _over(found)
            if over is not None:
                await collecting.end(session, found, over, today, now)
                await clocks.forget(session, workflow_id)
                return CaseStanding(ended=over.value)
            await self._one_day(session, found, today, now)
            next_at = _morning_after(today, self._jurisdiction)
            found.row.next_at = next_at
            await clocks.note_wait(session, self._steps.clock_id, workflow_id, next_at)
            return CaseStanding(next_at=next_at, seconds=reading.seconds_until(next_at))

    async def _one_day(self, session: AsyncSession, found: Open, today: date, now: datetime) -> None:
        rules = self._book.collections
        promise = await collecting.settle_promise(session, found, today, now)
        late = await collecting.late(session, found, today, now)
        made = assign(late, rules.thresholds)
        treatment = rules.treatments[made.segment]
        await collecting.assign(session, found, made, treatment.version, late, now)
        # Who promised is left alone until it is over; who has paid since the close is cured by the next one.
        if (promise is not None and promise.state == "open") or not found.past_due_minor:
            return
        taken = await collecting.taken(session, found.row)
        step = next_step(treatment, late.days_past_due, taken)
        if await reliefs.broken(session, found.loan.id, found.row.since):
            # F5: a person calls before anything else is done, and until they did nothing else is.
            if CALL_FIRST.name not in taken:
                step = CALL_FIRST
            elif await collecting.waits(session, found.row, CALL_FIRST.name):
                return
        if step is None:
            return
        by_person = step.does is not Does.LETTER
        await collecting.take(
            session,
            found,
            step,
            version=treatment.version,
            days=late.days_past_due,
            at=now,
            due_at=now + CALL_WITHIN if by_person else None,
        )
        taken_counter.labels(made.segment.value, step.name).inc()
        if not by_person:
            await applications.notify_person(
                session,
                notice_id=derived_id("notice", f"{found.row.id}/{step.name}"),
                person_id=found.row.person_id,
                application_id=found.loan.application_id,
                kind=step.kind,
                params=_said(found, late.days_past_due),
                at=now,
            )


class LatenessWatch:
    """The night's part: whoever is past due and has no case gets one, and its story begins."""

    def __init__(self, clock_id: str) -> None:
        self._clock_id = clock_id

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """Rows and the commands that start their stories commit together: neither is there without the other."""
        opened, over = 0, await reliefs.watched(session, on, at)
        for row, application in over:
            await applications.notify_person(
                session,
                notice_id=derived_id("notice", f"{row.id}/relief_{row.state}"),
                person_id=row.person_id,
                application_id=application.id,
                kind=f"relief_{row.state}",
                params={"number": application.number},
                at=at,
            )
            await audits.append(
                session,
                actor="system:night",
                action=f"relief.{row.state}",
                object_kind="loan",
                object_id=str(row.loan_id),
                detail={},
                request_id="",
            )
        while rows := await collecting.to_open(session):
            for loan, balance in rows:
                await self._begin(session, await collecting.open_case(session, loan, balance, on, at))
                opened += 1
        return {"opened": opened}

    async def _begin(self, session: AsyncSession, case_id: UUID) -> None:
        wall = datetime.now(UTC)
        command_id = uuid4()
        await commands.add_command(
            session,
            command_id=command_id,
            workflow_type="CollectionCase",
            workflow_id=clocks.workflow_of("case", case_id),
            name="open_case",
            argument={"command_id": str(command_id)},
            detail=None,
            start={"case_id": str(case_id), "clock_id": self._clock_id},
            principal="system:night",
            now=wall,
            next_attempt_at=wall,
        )


def _over(found: Open) -> CaseEnd | None:
    if found.loan.state == "closed":
        return CaseEnd.PAID
    return CaseEnd.CURED if found.balance.past_due_since is None else None


def _said(found: Open, days: int) -> dict[str, Any]:
    return {
        "number": found.number,
        "days": days,
        "past_due_minor": found.past_due_minor,
        "currency": found.loan.currency,
    }


def _morning_after(today: date, jurisdiction: Jurisdiction) -> datetime:
    local = datetime.combine(today + timedelta(days=1), LOOKS_AT, timezone(jurisdiction.utc_offset))
    return local.astimezone(UTC)

"""What stands between a payout and the rail: its hour, its owner's word, its conditions, and a second person of ours.

Looked at in the transaction that sends the money, so that a hold or a void approval stops it at that very instant.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from activities.ports.payouts import CalledBack, PayoutState
from activities.steps import Step
from db import (
    applications,
    clocks,
    collateral,
    conditions,
    holds,
    lines,
    on_the_spot,
    receivables,
    releases,
    valuer_reports,
)
from db.tables import Application, Loan, MoneyHold, Payout, PayoutRelease
from lending.calendars import BusinessCalendar, Jurisdiction, business_date
from lending.collateral import Waits, in_the_way
from lending.identifiers import derived_id
from lending.receivables import shortfall
from policies.book import PolicyBook

log = structlog.get_logger()
# A payout that its collateral's story should have woken looks by itself.
LOOK_AFTER = timedelta(days=1)
# What a note says while a payout waits for people.
WAITS = frozenset({"held", "unsecured", "conditions", "unreleased"})


class Gate:
    """Says of a payout whether it may leave now, and if not, why and until when."""

    def __init__(self, book: PolicyBook, jurisdiction: str) -> None:
        self._holding = book.holds
        self._book = book
        self._jurisdiction = Jurisdiction(jurisdiction)

    @property
    def calendar(self) -> BusinessCalendar:
        """The business days on which what is lent falls due."""
        return self._book.calendars[self._jurisdiction.value]

    async def look(self, step: Step, payout: Payout, loan: Loan) -> PayoutState | None:
        """None: it may leave. Else where it stands: it waits for a person or its hour, or it was undone."""
        release = await releases.release_of(step.session, payout.id, locked=True)
        if await releases.approved(step.session, loan, payout) != payout.approval_hash:
            return await self._differs(step, payout, release)
        held = await holds.open_of(step.session, payout.person_id, locked=True)
        if held is not None:
            return await self._held(step, payout, held)
        unsecured = await self._unsecured(step, payout, loan, release)
        if unsecured is not None:
            return unsecured
        if step.now < payout.pay_at:
            return await _stays(step, payout, "early", payout.pay_at)
        if (waits := await self._conditions(step, payout)) is not None:
            return waits
        if await self._above_base(step, payout):
            return _undone(payout, "above_base")
        if release is not None and release.state != "released":
            return await self._unreleased(step, payout, release)
        return None

    async def _differs(self, step: Step, payout: Payout, release: PayoutRelease | None) -> PayoutState:
        log.error("payout_differs_from_approval", payout_id=str(payout.id))
        if release is not None:
            release.state, release.checker = "void", None
            await step.tell("release_void")
        return _undone(payout, "differs_from_approval")

    async def _held(self, step: Step, payout: Payout, held: MoneyHold) -> PayoutState:
        """Until the owner has answered, or the person who calls them has."""
        if held.state == "asked" and step.now >= held.due_at:
            task_id = derived_id("task", f"hold/{held.id}")
            due_at = step.now + self._holding.call_back_within
            await holds.have_called(step.session, held, task_id=task_id, now=step.now, due_at=due_at)
            await step.tell("payout_call_back", due_at=due_at.isoformat())
        _note(step, "held")
        if held.state == "blocked":
            return PayoutState(state=payout.state, reason="held", task_id=held.task_id)
        return await _stays(step, payout, "held", held.due_at)

    async def _unsecured(
        self, step: Step, payout: Payout, loan: Loan, release: PayoutRelease | None
    ) -> PayoutState | None:
        """Every piece that the contract names is registered and was searched for just now, and no number copied on the
        spot is another one's without a word for it, or nothing leaves (B6).

        The person who lets it go has their whole time from the moment on which it could leave.
        """
        rows = collateral.contracted(await collateral.of_application(step.session, loan.application_id))
        if not rows and await self._needs_none(step, loan.application_id):
            return None
        today = business_date(step.now, self._jurisdiction)
        working = self._book.calendars[self._jurisdiction.value].is_business_day
        secured = [collateral.as_secured(row, self._jurisdiction) for row in rows]
        waits = in_the_way(secured, today, working, self._book.collateral) if rows else Waits.FAILED
        if waits is None and (
            await on_the_spot.differences(step.session, loan.application_id)
            or await collateral.doubled(step.session, loan.application_id)
            or await valuer_reports.doubted(step.session, loan.application_id)
        ):
            waits = Waits.NUMBER
        if waits is None:
            return None
        if waits is Waits.FAILED:
            if release is not None and release.state in ("waiting", "held_back"):
                release.state = "lapsed"
            return _undone(payout, "not_secured")
        if release is not None and release.state in ("waiting", "held_back"):
            release.due_at = step.now + self._book.release.release_within
        if waits is Waits.SEARCH:
            old = [
                row
                for row, one in zip(rows, secured, strict=True)
                if in_the_way([one], today, working, self._book.collateral)
            ]
            await collateral.tell(step.session, old, "search", cause=f"{payout.id}/{today}")
        _note(step, "unsecured")
        # Past the last day of a register its own story fails, and says so here.
        until = max(row.register_by for row in rows if row.register_by is not None)
        return await _stays(step, payout, "unsecured", max(until, step.now) + LOOK_AFTER)

    async def _needs_none(self, step: Step, application_id: UUID) -> bool:
        application = await step.session.get_one(Application, application_id)
        return self._book.product(application.product_id).secured_by is None

    async def _conditions(self, step: Step, payout: Payout) -> PayoutState | None:
        """放款条件 (P34): nothing leaves while one is open; past the last one's time the payout is undone and told."""
        waits = await conditions.in_the_way(step.session, payout.application_id)
        if not waits:
            return None
        if step.now >= (last := max(one.due_at for one in waits)):
            return _undone(payout, "conditions_not_met")
        _note(step, "conditions")
        return await _stays(step, payout, "conditions", last)

    async def _above_base(self, step: Step, payout: Payout) -> bool:
        """Whether a draw would take its line above what its receivables count for by now (D3): a credit note, a dispute
        or a payment may have cut them since it was asked for. Draws that have not left either wait for their own look.
        """
        draw = await step.session.get_one(Application, payout.application_id)
        if draw.line_id is None:
            return False
        line = await lines.locked(step.session, draw.line_id)
        if line.secured_by is None:
            return False
        today = business_date(step.now, self._jurisdiction)
        counts = await receivables.base_of(
            step.session, line.id, self._book.receivables[self._jurisdiction.value], today
        )
        out = (await lines.standing(step.session, line)).drawn_minor + await lines.leaving(step.session, line.id)
        return shortfall(counts.advance_minor, out + payout.amount_minor) > 0

    async def _unreleased(self, step: Step, payout: Payout, release: PayoutRelease) -> PayoutState:
        if step.now >= release.due_at:
            release.state = "lapsed"
            return _undone(payout, "not_released")
        _note(step, "unreleased")
        return await _stays(step, payout, "unreleased", release.due_at)

    async def called(self, step: Step, payout: Payout, called: CalledBack) -> None:
        """Apply what the person who called found out. Without a word for sixty days nothing is paid."""
        held = await holds.of_task(step.session, called.task_id)
        task = await applications.task(step.session, called.task_id)
        theirs = called.end == "done" and bool((task.outcome or {}).get("theirs"))
        if held is not None and held.ended_at is None:
            holds.end(held, "released" if theirs else "stopped", step.now)
        if theirs:
            step.stay(**{name: value for name, value in step.application.note.items() if name not in WAITS})
            await step.tell("payout_confirmed", actor="manager")
            return
        if payout.state == "scheduled":
            _undone(payout, "not_the_owner" if called.end == "done" else "nobody_reached")
        await step.tell("payout_stopped", actor="manager")

    async def over(self, step: Step, payout: Payout) -> None:
        """The payout has ended: what asked people about it asks no more."""
        await releases.close(step.session, payout.id)
        held = await holds.open_of(step.session, payout.person_id, locked=True)
        if held is not None and held.application_id == payout.application_id:
            holds.end(held, "stopped", step.now)


def _undone(payout: Payout, reason: str) -> PayoutState:
    payout.state, payout.reason = "cancelled", reason
    return PayoutState(state=payout.state, reason=reason)


async def _stays(step: Step, payout: Payout, why: str, until: datetime) -> PayoutState:
    workflow_id = clocks.workflow_of("payout", payout.id)
    seconds = await clocks.wait(step.session, step.clock_id, workflow_id, until)
    return PayoutState(state=payout.state, reason=why, until=until, seconds=seconds)


def _note(step: Step, what: str) -> None:
    """The page says what it waits for; said once, so that nobody's page is turned over for nothing."""
    if not step.application.note.get(what):
        step.stay(**{**step.application.note, what: True})

"""Applies what came in from outside: a rail's word wakes the payout, a wallet's sales become revenue days, a mail with
bills goes to its application.

A callback of the rail proves nothing: the workflow asks the rail itself. Sales are kept row by row with a named problem
where they cannot be used; nothing that came in is lost.
"""

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db import applications, clocks, commands, intake, mailboxes, revenue
from db.tables import InboundEvent
from infra.telemetry import counter
from infra.updates import Envelope, Missing, NoAnswer, Over, send
from lending.applications import Stage
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.mailboxes import Mail, number_in, why_not_taken
from lending.revenue import COLUMNS, RowProblem, Told, checked

if TYPE_CHECKING:
    from worker.wiring import Wired

log = structlog.get_logger(__name__)
applied = counter("inbound_applied", "Inbound events by source and outcome", ("source", "outcome"))

A_BATCH = 20
DEADLINE = timedelta(seconds=5)
PREFIX, RESTS = "HS", "HR"
# Whose word the sales of a webhook are.
WALLET = "wallet"
HASHED = re.compile("[0-9a-f]{32}", re.ASCII)


class Applier:
    """One transaction an event: its effects and the mark that it was applied commit together."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._temporal = wired.temporal
        self._settings = wired.settings
        self._jurisdiction = Jurisdiction(wired.settings.jurisdiction)
        self._senders = wired.book.mailbox.senders

    async def round(self) -> bool:
        """One event; True if there was one."""
        async with self._sessions.begin() as session:
            found = await intake.waiting_events(session, 1)
            if not found:
                return False
            event = found[0]
            problem = await self._applied(session, event)
            event.applied_at = datetime.now(UTC)
            event.problem = problem
        applied.labels(event.source, "problem" if problem else "applied").inc()
        if problem:
            log.warning("inbound.problem", kind=event.source, code=problem.partition(":")[0])
        return True

    async def _applied(self, session: AsyncSession, event: InboundEvent) -> str | None:
        match event.source:
            case "rail":
                return await self._rail(event)
            case "credit":
                return None  # the till asks the rail itself
            case "mail":
                return await self._mail(session, event)
            case _:
                return await self._revenue(session, event)

    async def _mail(self, session: AsyncSession, event: InboundEvent) -> str | None:
        """The mail's own story begins by a command, which the relay says again until it was heard."""
        named = number_in(str(event.body.get("local", "")))
        application = await intake.by_number(session, named[0]) if named else None
        if application is None or named is None or not hmac.compare_digest(named[1], self._tag(application.id)):
            return "unknown_mailbox"
        told = Mail(str(event.body["local"]), str(event.body["sender_domain"]), bool(event.body["proven"]))
        problem = why_not_taken(told, Stage(application.stage), self._senders)
        now = await clocks.now(session, self._settings.clock_id)
        mail_id = str(event.body["mail_id"])
        cause = derived_id("mail", mail_id)
        if problem is not None:
            said = {"mail_problem": problem, "sender": told.sender_domain}
            await applications.tell(
                session, application, event_id=derived_id("timeline", f"{cause}/mail_left"), kind="mail_left",
                actor="system", at=now, params=said,
            )  # fmt: skip
            return problem
        wall = datetime.now(UTC)
        command_id = derived_id("mail-taken", mail_id)
        await commands.add_command(
            session,
            command_id=command_id,
            workflow_type="BillMail",
            workflow_id=clocks.workflow_of("mail", cause),
            name="take",
            argument={"command_id": str(command_id)},
            detail=None,
            start={"mail_id": mail_id, "application_id": str(application.id)},
            principal="mailbox",
            now=wall,
            next_attempt_at=wall,
        )
        return None

    def _tag(self, application_id: UUID) -> str:
        return mailboxes.tag_of(self._settings.secret_bytes("index_key"), application_id)

    async def _rail(self, event: InboundEvent) -> str | None:
        order = str(event.body.get("end_to_end_id", ""))
        if order.startswith(RESTS):
            return None  # the till asks the rail itself
        payout_id = payout_of(order)
        if payout_id is None:
            return "unknown_payment"
        envelope = Envelope(
            workflow_type="Payout",
            workflow_id=clocks.workflow_of("payout", payout_id),
            update="rail_said",
            update_id=f"rail/{event.event_id}",
            argument={"event_id": event.event_id},
        )
        answer = await send(self._temporal, envelope, task_queue=self._settings.temporal_task_queue, deadline=DEADLINE)
        if isinstance(answer, NoAnswer):
            # Not lost and not waited for: the payout asks the rail by itself, this would only have been sooner.
            return f"not_delivered:{answer.code}"
        if isinstance(answer, Missing | Over):
            return None if isinstance(answer, Over) else "unknown_payment"
        return None

    async def _revenue(self, session: AsyncSession, event: InboundEvent) -> str | None:
        """Days of the wallets' feed, taken as a batch's are; its rows count from 0."""
        now = await clocks.now(session, self._settings.clock_id)
        today = business_date(now, self._jurisdiction)
        told = list(checked(map(_plain, event.body.get("rows", ())), today, HASHED))
        rows = [revenue.hashed(one, bytes.fromhex(one.account)) for one in told if isinstance(one, Told)]
        taken = await revenue.take(session, WALLET, str(event.body["batch_id"]), rows, now)
        wrong = [one for one in (*told, *taken.problems) if isinstance(one, RowProblem)]
        said = [f"{one.row - 1}:{one.code}" for one in sorted(wrong, key=lambda one: one.row)]
        return ",".join(said[:50]) or None


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it was told, its account by the hash under which alone it was kept."""
    return {"account": row["account_index"], **{name: row[name] for name in COLUMNS[1:]}}


def payout_of(end_to_end_id: str) -> UUID | None:
    """The payout behind an end-to-end id of ours."""
    if not end_to_end_id.startswith(PREFIX):
        return None
    try:
        return UUID(hex=end_to_end_id.removeprefix(PREFIX))
    except ValueError:
        return None

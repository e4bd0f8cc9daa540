"""What every step of a receivable shares: its row, its paper, where it goes, who is told."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.ports.receivables import ReceivableStanding
from activities.steps import Step, Steps
from db import clocks, incoming, invoice_numbers, lines, people, receivable_words, receivables
from db.receivables import Paper
from db.tables import Receivable
from gateways.incoming import Incoming
from gateways.pledges import ConfirmationOrder, Found, Pledges, SearchOrder, Stated
from gateways.standings import Standings
from gateways.tax import InvoiceCheck, InvoiceOrder, Tax
from infra.crypto import Vault
from infra.settings import Settings
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.receivables import ReceivableState, shortfall
from lending.refusals import NotInThisStage, ReceivableKnown, Refusal
from lending.refusals_of_security import InvoiceDiffers, ReceivableOwn
from policies.book import PolicyBook

DAY = timedelta(days=1)


class ReceivableSteps:
    """Handed to whoever takes a step."""

    def __init__(
        self,
        steps: Steps,
        vault: Vault,
        tax: Tax,
        pledges: Pledges,
        accounts: Incoming,
        standings: Standings,
        book: PolicyBook,
        settings: Settings,
    ) -> None:
        self._steps = steps
        self.vault = vault
        self.pledges = pledges
        self.rules = book.receivables[settings.jurisdiction]
        self.jurisdiction = Jurisdiction(settings.jurisdiction)
        self.index_key = settings.secret_bytes("index_key")
        self.sessions = steps.sessions
        self._tax = tax
        self._accounts = accounts
        self._standings = standings

    def step(self, row: Receivable, cause: UUID, *kinds: str) -> AbstractAsyncContextManager[Step]:
        """A step of its application."""
        return self._steps.step(row.application_id, cause, *kinds)

    async def read(self, receivable_id: UUID) -> tuple[Receivable, Paper]:
        async with self._steps.sessions.begin() as session:
            row = await _known(session, receivable_id)
            await people.record_access(
                session,
                row.person_id,
                at=await clocks.now(session, self._steps.clock_id),
                actor=people.SYSTEM,
                what="invoices",
                purpose=f"receivable {row.id}",
            )
            return row, await receivables.paper_of(session, self.vault, row)

    async def locked(self, step: Step, receivable_id: UUID) -> Receivable:
        return await _known(step.session, receivable_id, locked=True)

    def today(self, step: Step) -> date:
        return business_date(step.now, self.jurisdiction)

    async def go(self, step: Step, row: Receivable, to: ReceivableState, due_at: datetime | None) -> None:
        row.state, row.due_at = to.value, due_at
        row.version += 1
        row.changed_at = step.now
        step.stay(**step.application.note)
        await step.session.flush()

    async def refuse(self, step: Step, row: Receivable, why: Refusal) -> ReceivableStanding:
        row.problem = why.code
        if isinstance(why, InvoiceDiffers):  # its owner reads which field the bureau has otherwise
            row.problem += f".{why.params['invoice_field']}"
        await self.go(step, row, ReceivableState.REFUSED, None)
        await step.tell("receivable_checked", problem=why.code, **why.params, **said_of(row))
        await step.notify("receivable_refused", problem=why.code, receivable_id=str(row.id))
        return await self.standing(step, row)

    async def lapse(self, step: Step, row: Receivable) -> ReceivableStanding:
        await self.go(step, row, ReceivableState.LAPSED, None)
        await step.tell("receivable_lapsed", **said_of(row))
        await step.notify("receivable_lapsed", receivable_id=str(row.id))
        return await self.standing(step, row)

    async def shortfall(self, step: Step, row: Receivable, *, yesterday: bool = False) -> int:
        line = await lines.locked(step.session, row.line_id)
        on = self.today(step) - (DAY if yesterday else timedelta(0))
        return (await lines.short(step.session, line, self.rules, on)).whole_minor

    async def tell_shortfall(self, step: Step, row: Receivable, before: int) -> None:
        """More is lent than counts: the owner reads how much and by when to mend it; nothing is called (P16)."""
        line = await lines.line_of(step.session, row.line_id)
        short = await lines.short(step.session, line, self.rules, self.today(step))
        if short.whole_minor > before:
            cure_on = self.today(step) + timedelta(days=self.rules.cure_days)
            said: dict[str, Any] = lines.said_of_short(short, row.currency, cure_on)
            await step.tell(short.told, **said)
            await step.notify(short.told, **said)

    async def standing(self, step: Step, row: Receivable) -> ReceivableStanding:
        """Where it stands, with the wait noted for whoever moves the clock."""
        name = clocks.workflow_of("receivable", row.id)
        problem = row.problem or None
        release = row.state == ReceivableState.PLEDGED.value and (
            row.given_back_at is not None or await self._paid(step, row)
        )
        if row.due_at is None:
            await clocks.forget(step.session, name)
            return ReceivableStanding(row.state, row.version, problem=problem, release=release)
        await clocks.note_wait(step.session, self._steps.clock_id, name, row.due_at)
        left = step.clock.seconds_until(row.due_at)
        return ReceivableStanding(row.state, row.version, row.due_at, left, problem, release)

    async def _paid(self, step: Step, row: Receivable) -> bool:
        """Whether its buyer owes us nothing more. What it paid to the borrower is still to come. What only words took
        from it (a payment that was told, a credit note) frees nothing that money rests on: until a told payment is
        found, while anything is lent on the line; and with a credit note, while the rest does not cover what is."""
        if not row.paid_minor or row.diverted_minor or receivables.as_rule(row).open_minor:
            return False
        if not receivables.by_word(row):
            return True
        line = await lines.line_of(step.session, row.line_id)
        stands = await lines.standing(step.session, line)
        out = stands.drawn_minor + stands.reserved_minor
        if row.told_minor or await receivable_words.alone(step.session, row.id):
            return not out
        counts = await receivables.base_of(step.session, line.id, self.rules, self.today(step))
        return not shortfall(counts.advance_minor, out)

    async def as_it_stands(self, row: Receivable) -> ReceivableStanding:
        async with self.step(row, derived_id("look", str(row.id))) as step:
            return await self.standing(step, await self.locked(step, row.id))

    async def invoice_check(self, row: Receivable, paper: Paper, question: str) -> InvoiceCheck:
        """What the tax bureau has of it today."""
        return await self._tax.verify(
            InvoiceOrder(
                inquiry_id=str(derived_id("invoice-check", question)),
                seller=paper.seller,
                buyer=paper.buyer,
                number=paper.number,
                amount_minor=row.amount_minor,
                issued_on=row.issued_on,
            )
        )

    async def known(self, session: AsyncSession, row: Receivable, paper: Paper) -> Refusal | None:
        """Why its number alone makes it an invoice of before, if it does: nobody's word changes that."""
        other = await invoice_numbers.against(session, self.vault, paper, row)
        if other is None:
            return None
        if other.person_id != row.person_id:
            return ReceivableKnown()
        on = business_date(other.created_at, self.jurisdiction)
        return ReceivableOwn(offered_on=on.isoformat(), receivable=other.state)

    async def ask(self, row: Receivable, paper: Paper) -> tuple[tuple[Stated, ...], str]:
        """Ask the buyer on the platform, once however often: what its people stated, and the account that it is to pay
        into."""
        number = await self.pay_to(row, paper)
        stated = await self.pledges.ask_buyer(
            ConfirmationOrder(
                request_id=str(row.id),
                seller=paper.seller,
                buyer=paper.buyer,
                number=paper.number,
                amount_minor=row.amount_minor,
                due_on=row.due_on,
                account=number,
            )
        )
        return stated, number

    async def standing_of_buyer(self, paper: Paper, question: str) -> str:
        """How the buyer stands in the register: one that is gone or dishonest carries nothing."""
        return await self._standings.standing(str(derived_id("standing", question)), paper.buyer_licence)

    async def pay_to(self, row: Receivable, paper: Paper) -> str:
        """The account of the line that its buyers pay into, opened at the rail once however often it is asked for."""
        async with self.sessions.begin() as session:
            account = await incoming.account_of_line(session, row.line_id)
            if account is not None:
                now = await clocks.now(session, self._steps.clock_id)
                await people.record_access(
                    session, row.person_id, at=now, actor=people.SYSTEM, what="account", purpose=f"receivable {row.id}"
                )
                return await incoming.number_of(session, self.vault, account)
        number = await self._accounts.open_account(f"line-{row.line_id}", paper.seller)
        async with self.sessions.begin() as session:
            now = await clocks.now(session, self._steps.clock_id)
            await people.record_access(
                session, row.person_id, at=now, actor=people.SYSTEM, what="account", purpose=f"receivable {row.id}"
            )
            line = await lines.line_of(session, row.line_id)
            await incoming.keep_account(session, self.vault, line, number, now)
        return number

    async def registrations(self, paper: Paper, question: str) -> tuple[Found, ...]:
        """Who has it in the register, under the seller's present or a former name (P19)."""
        return await self.pledges.search(
            SearchOrder(
                request_id=str(derived_id("pledge-search", question)),
                names=tuple(dict.fromkeys((paper.seller, *paper.former_names))),
                subject=paper.subject,
            )
        )


def others(found: Sequence[Found]) -> bool:
    """Whether somebody else is before us."""
    return any(not one.ours for one in found)


async def _known(session: AsyncSession, receivable_id: UUID, *, locked: bool = False) -> Receivable:
    row = await receivables.one(session, receivable_id, locked=locked)
    if row is None:
        raise LookupError(f"no receivable {receivable_id}")
    return row


def must_stand(row: Receivable, state: ReceivableState, *, step: str) -> None:
    if row.state != state.value:
        raise NotInThisStage(stage=row.state, step=step)


def said_of(row: Receivable) -> dict[str, Any]:
    return {"amount_minor": row.amount_minor, "currency": row.currency, "receivable_id": str(row.id)}

"""A pledged receivable: registered with nobody before us, watched, and given back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from temporalio import activity

from activities.filing import document, stored_once
from activities.ports import receivables as port
from activities.ports.receivables import ReceivableCase, ReceivableStanding, ReceivableWord
from activities.printing import Printer
from activities.receivable_steps import DAY, ReceivableSteps, must_stand, others, said_of
from activities.signatures import Signatures
from activities.steps import Step
from db import collateral, lines, receivables
from db.receivables import Paper
from db.tables import Document, Receivable
from gateways.failures import GatewayRefused
from gateways.pledges import Found, Registration, RegistrationOrder
from infra.storage import Storage, StoredObject
from lending.calendars import business_date, midnight_after
from lending.identifiers import derived_id
from lending.receivables import Bar, ReceivableState, Support, bars, shortfall
from lending.refusals import NotInThisStage, ReceivableKnown, ReceivableNotFit

# The buyer may be late; as long as that the claim on it is ours in the register.
REGISTERED_PAST_DUE = timedelta(days=180)


class Pledging(port.Pledging):
    """Register, watch, release."""

    def __init__(self, do: ReceivableSteps, printer: Printer, signatures: Signatures, storage: Storage) -> None:
        self._do = do
        self._printer = printer
        self._signatures = signatures
        self._storage = storage

    @activity.defn
    async def pledge_receivable(self, word: ReceivableWord) -> ReceivableStanding:
        """Registered first is first in line (民法典 768): searched before and after, so that nobody else is."""
        row, paper = await self._do.read(word.receivable_id)
        if row.state == ReceivableState.PLEDGED.value:
            return await self._do.as_it_stands(row)
        must_stand(row, ReceivableState.SUPPORTED, step="pledge")
        await self._free(row)
        async with self._do.sessions.begin() as session:
            if known := await self._do.known(session, row, paper):
                raise known
        before = await self._do.registrations(paper, f"first/{word.cause}")
        if others(before):
            raise ReceivableKnown()
        registration = await self._begun(row, before) or await self._registered(row, paper, word.cause)
        if others(await self._do.registrations(paper, f"after/{word.cause}")):
            await self._do.pledges.cancel(registration.number)
            raise ReceivableKnown()
        if row.support == Support.PROVEN.value:
            await self._do.ask(row, paper)  # who was never asked hears of it now
        await self._do.pledges.give_notice(str(row.id))
        async with self._do.step(row, word.cause, "receivable_pledged") as step:
            row = await self._do.locked(step, word.receivable_id)
            if not step.done:
                row.registration_no, row.registered_until = registration.number, registration.until
                row.searched_at = row.noticed_at = step.now
                row.code_id = word.code_id
                await self._do.go(step, row, ReceivableState.PLEDGED, self._next_look(row, self._do.today(step)))
                line = await lines.line_of(step.session, row.line_id)
                counts = await receivables.base_of(step.session, line.id, self._do.rules, self._do.today(step))
                said = {"registration_no": registration.number, "base_minor": counts.advance_minor}
                await step.tell("receivable_pledged", actor="owner", **said, **said_of(row))
                await step.notify(
                    "receivable_pledged",
                    base_minor=counts.advance_minor,
                    currency=row.currency,
                    receivable_id=str(row.id),
                )
            return await self._do.standing(step, row)

    @activity.defn
    async def file_pledge(self, case: ReceivableCase) -> None:
        """Printed after it counts, since nobody waits for it; signed by both sides, filed once."""
        row, paper = await self._do.read(case.receivable_id)
        async with self._do.sessions.begin() as session:
            filed = await session.get(Document, derived_id("document", _filed_as("pledge", row.id)))
            if filed is not None or row.state != ReceivableState.PLEDGED.value:
                return
            concluded = await self._printer.pledge(session, row, paper)

        async def put(kind: str, data: bytes) -> StoredObject:
            return await stored_once(
                self._storage, _filed_as(kind, row.id), lambda: self._signatures.on(data, concluded.act)
            )

        puts = [(kind, await put(kind, data)) for kind, data in concluded.documents]
        async with self._do.step(row, case.cause, "pledge_filed") as step:
            row = await self._do.locked(step, case.receivable_id)
            if step.done:
                return
            for kind, stored in puts:
                step.session.add(
                    document(
                        _filed_as(kind, row.id),
                        application_id=row.application_id,
                        person_id=row.person_id,
                        kind=kind,
                        put=stored,
                        at=step.now,
                    )
                )
            await self._do.go(step, row, ReceivableState(row.state), row.due_at)
            await step.tell("pledge_filed", **said_of(row))

    async def _free(self, row: Receivable) -> None:
        """Raise :class:`ReceivableKnown` where it secures a loan of its own (collateral of the kind receivable)."""
        async with self._do.sessions.begin() as session:
            if await collateral.is_linked(session, row.id):
                raise ReceivableKnown()

    async def _begun(self, row: Receivable, before: Sequence[Found]) -> Found | None:
        """What an attempt before this one registered and did not finish: it is taken up, not registered twice."""
        async with self._do.sessions.begin() as session:
            for one in before:
                if not await receivables.registered_elsewhere(session, one.number, row.id):
                    return one
        return None

    async def _registered(self, row: Receivable, paper: Paper, cause: UUID) -> Registration:
        try:
            return await self._do.pledges.register(
                RegistrationOrder(
                    request_id=str(derived_id("pledge-registration", f"{row.id}/{cause}")),
                    pledgor=paper.seller,
                    subject=paper.subject,
                    amount_minor=row.amount_minor,
                    until=row.due_on + REGISTERED_PAST_DUE,
                )
            )
        except GatewayRefused as refused:
            raise ReceivableNotFit(bar=Bar.NOT_REGISTERED.value) from refused

    @activity.defn
    async def verify_again(self, case: ReceivableCase) -> ReceivableStanding:
        """A month after the first check once more; and on each day on which it ages out, its owner is told."""
        row, paper = await self._do.read(case.receivable_id)
        if row.state != ReceivableState.PLEDGED.value:
            return await self._do.as_it_stands(row)
        state = (await self._do.invoice_check(row, paper, f"again/{row.id}/{case.cause}")).state
        stands = await self._do.standing_of_buyer(paper, f"again/{row.id}/{case.cause}")
        async with self._do.step(row, case.cause, "receivable_watched") as step:
            row = await self._do.locked(step, case.receivable_id)
            if step.done or row.state != ReceivableState.PLEDGED.value:
                return await self._do.standing(step, row)
            before = await self._do.shortfall(step, row, yesterday=True)
            row.verified_at = step.now
            row.buyer_standing = stands
            if state != "valid":
                row.credited_minor, row.problem = row.amount_minor, f"invoice_{state}"
            today = self._do.today(step)
            await self._do.go(step, row, ReceivableState.PLEDGED, self._next_look(row, today))
            why = [bar.value for bar in bars(receivables.as_rule(row), self._do.rules, today)]
            await step.tell("receivable_watched", bars=why, **said_of(row))
            await self._do.tell_shortfall(step, row, before)
            return await self._do.standing(step, row)

    def _next_look(self, row: Receivable, today: date) -> datetime:
        """The next day on which what it counts for may change by itself."""
        verified = business_date(row.verified_at, self._do.jurisdiction) if row.verified_at else today
        days = (
            verified + timedelta(days=self._do.rules.verify_again_days),
            row.issued_on + timedelta(days=self._do.rules.oldest_days + 1),
            row.due_on + timedelta(days=self._do.rules.overdue_days + 1),
        )
        later = [day for day in days if day > today]
        return midnight_after(min(later) - DAY, self._do.jurisdiction) if later else midnight_after(
            today + timedelta(days=self._do.rules.verify_again_days), self._do.jurisdiction
        )  # fmt: skip

    @activity.defn
    async def release_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """What is pledged is given back only as far as what is drawn stays covered. It counts for nothing before the
        register is told, so that no draw in between rests on it."""
        row, _ = await self._do.read(case.receivable_id)
        await self._free(row)
        async with self._do.step(row, case.cause, "receivable_released") as step:
            row = await self._do.locked(step, case.receivable_id)
            if not step.done and row.state == ReceivableState.PLEDGED.value and row.given_back_at is None:
                await self._stays_covered(step, row)
                row.given_back_at = step.now
            number = row.registration_no
        if number is not None:
            await self._do.pledges.cancel(number)
        async with self._do.step(row, case.cause, "receivable_released") as step:
            row = await self._do.locked(step, case.receivable_id)
            if not step.done:
                row.cancelled_at = step.now if number is not None else None
                await self._do.go(step, row, ReceivableState.RELEASED, None)
                await step.tell("receivable_released", actor="owner", **said_of(row))
            return await self._do.standing(step, row)

    async def _stays_covered(self, step: Step, row: Receivable) -> None:
        line = await lines.locked(step.session, row.line_id)
        if row.diverted_minor:  # its buyer still owes it to us, whatever it paid to somebody else
            raise NotInThisStage(stage=row.state, step="release")
        if row.paid_minor - row.told_minor >= row.amount_minor:  # its money came, every fen
            return
        stands = await lines.standing(step.session, line)
        counts = await receivables.base_of(step.session, line.id, self._do.rules, self._do.today(step))
        mine = next((one.advance_minor for one in counts.counted if one.id == str(row.id)), 0)
        # Also one that counts for nothing by now, by a word (dispute, credit note) or its age: what is short without
        # it is not made whole by letting go of the claim.
        if shortfall(counts.advance_minor - mine, stands.drawn_minor + stands.reserved_minor):
            raise NotInThisStage(stage=row.state, step="release")


def _filed_as(kind: str, receivable_id: UUID) -> str:
    return f"{kind}/{receivable_id}"

"""What a loan itself has to do: welcome, look at checkpoints, close out."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.filing import document, stored_once
from activities.ports import servicing as port
from activities.ports.servicing import LoanCase, LoanStanding
from activities.printing import Concluded, Printer
from activities.signatures import Signatures
from activities.steps import Step, Steps
from db import applications, clocks, ledger
from db.clocks import Reading
from db.tables import Document, Loan, LoanBalance
from infra.storage import Storage, StoredObject
from lending.calendars import BusinessCalendar, Jurisdiction, business_date, midnight_after
from lending.minimum_path import check_on, ends_from, window_ends
from lending.paths import instalments, path_from
from lending.plans import plan_from
from lending.terms import terms_from

# A live loan whose last window has passed is looked at every month until it is over.
LOOK_AGAIN = timedelta(days=30)
# A look does nothing that the close has not done: twelve due days a year are no reason for twelve of them.
LOOKS_APART = timedelta(days=60)


class Servicing(port.Servicing):
    """The loan's own steps; the daily work is the close's."""

    def __init__(
        self,
        steps: Steps,
        printer: Printer,
        signatures: Signatures,
        storage: Storage,
        calendars: Mapping[str, BusinessCalendar],
    ) -> None:
        self._calendars = calendars
        self._steps = steps
        self._printer = printer
        self._signatures = signatures
        self._storage = storage

    @activity.defn
    async def file_contract(self, case: LoanCase) -> None:
        """Printed after the money, since nobody waits for it; the hash of what was shown stands in it, and both
        signatures."""
        async with self._steps.sessions.begin() as session:
            loan = await ledger.loan(session, case.loan_id)
            application = await applications.locked(session, loan.application_id)
            concluded = await self._printer.signed(session, application)
        puts = [(kind, await self._signed(f"{kind}/{loan.id}", data, concluded)) for kind, data in concluded.documents]
        async with self._steps.step(loan.application_id, case.loan_id, "contract_filed") as step:
            if step.done:
                return
            for kind, put in puts:
                step.session.add(_document(loan, kind, put, step.now))
            step.stay(**step.application.note)
            await step.tell("contract_filed")

    @activity.defn
    async def welcome_borrower(self, case: LoanCase) -> LoanStanding:
        """What happens next, told once: when the first share is taken and when progress is first looked at."""
        async with self._steps.sessions.begin() as session:
            application_id = (await ledger.loan(session, case.loan_id)).application_id
        async with self._steps.step(application_id, case.loan_id, "loan_welcome") as step:
            loan = await ledger.loan(step.session, case.loan_id)
            if not step.done and loan.live_on is not None:
                await _welcome(step, loan, loan.live_on)
            balance = await ledger.balance(step.session, loan.id)
            return await self._standing(step.session, loan, balance, step.clock)

    @activity.defn
    async def check_loan(self, case: LoanCase) -> LoanStanding:
        """Where the loan stands and when to look again."""
        async with self._steps.sessions.begin() as session:
            loan = await ledger.loan(session, case.loan_id)
            balance = await ledger.balance(session, loan.id)
            return await self._standing(session, loan, balance, await clocks.read(session, self._steps.clock_id))

    @activity.defn
    async def close_out_loan(self, case: LoanCase) -> LoanStanding:
        """The certificate that nothing is owed, the last line of the story, the last message."""
        async with self._steps.sessions.begin() as session:
            loan = await ledger.loan(session, case.loan_id)
            application = await applications.locked(session, loan.application_id)
            printed = await self._printer.certificate(session, application, loan)
        put = await stored_once(
            self._storage,
            f"certificate/{loan.id}",
            lambda: self._signatures.sealed(printed, f"certificate {loan.id}"),
        )
        async with self._steps.step(loan.application_id, case.loan_id, "certificate_ready") as step:
            if not step.done:
                step.session.add(_document(loan, "certificate", put, step.now))
                on = loan.closed_on.isoformat() if loan.closed_on else ""
                step.stay(paid_on=on)
                await step.tell("certificate_ready", on=on)
                await step.notify("loan_paid", on=on)
            await clocks.forget(step.session, clocks.workflow_of("loan", loan.id))
            return LoanStanding(state="closed", checkpoint=None, seconds=0.0)

    async def _signed(self, cause: str, data: bytes, concluded: Concluded) -> StoredObject:
        """The signed paper in the store."""
        return await stored_once(
            self._storage, cause, lambda: self._signatures.on(data, concluded.act, concluded.others)
        )

    async def _standing(
        self, session: AsyncSession, loan: Loan, balance: LoanBalance | None, reading: Reading
    ) -> LoanStanding:
        if loan.state != "live" or loan.live_on is None or balance is None:
            return LoanStanding(state=loan.state, checkpoint=None, seconds=0.0)
        jurisdiction = Jurisdiction(loan.jurisdiction)
        today = business_date(reading.now, jurisdiction)
        changed = plan_from(loan.plan).path if loan.plan else None
        if loan.path is not None:
            ends = iter((changed or path_from(loan.path)).due_on)
        else:
            shift = plan_from(loan.plan).shift_days(date.max) if loan.plan else 0
            moves = self._calendars[loan.jurisdiction] if loan.window_ends is not None else None
            ends = iter(window_ends(loan.live_on, loan.window_months, loan.windows, moves, shift))
        checkpoint = midnight_after(next_look(ends, today), jurisdiction)
        await clocks.note_wait(session, self._steps.clock_id, clocks.workflow_of("loan", loan.id), checkpoint)
        return LoanStanding(state="live", checkpoint=checkpoint, seconds=reading.seconds_until(checkpoint))


def next_look(ends: Iterable[date], today: date) -> date:
    """The day at whose end a loan is looked at next: an end of a window or a due day, its last one never missed."""
    ahead = [end for end in ends if end >= today]
    if not ahead:
        return today + LOOK_AGAIN
    return next((end for end in ahead if end >= today + LOOKS_APART), ahead[-1])


async def _welcome(step: Step, loan: Loan, live_on: date) -> None:
    """When the first share is taken and progress is looked at; of a plan by dates, the first instalment."""
    if loan.path is None:
        kept = loan.window_ends
        first = (ends_from(kept)[0] if kept else check_on(live_on, loan.window_months, 1)).isoformat()
        await step.tell("loan_welcome", first_look_on=first)
        await step.notify("loan_welcome", first_look_on=first, share=str(loan.share))
        return
    one = instalments(path_from(loan.path), terms_from(loan.terms), live_on)[0]
    said: dict[str, Any] = {
        "first_on": one.due_on.isoformat(),
        "amount_minor": one.amount_minor,
        "currency": loan.currency,
    }
    await step.tell("loan_welcome_dated", **said)
    await step.notify("loan_welcome_dated", **said)


def _document(loan: Loan, kind: str, put: StoredObject, at: datetime) -> Document:
    return document(
        f"{kind}/{loan.id}", application_id=loan.application_id, person_id=loan.person_id, kind=kind, put=put, at=at
    )

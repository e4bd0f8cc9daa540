"""Money to the borrower, once.

The attempt is committed before the rail is called, with the same end-to-end id every time. What the rail does not say
clearly is UNKNOWN; only the rail's own word about that id resolves it (PAY-1, PAY-2, MC-4).
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities import renewing
from activities.allowing import given_by
from activities.letting_go import release
from activities.ports import payouts as port
from activities.ports.payouts import CalledBack, LoanStarted, PayoutCase, PayoutPlan, PayoutState
from activities.private import Private
from activities.releasing import WAITS, Gate
from activities.steps import Step, Steps
from db import applications, clocks, coupons, ledger, people
from db.clocks import Reading
from db.tables import Loan, LoanBalance, Payout, PayoutAttempt
from gateways.failures import GatewayRefused, GatewayUnavailable, GatewayUnsure
from gateways.payments import PaymentOrder, PaymentState, PaymentStatus, Rail
from infra import failpoints
from lending import consents
from lending.applications import Stage
from lending.calendars import DayRule, Jurisdiction, business_date
from lending.consents import Purpose
from lending.ledger import disbursed, payout_returned, payout_sent
from lending.minimum_path import ends_of, ends_text
from lending.paths import first_path, path_json
from lending.release import UNDER_WAY
from lending.terms import terms_from

log = structlog.get_logger()
ONE_DAY = timedelta(days=1)


class Payouts(port.Payouts):
    """Plan, claim, submit, ask, settle."""

    def __init__(
        self,
        steps: Steps,
        private: Private,
        rail: Rail,
        temporal: Client,
        gate: Gate,
        *,
        task_queue: str,
        cutoff: timedelta,
    ) -> None:
        self._steps = steps
        self._sessions = steps.sessions
        self._private = private
        self._rail = rail
        self._temporal = temporal
        self._gate = gate
        self._task_queue = task_queue
        self._cutoff = cutoff

    @activity.defn
    async def plan_payout(self, case: PayoutCase) -> PayoutPlan:
        """When it may leave."""
        async with self._sessions.begin() as session:
            payout = await ledger.payout(session, case.payout_id)
            workflow_id = clocks.workflow_of("payout", payout.id)
            seconds = await clocks.wait(session, self._steps.clock_id, workflow_id, payout.pay_at)
            return PayoutPlan(pay_at=payout.pay_at, seconds=seconds, cancellable=payout.state == "scheduled")

    @activity.defn
    async def claim_payout(self, case: PayoutCase) -> PayoutState:
        """One compare-and-set with the attempt row and the entry; what was approved is what leaves, while its owner
        still allows the bank to be told who they are."""
        application_id = await self._application_of(case)
        async with self._steps.step(application_id, case.payout_id, "payout_sent") as step:
            payout = await ledger.payout(step.session, case.payout_id)
            if payout.state != "scheduled":
                return PayoutState(state=payout.state)
            loan = await ledger.loan(step.session, payout.loan_id)
            if consents.ended(Purpose.SHARING, await given_by(step.session, payout.person_id), step.now):
                payout.state, payout.reason = "cancelled", "consent_withdrawn"
                return PayoutState(state=payout.state, reason=payout.reason)
            waits = await self._gate.look(step, payout, loan)
            if waits is not None:
                return waits
            payout.state = "submitting"
            payout.submitted_at = payout.submitted_at or step.now
            number = await ledger.attempts(step.session, payout.id) + 1
            step.session.add(PayoutAttempt(payout_id=payout.id, n=number, begun_at=step.clock.real_now))
            entry = payout_sent(
                loan.id,
                payout.amount_minor,
                cause=str(payout.id),
                booked_at=step.now,
                effective_on=_day(loan, payout.submitted_at),
                source=f"payout:{payout.id}",
            )
            await ledger.post(step.session, entry, currency=payout.currency)
            await clocks.forget(step.session, clocks.workflow_of("payout", payout.id))
            if not step.done:
                step.stay(**_settled(step.application.note))
                await step.tell("payout_sent", end_to_end_id=payout.end_to_end_id)
            return PayoutState(state=payout.state)

    @activity.defn
    async def apply_call_back(self, called: CalledBack) -> PayoutState:
        """It was the owner, and the money may leave; or it was not, or nobody was reached, and it is stopped."""
        case = PayoutCase(called.payout_id)
        application_id = await self._application_of(case)
        async with self._steps.step(application_id, called.task_id, "payout_confirmed", "payout_stopped") as step:
            payout = await ledger.payout(step.session, case.payout_id)
            if not step.done:
                await self._gate.called(step, payout, called)
            return PayoutState(state=payout.state, reason=payout.reason)

    @activity.defn
    async def cancel_payout(self, case: PayoutCase) -> PayoutState:
        """The same compare-and-set: whichever came first is the arbiter."""
        async with self._sessions.begin() as session:
            await session.execute(
                update(Payout)
                .where(Payout.id == case.payout_id, Payout.state == "scheduled")
                .values(state="cancelled", reason="cancelled_by_owner")
            )
            payout = await ledger.payout(session, case.payout_id)
            return PayoutState(state=payout.state, reason=payout.reason)

    @activity.defn
    async def submit_payout(self, case: PayoutCase) -> PayoutState:
        """Call the rail once; whatever is unclear stays unknown."""
        failpoints.reach("payout.before_rail")
        async with self._sessions.begin() as session:
            payout = await ledger.payout(session, case.payout_id)
            if payout.state != "submitting":
                return PayoutState(state=payout.state)
            now = await clocks.now(session, self._steps.clock_id)
            await people.record_access(
                session, payout.person_id, at=now, actor=people.SYSTEM, what="account", purpose="payout"
            )
            name, number = await self._payee(session, payout)
            order = PaymentOrder(
                end_to_end_id=payout.end_to_end_id,
                amount_minor=payout.amount_minor,
                currency=payout.currency,
                payee_account=number,
                payee_name=name,
                reference=payout.end_to_end_id,
                requested_on=_day(await ledger.loan(session, payout.loan_id), payout.submitted_at),
            )
        try:
            status = await self._rail.pay(order)
            failpoints.reach("payout.after_rail")
        except GatewayUnsure as unsure:
            status = PaymentStatus(state=PaymentState.UNKNOWN, reason=unsure.code)
        except GatewayUnavailable as away:
            return await self._record(case, PaymentStatus(state=PaymentState.UNKNOWN, reason=away.code), sent=False)
        except GatewayRefused as refused:
            status = PaymentStatus(state=PaymentState.REJECTED, reason=refused.code)
        return await self._record(case, status)

    async def _payee(self, session: AsyncSession, payout: Payout) -> tuple[str, str]:
        """(name, account number) of whom the money goes to: a named seller, or the borrower."""
        if payout.payee_id is not None:
            return await self._private.named_payee(session, payout.payee_id)
        account = await ledger.account(session, payout.account_id)
        if account.firm_id is not None:  # a company's money goes to its own account, in its own name
            name = await self._private.firm_name(session, await applications.firm(session, account.firm_id))
        else:
            name = (await self._private.owner(session, payout.person_id)).name
        return name, await self._private.account_number(session, payout.account_id)

    @activity.defn
    async def ask_rail(self, case: PayoutCase) -> PayoutState:
        """The rail's own word about the end-to-end id."""
        async with self._sessions.begin() as session:
            payout = await ledger.payout(session, case.payout_id)
            if payout.state not in UNDER_WAY:
                return PayoutState(state=payout.state, reason=payout.reason)
            end_to_end_id = payout.end_to_end_id
        return await self._record(case, await self._rail.find(end_to_end_id))

    async def _record(self, case: PayoutCase, status: PaymentStatus, *, sent: bool = True) -> PayoutState:
        async with self._sessions.begin() as session:
            payout = await ledger.payout(session, case.payout_id)
            if payout.state not in UNDER_WAY:
                return PayoutState(state=payout.state, reason=payout.reason)
            reading = await clocks.read(session, self._steps.clock_id)
            attempt = await session.get_one(PayoutAttempt, (payout.id, await ledger.attempts(session, payout.id)))
            if not sent:
                attempt.outcome, attempt.ended_at = "never_sent", reading.real_now
            overdue = reading.real_now >= attempt.begun_at + self._cutoff
            match status.state:
                case PaymentState.ACCEPTED:
                    payout.state = "submitted"
                case PaymentState.CREDITED:
                    await self._credited(session, payout, status, reading)
                case PaymentState.REJECTED | PaymentState.RETURNED:
                    payout.state, payout.reason = "returned", status.reason or status.state.value
                case PaymentState.NOT_FOUND if overdue or attempt.outcome == "never_sent":
                    # The rail's last word: it never got it. The same id goes out again; there is no second payment.
                    payout.state, attempt.outcome = "scheduled", "never_arrived"
                case PaymentState.NOT_FOUND | PaymentState.UNKNOWN:
                    payout.state = "unknown"
            payout.rail_reference = status.rail_reference or payout.rail_reference
            if _is_over(payout):
                attempt.outcome, attempt.ended_at = payout.state, reading.real_now
            late = overdue and not _is_over(payout)
            return PayoutState(state=payout.state, reason="overdue" if late else status.reason)

    async def _credited(self, session: AsyncSession, payout: Payout, status: PaymentStatus, reading: Reading) -> None:
        loan = await ledger.loan(session, payout.loan_id)
        payout.state = "credited"
        payout.credited_at = min(reading.business(status.at), reading.now) if status.at else reading.now
        payout.credited_on = _day(loan, payout.credited_at)

    @activity.defn
    async def settle_payout(self, case: PayoutCase) -> LoanStarted:
        """What the end means for the loan, the books and the application."""
        application_id = await self._application_of(case)
        async with self._steps.step(
            application_id, case.payout_id, "payout_credited", "payout_returned", "payout_cancelled"
        ) as step:
            payout = await ledger.payout(step.session, case.payout_id)
            loan = await ledger.loan(step.session, payout.loan_id)
            if not step.done:
                match payout.state:
                    case "credited":
                        await self._lend(step, payout, loan)
                    case "returned":
                        await self._take_back(step, payout, loan)
                    case "cancelled":
                        loan.state = "cancelled"
                        await release(step.session, step.application, case.payout_id, step.now)
                        step.move(Stage.WITHDRAWN, reason=payout.reason)
                        await step.tell("payout_cancelled", reason=payout.reason)
                    case state:
                        raise ValueError(f"a payout is not settled while it is {state}")
                await self._gate.over(step, payout)
                await clocks.forget(step.session, clocks.workflow_of("payout", payout.id))
                await clocks.forget(step.session, clocks.workflow_of("application", application_id))
            return LoanStarted(loan_id=loan.id, application_id=application_id)

    async def _application_of(self, case: PayoutCase) -> UUID:
        async with self._sessions.begin() as session:
            return (await session.get_one(Payout, case.payout_id)).application_id

    async def _lend(self, step: Step, payout: Payout, loan: Loan) -> None:
        """The loan lives, interest runs from the day of the credit."""
        assert payout.credited_on is not None  # noqa: S101
        on = payout.credited_on
        entry = disbursed(
            loan.id,
            payout.amount_minor,
            cause=str(payout.id),
            booked_at=step.now,
            effective_on=on,
            source=f"rail:{payout.rail_reference}",
        )
        await ledger.post(step.session, entry, currency=payout.currency)
        surplus = await renewing.pay_off(step, payout, loan, on)
        loan.state, loan.live_on = "live", on
        terms = terms_from(loan.terms)
        ends = ends_of(terms, on, self._gate.calendar)
        loan.matures_on = ends[-1]
        if terms.day_rule is DayRule.FOLLOWING:
            loan.window_ends = ends_text(ends)
        if terms.by_dates:
            path = first_path(terms, on, self._gate.calendar)
            loan.path, loan.matures_on = path_json(path), path.due_on[-1]
        step.session.add(
            LoanBalance(
                loan_id=loan.id,
                as_of=on - ONE_DAY,
                principal_minor=loan.principal_minor - surplus,
                accrued_units=0,
                interest_paid_minor=0,
                paid_minor=0,
                carry_minor=0,
                uncollected_minor=0,
                in_flight_minor=0,
                windows_passed=0,
                past_due_since=None,
                past_due_minor=0,
                days_past_due=0,
                status="as_agreed",
                coupon_left_minor=await coupons.cap_of(step.session, loan.id),
            )
        )
        account = await ledger.account(step.session, payout.account_id)
        if payout.payee_id is None:
            account.first_paid_on = account.first_paid_on or on
        step.move(Stage.FUNDED)
        said = {"amount_minor": payout.amount_minor, "currency": payout.currency, "credited_on": on.isoformat()}
        await step.tell("payout_credited", actor="bank", rail_reference=payout.rail_reference, **said)
        await step.notify("payout_credited", **said)

    async def _take_back(self, step: Step, payout: Payout, loan: Loan) -> None:
        """The bank gave the money back: no loan, no interest, nothing owed."""
        entry = payout_returned(
            loan.id,
            payout.amount_minor,
            cause=str(payout.id),
            booked_at=step.now,
            effective_on=_day(loan, step.now),
            source=f"rail:{payout.rail_reference}",
        )
        await ledger.post(step.session, entry, currency=payout.currency)
        loan.state = "cancelled"
        step.move(Stage.WITHDRAWN, reason=payout.reason)
        await release(step.session, step.application, payout.id, step.now)
        await step.tell("payout_returned", actor="bank", reason=payout.reason)
        await step.notify("payout_returned", reason=payout.reason)

    @activity.defn
    async def hand_to_desk(self, case: PayoutCase) -> PayoutState:
        """Past the cut-off and still unclear: the owner reads it, the desk sees it; nobody pays twice."""
        log.error("payout_overdue", payout_id=str(case.payout_id))
        async with self._steps.step(await self._application_of(case), case.payout_id, "payout_overdue") as step:
            payout = await ledger.payout(step.session, case.payout_id)
            if not step.done:
                step.stay(awaiting="rail")
                await step.tell("payout_overdue")
            return PayoutState(state=payout.state, reason="overdue")

    @activity.defn
    async def start_loan(self, started: LoanStarted) -> None:
        """The loan's own story begins; one that already runs is the same loan."""
        argument = {"loan_id": str(started.loan_id), "clock_id": self._steps.clock_id}
        try:
            await self._temporal.start_workflow(
                "Loan",
                argument,
                id=clocks.workflow_of("loan", started.loan_id),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            log.info("loan_already_started", loan_id=str(started.loan_id))
        async with self._sessions.begin() as session:
            loan = await ledger.loan(session, started.loan_id)
            old = await ledger.loan(session, loan.renews_loan_id) if loan.renews_loan_id else None
        await renewing.tell_the_old(self._temporal, self._task_queue, old)


def _settled(note: dict[str, Any]) -> dict[str, Any]:
    """What the page said of a wait that is over is not said any more."""
    return {name: value for name, value in note.items() if name not in WAITS}


def _is_over(payout: Payout) -> bool:
    return payout.state in ("credited", "returned")


def _day(loan: Loan, instant: datetime | None) -> date:
    assert instant is not None  # noqa: S101
    return business_date(instant, Jurisdiction(loan.jurisdiction))

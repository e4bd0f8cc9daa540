"""What is not ours goes on: too much back to where it came from, a buyer's rest to the borrower. Each exactly once.

The row is committed before the rail is called and its id is the order's name at the rail, so that a call of which
nothing is known is made again and moves nothing twice.
"""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from activities.private import Private
from db import applications, clocks, incoming, ledger, people
from db.reconciling import RESTS
from db.sessions import Sessions
from db.tables import CreditLine, Incoming, Loan, Outgoing
from gateways import incoming as credits
from gateways.failures import GatewayRefused, GatewayUnavailable, GatewayUnsure
from gateways.payments import PaymentOrder, PaymentState, Rail
from infra.settings import Settings
from lending.calendars import Jurisdiction, business_date
from lending.ledger import overpayment_returned
from lending.movements import Movement, move

log = structlog.get_logger(__name__)

REFERENCE = "退款"
REST = "回款余额"


def order_of(outgoing_id: UUID) -> str:
    """The end-to-end id of a rest on its way to a borrower."""
    return f"{RESTS}{outgoing_id.hex}"


class SendingOn:
    """Ask the rail, write down what it did."""

    def __init__(
        self, sessions: Sessions, private: Private, rail: Rail, outside: credits.Incoming, settings: Settings
    ) -> None:
        self._sessions = sessions
        self._private = private
        self._rail = rail
        self._outside = outside
        self._clock_id = settings.clock_id
        self._jurisdiction = Jurisdiction(settings.jurisdiction)

    async def send_all(self) -> int:
        """Send what is owed; how much arrived. What the rail cannot say now is asked again by the next round."""
        async with self._sessions.begin() as session:
            waiting = await incoming.outgoing_open(session)
        done = 0
        for outgoing_id in waiting:
            try:
                done += await self._send_one(outgoing_id)
            except (GatewayUnavailable, GatewayUnsure):
                log.info("sending_on.again", outgoing_id=str(outgoing_id))
        return done

    async def _send_one(self, outgoing_id: UUID) -> bool:
        async with self._sessions.begin() as session:
            row = await incoming.outgoing_locked(session, outgoing_id)
            if row.state not in ("owed", "sent"):
                return False
            row.state = "sent"
            rest = await self.payment(session, row) if row.kind == "rest" else None
        try:
            if rest is not None:
                said = await self._rail.pay(rest)
                if said.state in (PaymentState.REJECTED, PaymentState.RETURNED):
                    return await self._refused(outgoing_id, said.reason or said.state.value)
                if said.state is not PaymentState.CREDITED:
                    return False
                return await self._done(outgoing_id, said.rail_reference or "")
            return await self._done(outgoing_id, (await self._outside.give_back(self._return(row))).rail_reference)
        except GatewayRefused as no:
            return await self._refused(outgoing_id, no.code)

    def _return(self, row: Outgoing) -> credits.GiveBack:
        assert row.of is not None  # noqa: S101
        return credits.GiveBack(
            return_id=str(incoming.order_of(row)),
            of=row.of,
            amount_minor=row.amount_minor,
            reference=REFERENCE,
            requested_on=business_date(row.created_at, self._jurisdiction),
        )

    async def payment(self, session: AsyncSession, row: Outgoing) -> PaymentOrder:
        """The order that carries a rest to the borrower's own account; the same however often it is made."""
        assert row.account_id is not None and row.person_id is not None  # noqa: S101
        now = await clocks.now(session, self._clock_id)
        await people.record_access(
            session, row.person_id, at=now, actor=people.SYSTEM, what="account", purpose="rest of a buyer's payment"
        )
        account = await ledger.account(session, row.account_id)
        if account.firm_id is not None:
            name = await self._private.firm_name(session, await applications.firm(session, account.firm_id))
        else:
            name = (await self._private.owner(session, row.person_id)).name
        return PaymentOrder(
            end_to_end_id=order_of(incoming.order_of(row)),
            amount_minor=row.amount_minor,
            currency=row.currency,
            payee_account=await self._private.account_number(session, row.account_id),
            payee_name=name,
            reference=REST,
            requested_on=business_date(row.created_at, self._jurisdiction),
        )

    async def _done(self, outgoing_id: UUID, rail_reference: str) -> bool:
        async with self._sessions.begin() as session:
            row = await incoming.outgoing_locked(session, outgoing_id)
            if row.state != "sent":
                return False
            now = await clocks.now(session, self._clock_id)
            row.state, row.rail_reference, row.done_at = "done", rail_reference, now
            row.done_on = business_date(row.created_at, self._jurisdiction)
            await self._booked(session, row, now)
            await self._told(session, row, now)
            return True

    async def _booked(self, session: AsyncSession, row: Outgoing, now: datetime) -> None:
        assert row.done_on is not None  # noqa: S101
        source = f"rail:{row.rail_reference}"
        if row.from_suspense:
            entry = move(
                Movement.UNEXPLAINED_RETURNED,
                row.amount_minor,
                loan_id=None,
                cause=str(row.id),
                booked_at=now,
                effective_on=row.done_on,
                source=source,
            )
        else:
            entry = overpayment_returned(
                row.loan_id,
                row.amount_minor,
                cause=str(row.id),
                booked_at=now,
                effective_on=row.done_on,
                source=source,
            )
        await ledger.post(session, entry, currency=row.currency)

    async def _told(self, session: AsyncSession, row: Outgoing, now: datetime) -> None:
        """A line of the borrower's story, where it is known whose; a stranger reads it on their own statement."""
        application_id = await self._application(session, row)
        if application_id is None:
            return
        application = await applications.locked(session, application_id)
        said = {"amount_minor": row.amount_minor, "currency": row.currency}
        kind = "rest_paid" if row.kind == "rest" else "money_returned"
        await applications.announce(
            session, application, cause=f"outgoing/{row.id}", kind=kind, actor="system", at=now, params=said
        )

    async def _application(self, session: AsyncSession, row: Outgoing) -> UUID | None:
        if row.loan_id is not None:
            return (await session.get_one(Loan, row.loan_id)).application_id
        if row.incoming_id is None:
            return None
        came = await session.get_one(Incoming, row.incoming_id)
        if came.line_id is not None:
            return (await session.get_one(CreditLine, came.line_id)).application_id
        return (await session.get_one(Loan, came.loan_id)).application_id if came.loan_id else None

    async def _refused(self, outgoing_id: UUID, code: str) -> bool:
        """The rail will not: it stays ours to send, and a person reads why."""
        async with self._sessions.begin() as session:
            row = await incoming.outgoing_locked(session, outgoing_id)
            if row.state == "sent":
                row.state, row.problem, row.judged = "refused", code, None
                row.refused_at = await clocks.now(session, self._clock_id)
        log.error("sending_on.refused", outgoing_id=str(outgoing_id), code=code)
        return False

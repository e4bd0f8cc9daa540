"""The close of a business day: the rule in Python, the rows by COPY, one transaction a shard."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.booking import balance_row, close_loan
from activities.ports import servicing as port
from activities.ports.servicing import DayToClose, ShardClosed, Shards, ShardToClose
from activities.private import Private
from db import clocks, closes, incoming, ledger, parties, permissions, plans, trust
from db.closes import OpenLoan
from db.copying import copy_rows
from db.sessions import Sessions
from db.tables import Audit, CloseShard, Collection, Loan
from gateways.failures import GatewayUnsure
from gateways.payments import CollectionOrder, Rail, Receipt, ReceiptState
from infra.updates import Done, Envelope, Missing, NoAnswer, Over, Refused, send
from lending.calendars import BusinessCalendar
from lending.close import LoanClose, LoanDay, LoanStatus, carried, close_day, received, to_announce
from lending.consents import Purpose
from lending.identifiers import derived_id
from lending.ledger import Entry, coupon_applied, daily_accrual, repayment
from lending.minimum_path import Warned
from lending.revenue_share import NO_REVENUE, RevenueDay

log = structlog.get_logger()
ONE_DAY = timedelta(days=1)
RECEIVED = {ReceiptState.FULL: "received", ReceiptState.PARTIAL: "partial", ReceiptState.REFUSED: "failed"}


# What a shard's seal is over: the figures of each close; its words follow from them.
FIGURES = LoanClose._fields.index("status")
# Why an instruction has no reference of the rail's.
HELD_BACK, MAY_HAVE_ARRIVED = "held_back", "may_have_arrived"
# What a workflow may take to hear an update: it prints a certificate at the most.
ONE_WORD = timedelta(seconds=20)


class NotHeard(Exception):
    """A workflow did not answer; the same update is sent again."""


class Closing(port.Closing):
    """Start, open, close shards, collect, wake, finish."""

    def __init__(
        self,
        sessions: Sessions,
        private: Private,
        rail: Rail,
        temporal: Client,
        *,
        task_queue: str,
        clock_id: str,
        calendars: Mapping[str, BusinessCalendar],
    ) -> None:
        self._sessions = sessions
        self._private = private
        self._rail = rail
        self._temporal = temporal
        self._task_queue = task_queue
        self._clock_id = clock_id
        self._calendars = calendars

    @activity.defn
    async def start_close(self, day: DayToClose) -> None:
        """Start the day's close; if it has finished already, say so again."""
        try:
            await self._temporal.start_workflow(
                "DailyClose",
                {"jurisdiction": day.jurisdiction, "on": day.on.isoformat()},
                id=f"close/{day.jurisdiction}/{day.on.isoformat()}",
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )
        except WorkflowAlreadyStartedError:
            async with self._sessions.begin() as session:
                closed = await closes.is_closed(session, day.jurisdiction, day.on)
            if closed:
                await self._report(day)

    @activity.defn
    async def open_close(self, day: DayToClose) -> Shards:
        """The close is on record; these shards hold live loans."""
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._clock_id)
            await closes.open_day(session, day.jurisdiction, day.on, now)
            return Shards(numbers=tuple(await ledger.live_shards(session, day.jurisdiction)))

    @activity.defn
    async def close_shard(self, shard: ShardToClose) -> ShardClosed:
        """One transaction: accrue, share, count, instruct. A second run finds the first's row."""
        async with self._sessions.begin() as session:
            known = await closes.shard_row(session, shard.jurisdiction, shard.on, shard.shard)
            if known is not None:
                return ShardClosed(loans=known.loans, instructed=known.instructed_minor)
            now = await clocks.now(session, self._clock_id)
            loans = await closes.loans_to_close(
                session, shard.jurisdiction, shard.shard, shard.on, self._calendars[shard.jurisdiction]
            )
            ids = [loan.loan_id for loan in loans]
            rested = {loan.loan_id: loan.breathings for loan in loans if loan.breathings}
            revenue = await closes.sweep_revenue(session, ids, shard.on, rested)
            announced = await plans.announced(session, shard.jurisdiction, shard.shard, shard.on + ONE_DAY)
            accrued: dict[tuple[str, str], int] = defaultdict(int)
            balances: list[tuple[object, ...]] = []
            instructions: list[tuple[object, ...]] = []
            gifts: list[tuple[Entry, str]] = []
            late: list[tuple[UUID, UUID, date, int]] = []
            slow: list[tuple[object, ...]] = []
            seal = sha256()
            for loan in loans:
                told = revenue.get(loan.loan_id)
                sales = RevenueDay(*told) if told else NO_REVENUE
                closed, after, earned = _through(loan, sales, shard.on, announced.get(loan.loan_id, 0))
                accrued[loan.product_id, loan.currency] += earned
                balances.append(balance_row(loan, after, closed, shard.on))
                if after.coupon_minor < loan.day.coupon_minor:
                    gifts.append((_coupon(loan, after, shard, now), loan.currency))
                if closed.withhold_minor:
                    instructions.append(_instruction(loan, sales, closed, shard))
                if closed.status is LoanStatus.PAST_DUE and closed.past_due_since is not None:
                    late.append((loan.loan_id, loan.person_id, closed.past_due_since, closed.days_past_due))
                if closed.warned is not None and (loan.path_debit or closed.warned.kind is not Warned.DEBIT):
                    slow.append(_slow(loan, closed, shard.on))
                seal.update(repr((loan.loan_id.int, *closed[:FIGURES])).encode())
            await plans.found_slow(session, slow)
            await closes.write_balances(session, balances)
            await trust.note_lateness(session, late, shard.on)
            await parties.tell_of_lateness(session, late, now)
            await copy_rows(session, "collection", COLLECTION_COLUMNS, instructions)
            lines = [
                (entry, currency)
                for (product_id, currency), amount in sorted(accrued.items())
                if (entry := daily_accrual(product_id, currency, shard.on, amount, booked_at=now, shard=_name(shard)))
            ]
            await closes.copy_entries(session, [*lines, *gifts])
            instructed = _asked_for(instructions)
            session.add(
                CloseShard(
                    jurisdiction=shard.jurisdiction,
                    on_date=shard.on,
                    shard=shard.shard,
                    loans=len(loans),
                    accrued_minor=sum(accrued.values()),
                    instructed_minor=instructed,
                    sha256=seal.hexdigest(),
                    closed_at=now,
                )
            )
            session.add(
                Audit(
                    actor="close",
                    action="close_shard",
                    object_kind="close",
                    object_id=f"{shard.on.isoformat()}/{_name(shard)}",
                    detail={"loans": len(loans), "sha256": seal.hexdigest()},
                )
            )
            return ShardClosed(loans=len(loans), instructed=instructed)

    @activity.defn
    async def collect_shard(self, shard: ShardToClose) -> ShardClosed:
        """The instructions go out as one batch with one id; the receipts are posted in one transaction.

        An owner who took the mandate's consent back pays by themselves: their instruction goes to nobody and fails.
        """
        async with self._sessions.begin() as session:
            waiting = [
                row for row in await ledger.collections_of(session, shard.on, shard.shard) if row.state == "instructed"
            ]
            held = await self._held_back(session, waiting)
            orders = [await self._order(session, row) for row in waiting if row not in held]
        if not waiting:
            return ShardClosed(loans=0, instructed=0)
        receipts = await self._collected(shard, orders, held=len(held)) if orders else []
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._clock_id)
            receipts += [_not_sent(row, now) for row in held]
            settled = await self._book(session, shard, {receipt.instruction_id: receipt for receipt in receipts})
        return ShardClosed(loans=len(receipts), instructed=sum(r.amount_minor for r in receipts), settled=settled)

    async def _held_back(self, session: AsyncSession, waiting: list[Collection]) -> list[Collection]:
        """The instructions whose owner does not allow the bank to be told any more, marked as such. A batch that may
        have arrived is asked about as it was: what was sent cannot be held back."""
        if not any(row.rail_reference == MAY_HAVE_ARRIVED for row in waiting):
            owners, now = {row.person_id for row in waiting}, await clocks.now(session, self._clock_id)
            ended = await permissions.ended(session, Purpose.SHARING.value, owners, now)
            for row in waiting:
                row.rail_reference = HELD_BACK if row.person_id in ended else None
        return [row for row in waiting if row.rail_reference == HELD_BACK]

    async def _collected(self, shard: ShardToClose, orders: list[CollectionOrder], *, held: int) -> list[Receipt]:
        """Another set of instructions is another batch to the rail, which knows each instruction by its own id too."""
        batch = f"{shard.jurisdiction}-{shard.shard}-{shard.on.isoformat()}" + (f"-{held}" if held else "")
        try:
            return list(await self._rail.collect(batch, orders, requested_on=shard.on + ONE_DAY))
        except GatewayUnsure:
            async with self._sessions.begin() as session:
                for row in await ledger.collections_of(session, shard.on, shard.shard):
                    if row.state == "instructed" and row.rail_reference is None:
                        row.rail_reference = MAY_HAVE_ARRIVED
            raise

    async def _order(self, session: AsyncSession, row: Collection) -> CollectionOrder:
        loan = await session.get_one(Loan, row.loan_id)
        return CollectionOrder(
            instruction_id=str(row.id),
            account=await self._private.account_number(session, loan.account_id),
            amount_minor=row.amount_minor,
            currency=loan.currency,
            mandate=f"HSM{loan.id.hex}",
            reference=str(row.id),
        )

    async def _book(self, session: AsyncSession, shard: ShardToClose, receipts: dict[str, Receipt]) -> int:
        """Post what came in: interest first, then principal; a loan that owes nothing any more is closed."""
        now = await clocks.now(session, self._clock_id)
        on = shard.on + ONE_DAY
        rows = [row for row in await ledger.collections_of(session, shard.on, shard.shard) if row.state == "instructed"]
        loans = await closes.loans_by_id(session, [row.loan_id for row in rows])
        entries: list[tuple[Entry, str]] = []
        balances: list[tuple[object, ...]] = []
        settled = 0
        first = await closes.principal_first(session, loans.values(), on)
        for row in rows:
            receipt, loan = receipts[str(row.id)], loans[row.loan_id]
            row.state, row.received_minor = RECEIVED[receipt.state], receipt.amount_minor
            row.rail_reference, row.received_at = receipt.rail_reference, now
            after, split = received(
                loan.day,
                receipt.amount_minor,
                asked_minor=row.amount_minor,
                principal_first=loan.loan_id in first,
            )
            if receipt.amount_minor:
                entry = repayment(
                    loan.loan_id,
                    split,
                    cause=f"collection/{row.id}",
                    booked_at=now,
                    effective_on=on,
                    source=f"rail:{receipt.rail_reference}",
                )
                entries.append((entry, loan.currency))
            if split.over_minor:
                incoming.give_back_of_debit(session, row, loan.currency, split.over_minor, now)
            balances.append(balance_row(loan, after, None, loan.as_of, paid_minor=receipt.amount_minor))
            if after.owed_minor == 0:
                settled += 1
                await close_loan(session, loan, on, now)
        await closes.copy_entries(session, entries)
        await closes.write_balances(session, balances)
        return settled

    @activity.defn
    async def wake_loans(self, day: DayToClose) -> None:
        """Loans that were paid in full write their own last page."""
        async with self._sessions.begin() as session:
            settled = await closes.settled_loans(session, day.jurisdiction, day.on + ONE_DAY)
        for loan_id in settled:
            await self._tell_loan(loan_id, day)

    async def _tell_loan(self, loan_id: UUID, day: DayToClose) -> None:
        workflow_id = clocks.workflow_of("loan", loan_id)
        await self._say(Envelope("Loan", workflow_id, "settled", f"settled/{loan_id}", {"on": day.on.isoformat()}))

    async def _say(self, envelope: Envelope) -> None:
        """Tell a workflow; one that has ended needs no telling, one that does not answer is told again by the retry."""
        answer = await send(self._temporal, envelope, task_queue=self._task_queue, deadline=ONE_WORD)
        match answer:
            case Done() | Over():
                return
            case Missing():
                log.info("nobody_to_tell", workflow_id=envelope.workflow_id)
            case Refused() | NoAnswer():
                raise NotHeard(envelope.update)

    @activity.defn
    async def finish_close(self, day: DayToClose) -> None:
        """The proof: interest in the general ledger is the sum over the loans, to the fen, in each currency."""
        async with self._sessions.begin() as session:
            by_loans = await closes.interest_by_loans(session)
            by_ledger = await closes.interest_by_ledger(session)
            differences = {
                currency: by_ledger.get(currency, 0) - by_loans.get(currency, 0) for currency in {*by_loans, *by_ledger}
            }
            if any(differences.values()):
                log.error("close_does_not_tie", on=day.on.isoformat(), differences=differences)
            now = await clocks.now(session, self._clock_id)
            await closes.finish_day(session, day.jurisdiction, day.on, now, differences)
        await self._report(day)

    async def _report(self, day: DayToClose) -> None:
        name = f"{day.jurisdiction}/{day.on.isoformat()}"
        await self._say(
            Envelope(
                "Calendar", f"calendar/{day.jurisdiction}", "day_closed", f"closed/{name}", {"on": day.on.isoformat()}
            )
        )


def _not_sent(row: Collection, at: datetime) -> Receipt:
    """What is booked of an instruction that nobody was given: nothing came, and it is asked for with later sales."""
    return Receipt(
        instruction_id=str(row.id), amount_minor=0, state=ReceiptState.REFUSED, rail_reference=HELD_BACK, at=at
    )


def _name(shard: ShardToClose) -> str:
    return f"{shard.jurisdiction}/{shard.shard}"


def _through(loan: OpenLoan, sales: RevenueDay, on: date, announced_minor: int) -> tuple[LoanClose, LoanDay, int]:
    """Close every day that the loan has missed up to ``on``; the revenue, and what was announced, belong to the last.

    A loan that was credited while its first day's close was already running has missed a day; so has everyone after
    an outage.
    """
    position, earned = loan.day, 0
    day = loan.as_of + ONE_DAY
    while True:
        if day == on and announced_minor:
            position = position._replace(announced_minor=announced_minor)
        closed = close_day(position, sales if day == on else NO_REVENUE, day)
        position = carried(position, closed)
        earned += closed.accrued_minor
        if day == on:
            return closed, position, earned
        day += ONE_DAY


def _coupon(loan: OpenLoan, after: LoanDay, shard: ShardToClose, at: datetime) -> Entry:
    """What the loan's coupon paid of the interest that these closes earned; it counts from the next day on, as every
    payment of that interest would."""
    return coupon_applied(
        loan.loan_id,
        loan.day.coupon_minor - after.coupon_minor,
        cause=f"{loan.loan_id}/{shard.on.isoformat()}",
        booked_at=at,
        effective_on=shard.on + ONE_DAY,
        source=f"close:{shard.on.isoformat()}",
    )


COLLECTION_COLUMNS = (
    "id",
    "loan_id",
    "person_id",
    "close_on",
    "shard",
    "net_revenue_minor",
    "amount_minor",
    "received_minor",
    "state",
    "path_minor",
)


def _instruction(loan: OpenLoan, sales: RevenueDay, closed: LoanClose, shard: ShardToClose) -> tuple[object, ...]:
    return (
        derived_id("collection", f"{loan.loan_id}/{shard.on.isoformat()}"),
        loan.loan_id,
        loan.person_id,
        shard.on,
        shard.shard,
        sales.net_minor,
        closed.withhold_minor,
        0,
        "instructed",
        closed.path_minor,
    )


def _slow(loan: OpenLoan, closed: LoanClose, on: date) -> tuple[object, ...]:
    """A row of ``db.plans.NOTICE_COLUMNS``."""
    warned = closed.warned
    assert warned is not None  # noqa: S101 (the close found it)
    most = to_announce(loan.day, closed) if warned.kind is Warned.DEBIT else 0
    told = (warned.number, warned.kind.value, warned.due_on, on, warned.short_minor, most)
    return (loan.loan_id, loan.person_id, *told)


def _asked_for(rows: Iterable[tuple[object, ...]]) -> int:
    """What the instructions ask for together, in minor units."""
    return sum(amount for row in rows if isinstance(amount := row[COLLECTION_COLUMNS.index("amount_minor")], int))

"""The cashier: money that came is kept, placed on what it is for, and what of it is not ours goes on.

Each credit is one transaction of its own, and everything that it moves is named after it, so that a round which was
killed is simply done again. It stands in suspense from the moment it came until something explains it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from activities.cashbook import Cashbook, Waits
from db import clocks, incoming, receivables
from db.sessions import Sessions
from db.tables import Incoming, Receivable
from gateways import incoming as rail
from infra.crypto import Vault
from infra.settings import Settings
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.incoming import By, Debt, Place, loans_in, numbers_in, on_line_account, on_our_account
from lending.movements import Movement, move

log = structlog.get_logger(__name__)

# Somebody at the desk finds out what money is for within a day; until then it is nobody's and earns nothing.
LOOKED_AT_WITHIN = timedelta(days=1)


class Cashier:
    """Take in, place."""

    def __init__(self, sessions: Sessions, vault: Vault, outside: rail.Incoming, book: Cashbook, settings: Settings):
        self._sessions = sessions
        self._vault = vault
        self._rail = outside
        self._book = book
        self._clock_id = settings.clock_id
        self._jurisdiction = Jurisdiction(settings.jurisdiction)

    async def take_in(self) -> int:
        """Ask the rail for what came after what we have; how many credits were new."""
        async with self._sessions.begin() as session:
            after = await incoming.last_seen(session)
        found = await self._rail.credits(after)
        if not found:
            return 0
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._clock_id)
            for credit in found:
                await self._keep(session, credit, now)
        return len(found)

    async def _keep(self, session: AsyncSession, credit: rail.Credit, now: datetime) -> None:
        incoming_id = derived_id("incoming", credit.rail_reference)
        # A rail that books by the wall clock may be ahead of our business day; no value date is.
        on = min(credit.booked_on, business_date(now, self._jurisdiction))
        row: dict[str, object] = {
            "id": incoming_id,
            "seq": credit.seq,
            "rail": credit.rail,
            "rail_reference": credit.rail_reference,
            "order_id": credit.order_id,
            "amount_minor": credit.amount_minor,
            "currency": credit.currency,
            "booked_on": on,
            "came_at": now,
            "via_line_id": await incoming.line_of_number(session, self._vault, credit.account),
        }
        payer = incoming.Payer(credit.payer_name, credit.payer_account, credit.remark)
        if not await incoming.keep(session, self._vault, payer, row):
            return
        entry = move(
            Movement.UNEXPLAINED_RECEIVED,
            credit.amount_minor,
            loan_id=None,
            cause=str(incoming_id),
            booked_at=now,
            effective_on=on,
            source=f"rail:{credit.rail_reference}",
        )
        await self._book.post(session, entry, credit.currency)

    # --- what it is for -----------------------------------------------------------------------------------------------

    async def place_all(self) -> int:
        """Place what is waiting, each in its own transaction; how many found their place."""
        async with self._sessions.begin() as session:
            waiting = await incoming.waiting(session)
        placed, failed = 0, None
        for incoming_id in waiting:
            try:
                placed += await self._place_one(incoming_id)
            except Exception as error:  # one credit that fails does not keep the others from their place
                log.warning("cashier.failed", incoming_id=str(incoming_id), error=type(error).__name__)
                failed = error
        if failed is not None:
            raise failed
        return placed

    async def _place_one(self, incoming_id: UUID) -> bool:
        async with self._sessions.begin() as session:
            row = await incoming.locked(session, incoming_id)
            if row is None or row.state not in incoming.WAITING:
                return False
            now = await clocks.now(session, self._clock_id)
            try:
                if row.takes_two and row.confirmed_by is None:
                    return False  # somebody said what it is for; it takes somebody else
                if row.decided is not None:
                    await self._as_decided(session, row, now)
                else:
                    await self._by_rule(session, row, now)
            except Waits as waits:
                row.problem = waits.problem
                return False
            return row.state not in incoming.WAITING

    async def _as_decided(self, session: AsyncSession, row: Incoming, now: datetime) -> None:
        """What a person at the desk said."""
        assert row.decided_id is not None or row.decided == "give_back"  # noqa: S101
        match row.decided:
            case "give_back":
                self._book.give_back(session, row, row.amount_minor, now)
                row.state, row.placed_at, row.by, row.due_at = "given_back", now, By.PERSON.value, None
            case "loan":
                assert row.decided_id is not None  # noqa: S101
                await self._book.repay(session, row, [row.decided_id], By.PERSON, now)
            case _:
                assert row.decided_id is not None  # noqa: S101
                found = await receivables.one(session, row.decided_id)
                assert found is not None  # noqa: S101
                others = await incoming.receivables_of_line(session, found.line_id)
                await self._book.receive(session, row, found.id, _debts(others, row, set()), By.PERSON, now)

    async def _by_rule(self, session: AsyncSession, row: Incoming, now: datetime) -> None:
        remark = incoming.payer_of(self._vault, row).remark
        named = incoming.named_by(self._vault, numbers_in(remark))
        if row.via_line_id is not None:
            if await self._on_line(session, row, row.via_line_id, named, now):
                return
        elif await self._on_ours(session, row, remark, named, now):
            return
        if row.state == "arrived":
            row.state, row.problem, row.due_at = "suspense", "unmatched", row.came_at + LOOKED_AT_WITHIN

    async def _on_line(
        self, session: AsyncSession, row: Incoming, line_id: UUID, named: set[bytes], now: datetime
    ) -> bool:
        found = await incoming.receivables_of_line(session, line_id)
        if await self._book.from_borrower(session, row, line_id, named, now):
            return True
        debts = _debts(found, row, named)
        return await self._received(session, row, on_line_account(row.amount_minor, debts), debts, now)

    async def _on_ours(
        self, session: AsyncSession, row: Incoming, remark: str, named: set[bytes], now: datetime
    ) -> bool:
        written = loans_in(remark)
        loans = await incoming.loans_of_numbers(session, written, row.currency)
        if len(loans) == 1:
            await self._book.repay(session, row, [loans[0].id], By.REFERENCE, now)
            return True
        if loans:  # it names two: a person asks which
            return False
        mine = await incoming.live_loans_of_account(session, row.payer_index)
        # Two people may have told us of one account; then its money is for neither by itself.
        if mine and len({loan.person_id for loan in mine}) == 1:
            await self._book.repay(session, row, [loan.id for loan in mine], By.PAYER, now)
            return True
        debts = _debts(await incoming.receivables_of_payer(session, row.payer_key), row, named)
        return await self._received(session, row, on_our_account(row.amount_minor, debts), debts, now)

    async def _received(
        self, session: AsyncSession, row: Incoming, place: Place | None, debts: Sequence[Debt], now: datetime
    ) -> bool:
        if place is None:
            return False
        await self._book.receive(session, row, place.debt, debts, place.by, now)
        return True


def _debts(rows: Iterable[Receivable], row: Incoming, named: set[bytes]) -> list[Debt]:
    """Receivables of the money's currency on which something is still open."""
    return [
        Debt(
            id=one.id,
            open_minor=open_minor,
            due_on=one.due_on,
            named=bytes(one.number_key) in named,
            from_debtor=bytes(one.buyer_key) == bytes(row.payer_key),
        )
        for one in rows
        if one.currency == row.currency and (open_minor := receivables.still_owed(one)) > 0
    ]

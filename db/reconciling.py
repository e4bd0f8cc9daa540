"""Our bookings on the rail's account as the journal has them, each by the order that the rail was given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.incoming import order_of
from db.ledger import postings
from db.tables import BankStatement, Collection, Entry, Incoming, Outgoing, Payout, Posting
from lending.accounts import Account
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.ledger import EntryKind
from lending.movements import Movement
from lending.reconciliation import OurRow

RESTS = "HR"  # how the order of a rest to a borrower begins
CASH = (Account.CASH_BANK, Account.CASH_WALLET)
ONE_DAY = timedelta(days=1)


class StatementChanged(Exception):
    """The bank's statement of this number was imported before, and said something else."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What we booked, and what is known of each order: the state of its payout or debit."""

    rows: tuple[OurRow, ...]
    states: dict[str, str]


async def our_rows(session: AsyncSession, first: date, last: date, also: Iterable[str], currency: str) -> Ours:
    """Bookings on cash with a value date in these days, and those of three days around whose order the bank names.

    An entry that no payout and no debit explains is a row of its own: nobody at the bank will know it.
    """
    around = timedelta(days=3)
    entries = (
        await session.scalars(
            select(Entry)
            .join(Posting, Posting.entry_id == Entry.id)
            .where(
                or_(Posting.debit.in_(CASH), Posting.credit.in_(CASH)),
                Entry.effective_on.between(first - around, last + around),
                Entry.currency == currency,
                Entry.kind != EntryKind.CAPITAL_PAID_IN,  # the opening of the books is no order to the bank
            )
            .distinct()
        )
    ).all()
    moves = await postings(session, [entry.id for entry in entries])
    orders, states = await _orders(session, entries)
    named = set(also)
    rows: list[OurRow] = []
    for entry in entries:
        order_id = orders.get(entry.id, f"entry/{entry.id}")
        if not first <= entry.effective_on <= last and order_id not in named:
            continue
        amount = sum(move.amount_minor * ((move.debit in CASH) - (move.credit in CASH)) for move in moves[entry.id])
        if amount:
            rows.append(OurRow(order_id, amount, entry.currency, entry.effective_on))
    return Ours(tuple(rows), {row.order_id: states[row.order_id] for row in rows if row.order_id in states})


async def _orders(session: AsyncSession, entries: Sequence[Entry]) -> tuple[dict[Any, str], dict[str, str]]:
    """The order behind each entry by the entry's id, which follows from its cause; and the state of each order."""
    loans = {entry.loan_id for entry in entries if entry.loan_id is not None}
    orders: dict[Any, str] = {}
    states: dict[str, str] = {}
    for payout in await session.scalars(select(Payout).where(Payout.loan_id.in_(loans))):
        for kind in (EntryKind.PAYOUT_SENT, EntryKind.PAYOUT_RETURNED):
            orders[derived_id("entry", f"{kind}/{payout.id}")] = payout.end_to_end_id
        states[payout.end_to_end_id] = f"payout_{payout.state}"
    days = {entry.effective_on - ONE_DAY for entry in entries}
    debits = await session.scalars(
        select(Collection).where(Collection.loan_id.in_(loans), Collection.close_on.in_(days))
    )
    for debit in debits:
        orders[derived_id("entry", f"{EntryKind.REPAYMENT}/collection/{debit.id}")] = str(debit.id)
        states[str(debit.id)] = f"debit_{debit.state}"
    await _unasked({entry.id for entry in entries}, session, orders, states)
    return orders, states


async def _unasked(entry_ids: set[UUID], session: AsyncSession, orders: dict[Any, str], states: dict[str, str]) -> None:
    """Money that came unasked stands under the rail's own reference: what its payer called it may name many things.
    What we sent on stands under our order."""
    days = [row.effective_on for row in await session.scalars(select(Entry).where(Entry.id.in_(entry_ids)))]
    if not days:
        return
    around = timedelta(days=3)
    came = await session.scalars(
        select(Incoming).where(Incoming.booked_on.between(min(days) - around, max(days) + around))
    )
    for one in came:
        orders[derived_id("entry", f"{Movement.UNEXPLAINED_RECEIVED}/{one.id}")] = one.rail_reference
        states[one.rail_reference] = f"incoming_{one.state}"
    went = await session.scalars(
        select(Outgoing).where(Outgoing.done_on.between(min(days) - around, max(days) + around))
    )
    for one in went:
        sent = order_of(one)
        order = str(sent) if one.kind == "return" else f"{RESTS}{sent.hex}"
        kind = Movement.UNEXPLAINED_RETURNED if one.from_suspense else EntryKind.OVERPAYMENT_RETURNED
        orders[derived_id("entry", f"{kind}/{one.id}")] = order
        states[order] = f"outgoing_{one.state}"


async def keep(session: AsyncSession, values: dict[str, Any], at: datetime, jurisdiction: Jurisdiction) -> None:
    """Import a statement, or reconcile it again: later days may have brought what was missing.

    A statement that was imported before its last day had ended may still grow. Raises :class:`StatementChanged` when
    the same number stood for other content after that.
    """
    key = (values["account"], values["statement_id"])
    known = await session.get(BankStatement, key, with_for_update=True)
    final = known is not None and business_date(known.reconciled_at, jurisdiction) > known.last_on
    if known is not None and final and known.sha256 != values["sha256"]:
        raise StatementChanged(f"{key[1]} of account {key[0]}")
    again = {name: value for name, value in values.items() if name not in ("account", "statement_id")}
    again["reconciled_at"] = at
    await session.execute(
        insert(BankStatement)
        .values(**values, reconciled_at=at)
        .on_conflict_do_update(index_elements=["account", "statement_id"], set_=again)
    )


async def statement_before(session: AsyncSession, account: str, first: date) -> BankStatement | None:
    """The imported statement of an account that ended on the day before."""
    return (
        await session.scalars(
            select(BankStatement)
            .where(BankStatement.account == account, BankStatement.last_on == first - ONE_DAY)
            .order_by(BankStatement.reconciled_at.desc())
            .limit(1)
        )
    ).one_or_none()

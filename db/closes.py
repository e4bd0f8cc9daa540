"""The daily close's rows: read in one query a shard, written by COPY."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.copying import copy_rows
from db.tables import Close, CloseShard, Loan, LoanBalance
from lending.calendars import BusinessCalendar
from lending.close import LoanDay, to_cure
from lending.cycles import Breathing, counted_of
from lending.ledger import Entry
from lending.minimum_path import ends_from, window_ends
from lending.money import divide_half_even
from lending.paths import path_from
from lending.plans import plan_from
from lending.products import SharePlan
from lending.terms import terms_from


class OpenLoan(NamedTuple):
    """A live loan as the close reads it: whose it is, its day, and how far it is closed."""

    loan_id: UUID
    person_id: UUID
    application_id: UUID
    product_id: str
    currency: str
    account_id: UUID
    as_of: date
    paid_minor: int
    past_due_minor: int
    days_past_due: int
    status: str
    day: LoanDay
    path_debit: bool = False
    breathings: tuple[Breathing, ...] = ()


async def open_day(session: AsyncSession, jurisdiction: str, on: date, at: datetime) -> None:
    """Put the close on record, once."""
    await session.execute(
        insert(Close)
        .values(jurisdiction=jurisdiction, on_date=on, state="running", started_at=at)
        .on_conflict_do_nothing()
    )


async def shard_row(session: AsyncSession, jurisdiction: str, on: date, shard: int) -> CloseShard | None:
    """What an earlier run of the same shard did, if it committed; locked."""
    return await session.get(CloseShard, (jurisdiction, on, shard), with_for_update=True)


# Columns and not entities: of a million loans each would be made, watched and thrown away.
_READ = (
    select(
        Loan.id,
        Loan.person_id,
        Loan.application_id,
        Loan.product_id,
        Loan.currency,
        Loan.account_id,
        LoanBalance.as_of,
        LoanBalance.paid_minor,
        LoanBalance.past_due_minor,
        LoanBalance.days_past_due,
        LoanBalance.status,
        Loan.principal_minor,
        Loan.live_on,
        LoanBalance.principal_minor,
        LoanBalance.accrued_units,
        LoanBalance.interest_paid_minor,
        Loan.rate_units,
        Loan.units_per_minor,
        Loan.share_ppm,
        Loan.window_months,
        Loan.windows,
        Loan.grace_days,
        LoanBalance.carry_minor,
        LoanBalance.uncollected_minor,
        LoanBalance.in_flight_minor,
        LoanBalance.windows_passed,
        LoanBalance.past_due_since,
        LoanBalance.coupon_left_minor,
        Loan.path_debit,
        Loan.plan,
        Loan.path,
        Loan.window_ends,
    )
    .join(LoanBalance, LoanBalance.loan_id == Loan.id)
    .order_by(Loan.id)
    .with_for_update(of=LoanBalance)
)


async def loans_to_close(
    session: AsyncSession, jurisdiction: str, shard: int, on: date, calendar: BusinessCalendar | None = None
) -> list[OpenLoan]:
    """The shard's live loans that are not closed for ``on`` yet, locked in loan order. By ``calendar`` the windows that
    breathing space made later end on working days, where it was signed so (P9)."""
    connection = await session.connection()  # rows as they are: the mapper's share of each is as much as the rule's
    rows = await connection.execute(
        _READ.where(
            Loan.shard == shard,
            Loan.state == "live",
            Loan.jurisdiction == jurisdiction,
            Loan.live_on <= on,
            LoanBalance.as_of < on,
        )
    )
    return [_open(row, on, calendar) for row in rows]


async def loans_by_id(session: AsyncSession, loan_ids: Sequence[UUID]) -> dict[UUID, OpenLoan]:
    """Live loans by id, locked in loan order."""
    rows = await session.execute(_READ.where(Loan.id.in_(loan_ids)))
    return {row[0]: _open(row, None) for row in rows}


async def principal_first(session: AsyncSession, loans: Iterable[OpenLoan], on: date) -> frozenset[UUID]:
    """Those that are so long past due on a day that their contracts settle principal before interest (P10)."""
    late = {loan.loan_id: (on - loan.day.past_due_since).days for loan in loans if loan.day.past_due_since}
    if not late:
        return frozenset()
    agreed = await session.execute(select(Loan.id, Loan.terms).where(Loan.id.in_(late)))
    return frozenset(loan_id for loan_id, terms in agreed if terms_from(terms).principal_first(late[loan_id]))


def _open(row: Sequence[Any], on: date | None, calendar: BusinessCalendar | None = None) -> OpenLoan:
    """``on``: the day that is closed; None for a payment, which no plan changes."""
    *whose, amount, started_on, principal, units, paid = row[:16]
    path = path_from(row[30]) if row[30] is not None else None
    ends = ends_from(row[31]) if row[31] is not None else None
    day = LoanDay(
        amount, started_on, principal, int(units), paid, *row[16:27], coupon_minor=row[27], path=path, ends=ends
    )  # fmt: skip
    if row[29] is None or on is None:
        return OpenLoan(*whose, day=day, path_debit=row[28])
    plan = plan_from(row[29])
    if ends is not None and (shift := plan.shift_days(on)):
        day = day._replace(ends=window_ends(started_on, day.window_months, day.windows, calendar, shift))
    day = day._replace(
        cycle=plan.cycle,
        cycle_day=plan.cycle_day,
        path_shift_days=plan.shift_days(on),
        put_off=max(plan.put_off, default=0),
        share_ppm=day.share_ppm if plan.share is None else SharePlan(plan.share).share_ppm,
        path=plan.path or day.path,
    )
    return OpenLoan(*whose, day=day, path_debit=row[28], breathings=plan.breathings)


def to_cure_of(loan: Loan, balance: LoanBalance) -> int:
    """What ends a loan's lateness now (:func:`lending.close.to_cure`), by its rows as payments since the close left
    them."""
    plan = plan_from(loan.plan) if loan.plan is not None else None
    signed = path_from(loan.path) if loan.path is not None else None
    position = LoanDay(
        amount_minor=loan.principal_minor,
        started_on=loan.live_on or balance.as_of,
        principal_minor=balance.principal_minor,
        accrued_units=int(balance.accrued_units),
        interest_paid_minor=balance.interest_paid_minor,
        rate_units=loan.rate_units,
        units_per_minor=loan.units_per_minor,
        share_ppm=loan.share_ppm,
        window_months=loan.window_months,
        windows=loan.windows,
        windows_passed=balance.windows_passed,
        past_due_since=balance.past_due_since,
        path=(plan.path if plan else None) or signed,
    )
    return to_cure(position, balance.as_of)


async def sweep_revenue(
    session: AsyncSession, loan_ids: Sequence[UUID], on: date, rested: Mapping[UUID, Sequence[Breathing]]
) -> dict[UUID, tuple[int, int, int]]:
    """Take every day of revenue up to ``on`` that no close has taken: (sales, refunds, chargebacks) per loan.

    A day that comes late is taken by the next close; none is taken twice. ``rested``: breathing spaces, by which a day
    within them counts for less, whenever it is told.
    """
    loans = ",".join([loan_id.hex for loan_id in loan_ids])
    rows = await session.execute(
        text(
            "update revenue_day set swept_on = :on"
            " where loan_id = any(cast(:loans as uuid[])) and swept_on is null and on_date <= :on"
            " returning loan_id, sales_minor, refunds_minor, chargebacks_minor, on_date"
        ),
        {"on": on, "loans": f"{{{loans}}}"},
    )
    sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0])
    for loan_id, sales, refunds, chargebacks, sold_on in rows:
        if rested and (spaces := rested.get(loan_id)):
            sales, refunds, chargebacks = counted_of((sales, refunds, chargebacks), spaces, sold_on)
        total = sums[loan_id]
        total[0] += sales
        total[1] += refunds
        total[2] += chargebacks
    return {loan_id: (total[0], total[1], total[2]) for loan_id, total in sums.items()}


ENTRY_COLUMNS = ("id", "loan_id", "kind", "currency", "booked_at", "effective_on", "source")
POSTING_COLUMNS = ("entry_id", "n", "debit", "credit", "amount_minor")


async def copy_entries(session: AsyncSession, entries: Sequence[tuple[Entry, str]]) -> None:
    """COPY entries with their currencies; the caller has made sure that none was booked before."""
    await copy_rows(
        session,
        "entry",
        ENTRY_COLUMNS,
        (
            (entry.id, entry.loan_id, entry.kind.value, currency, entry.booked_at, entry.effective_on, entry.source)
            for entry, currency in entries
        ),
    )
    await copy_rows(
        session,
        "posting",
        POSTING_COLUMNS,
        (
            (entry.id, n, posting.debit.value, posting.credit.value, posting.amount_minor)
            for entry, _ in entries
            for n, posting in enumerate(entry.postings)
        ),
    )


BALANCE_COLUMNS = (
    "loan_id",
    "as_of",
    "principal_minor",
    "accrued_units",
    "interest_paid_minor",
    "paid_minor",
    "carry_minor",
    "uncollected_minor",
    "in_flight_minor",
    "windows_passed",
    "past_due_since",
    "past_due_minor",
    "days_past_due",
    "status",
    "coupon_left_minor",
)


# One for each connection and not for each shard: a table made and dropped is two dozen rows of the catalogue.
NEW_BALANCES = "create temporary table if not exists new_balance (like loan_balance) on commit delete rows"


async def write_balances(session: AsyncSession, rows: Sequence[Sequence[Any]]) -> None:
    """Replace the projections of many loans at once; columns as in ``BALANCE_COLUMNS``."""
    if not rows:
        return
    await session.execute(text(NEW_BALANCES))
    await copy_rows(session, "new_balance", BALANCE_COLUMNS, rows)
    changes = ", ".join(f"{column} = new.{column}" for column in BALANCE_COLUMNS[1:])
    await session.execute(
        text(f"update loan_balance old set {changes} from new_balance new where old.loan_id = new.loan_id")  # noqa: S608
    )
    await session.execute(text("delete from new_balance"))


async def settled_loans(session: AsyncSession, jurisdiction: str, on: date) -> list[UUID]:
    """The loans whose last fen was received for a day's close."""
    return list(
        await session.scalars(
            select(Loan.id).where(Loan.jurisdiction == jurisdiction, Loan.closed_on == on).order_by(Loan.id)
        )
    )


async def interest_by_loans(session: AsyncSession) -> dict[str, int]:
    """Interest earned and not paid, by currency, as the loans tell it (each rounded once, half to even)."""
    rows = await session.execute(
        select(Loan.currency, LoanBalance.accrued_units, Loan.units_per_minor, LoanBalance.interest_paid_minor).join(
            LoanBalance, LoanBalance.loan_id == Loan.id
        )
    )
    sums: dict[str, int] = defaultdict(int)
    for currency, units, per_minor, paid in rows:
        sums[currency] += divide_half_even(int(units), per_minor) - paid
    return dict(sums)


async def interest_by_ledger(session: AsyncSession) -> dict[str, int]:
    """Interest receivable by currency, as the general ledger tells it."""
    rows = await session.execute(
        text(
            """
            select e.currency,
                   sum(case when p.debit = 'interest.receivable' then p.amount_minor else -p.amount_minor end)::bigint
            from posting p join entry e on e.id = p.entry_id
            where 'interest.receivable' in (p.debit, p.credit)
            group by 1
            """
        )
    )
    return {currency: int(amount) for currency, amount in rows}


async def finish_day(
    session: AsyncSession, jurisdiction: str, on: date, at: datetime, differences: Mapping[str, int]
) -> None:
    """The day is closed, with what its proof found."""
    await session.execute(
        update(Close)
        .where(Close.jurisdiction == jurisdiction, Close.on_date == on)
        .values(state="closed", finished_at=at, difference_minor=sum(abs(value) for value in differences.values()))
    )


async def is_closed(session: AsyncSession, jurisdiction: str, on: date) -> bool:
    """Whether the day's close has finished."""
    return (
        await session.scalar(
            select(func.count()).where(Close.jurisdiction == jurisdiction, Close.on_date == on, Close.state == "closed")
        )
        == 1
    )

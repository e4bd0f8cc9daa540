"""Invoices of a firm: taking a list in, reading them for a score, and who else has brought the same ones."""

from collections.abc import AsyncIterable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.copying import copy_blocks
from db.tables import Invoice

VOID, RED = 1, 2  # codes of imports.invoice_cells
NO_NUMBER = 8  # a flag of imports.invoice_list

# What is told a second time is no second invoice, but what became of it since counts: void, paid, taken back.
_KEEP = """
    with told as (
        insert into invoice select * from invoice_told
        on conflict (firm_id, side, fingerprint) do update
           set status = case when excluded.status = 1 then excluded.status else invoice.status end,
               settled_on = coalesce(excluded.settled_on, invoice.settled_on),
               due_on = coalesce(invoice.due_on, excluded.due_on),
               cancels_key = coalesce(invoice.cancels_key, excluded.cancels_key),
               flags = invoice.flags | excluded.flags
        returning (xmax = 0) as added
    )
    select count(*) filter (where added) as added, count(*) filter (where not added) as repeated from told
"""


async def take_in(session: AsyncSession, columns: Sequence[str], blocks: AsyncIterable[bytes]) -> tuple[int, int]:
    """COPY blocks of text rows into the firm's invoices, all or nothing: (new ones, ones that an earlier list told)."""
    await session.execute(text("create temporary table invoice_told (like invoice) on commit drop"))
    await copy_blocks(session, "invoice_told", columns, blocks)
    added, repeated = (await session.execute(text(_KEEP))).one()
    return int(added), int(repeated)


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice as the score reads it: minor units before tax, signed; a key of eight bytes or None."""

    side: int
    issued_on: date
    due_on: date | None
    settled_on: date | None
    net_minor: int
    tax_minor: int
    counterparty_key: bytes | None
    status: int
    serial: int | None


async def of_firm(session: AsyncSession, firm_id: UUID, as_of: date) -> list[InvoiceRow]:
    """A firm's invoices as they stood on a day.

    One that a red-ink invoice of that day or before takes back in full is void, and so is that red-ink one: both tell
    of a sale that never was, in whatever months they lie. One reversed later still stood.
    """
    mine = (await session.scalars(select(Invoice).where(Invoice.firm_id == firm_id, Invoice.issued_on <= as_of))).all()
    return _rows(mine, _taken_back(mine))


async def as_written(session: AsyncSession, firm_id: UUID, until: date) -> list[InvoiceRow]:
    """A firm's invoices as each was written: what was taken back stands beside what took it back."""
    mine = (await session.scalars(select(Invoice).where(Invoice.firm_id == firm_id, Invoice.issued_on <= until))).all()
    return _rows(mine, frozenset())


def _taken_back(mine: Sequence[Invoice]) -> set[bytes]:
    blue: dict[tuple[int, bytes | None, bytes, int], Invoice] = {
        (one.side, one.counterparty_key, one.number_key, one.net_minor): one
        for one in mine
        if one.number_key is not None and one.status == 0
    }
    gone: set[bytes] = set()
    for red in mine:
        if red.status == RED and red.cancels_key is not None:
            found = blue.get((red.side, red.counterparty_key, red.cancels_key, -red.net_minor))
            if found is not None and found.fingerprint not in gone:
                gone |= {found.fingerprint, red.fingerprint}
    return gone


def _rows(mine: Sequence[Invoice], gone: Collection[bytes]) -> list[InvoiceRow]:
    return [
        InvoiceRow(
            one.side,
            one.issued_on,
            one.due_on,
            one.settled_on,
            one.net_minor,
            one.tax_minor,
            one.counterparty_key,
            VOID if one.fingerprint in gone else one.status,
            one.serial,
        )
        for one in mine
    ]


@dataclass(frozen=True, slots=True)
class InvoiceMonth:
    """One calendar month of a firm's invoices by day of issue, before tax; void ones left out, red ink taken off."""

    month: date
    sales: int
    purchases: int
    sales_minor: int
    purchases_minor: int
    first_day: date
    last_day: date


async def any_of(session: AsyncSession, firm_id: UUID | None) -> bool:
    """Whether a firm's lists hold any invoice."""
    return bool(await session.scalar(select(select(Invoice.number_key).where(Invoice.firm_id == firm_id).exists())))


async def months(session: AsyncSession, firm_id: UUID) -> list[InvoiceMonth]:
    """The months of all of a firm's lists, oldest first."""
    rows = await session.execute(
        text(
            """
            select date_trunc('month', issued_on)::date as month,
                   count(*) filter (where side = 1) as sales, count(*) filter (where side = -1) as purchases,
                   coalesce(sum(net_minor) filter (where side = 1), 0)::bigint as sold,
                   coalesce(sum(net_minor) filter (where side = -1), 0)::bigint as bought,
                   min(issued_on) as first_day, max(issued_on) as last_day
              from invoice where firm_id = :firm and status <> :void group by 1 order by 1
            """
        ),
        {"firm": firm_id, "void": VOID},
    )
    return [
        InvoiceMonth(r.month, int(r.sales), int(r.purchases), int(r.sold), int(r.bought), r.first_day, r.last_day)
        for r in rows
    ]


# --- across firms -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another firm that brought the same invoices as issued or received by itself, and how many of them."""

    firm_id: UUID
    side: int
    invoices: int
    net_minor: int


async def same_invoices_elsewhere(session: AsyncSession, firm_id: UUID) -> list[Elsewhere]:
    """Other firms that brought this firm's very invoices on the *same* side: one invoice has one seller and one buyer.

    Firms of one owner are not others. The buyer's own list holds the seller's invoices on the other side; that is as it
    should be, and not listed here.
    """
    rows = await session.execute(
        text(
            """
            select other.firm_id, other.side, count(*) as invoices, sum(abs(other.net_minor))::bigint as net
              from invoice mine join invoice other
                on other.fingerprint = mine.fingerprint and other.side = mine.side and other.firm_id <> mine.firm_id
              left join firm us on us.id = mine.firm_id left join firm them on them.id = other.firm_id
             where mine.firm_id = :firm and mine.flags & :no_number = 0
               and us.person_id is distinct from coalesce(them.person_id, them.id, other.firm_id)
             group by 1, 2 order by invoices desc, 1
            """
        ),
        {"firm": firm_id, "no_number": NO_NUMBER},
    )
    return [Elsewhere(row.firm_id, row.side, int(row.invoices), int(row.net)) for row in rows]


async def firms_with(session: AsyncSession, fingerprint: bytes, side: int) -> Sequence[UUID]:
    """Every firm that brought this invoice on this side; a receivable is pledged once."""
    found = await session.scalars(
        select(Invoice.firm_id)
        .where(Invoice.fingerprint == fingerprint, Invoice.side == side)
        .order_by(Invoice.firm_id)
    )
    return found.all()


async def count(session: AsyncSession, firm_id: UUID) -> int:
    """How many invoices a firm has brought."""
    return await session.scalar(select(func.count()).where(Invoice.firm_id == firm_id)) or 0

"""Revenue that sources told, and the batches in which it came: each day's difference as a row of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.copying import copy_rows
from db.tables import RevenueBatch
from lending.identifiers import derived_id
from lending.revenue import RowProblem, Told


class Row(NamedTuple):
    """One account's day as a source tells it now, the account by its keyed hash; minor units."""

    row: int
    account_index: bytes
    on: date
    sales_minor: int
    refunds_minor: int
    chargebacks_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows: ``new`` days and corrections, days told as before, and days with no loan to share them
    (of a known account, before its money came or after it was repaid)."""

    new: int
    corrected: int
    repeated: int
    without_loan: int
    problems: tuple[RowProblem, ...]


def hashed(one: Told, account_index: bytes) -> Row:
    """A row as it goes on: no account number."""
    return Row(
        one.row, account_index, one.on, one.sales_minor, one.refunds_minor, one.chargebacks_minor, one.currency
    )  # fmt: skip


# Whose word a day is: feeds tell whole days, an owner's bill fills days of which none has told, and what a person
# looked at and found to be another account's stands beside the feeds.
FEEDS = ("rail", "wallet")
BROUGHT, LOOKED_AT = "statement", "statement_seen"

STAGED = ("n", "account_index", "on_date", "sales_minor", "refunds_minor", "chargebacks_minor", "currency")

# A day is shared by one loan: the newest by sales that was live on it. The day on which one begins is still its
# elder's, so that a correction finds the loan that the day was told for.
SHARES = """account_index = t.account_index and state = 'live' and path is null and live_on <= t.on_date
        order by live_on = t.on_date, live_on desc, created_at desc limit 1"""

# The difference to what the same source told of the same day; a day that was told as it stands is no row.
TAKE = f"""
with matched as materialized (
    select t.*, l.loan_id, l.person_id, k.told, k.times, t.sales_minor - coalesce(k.sales, 0) as sales,
           t.refunds_minor - coalesce(k.refunds, 0) as refunds,
           t.chargebacks_minor - coalesce(k.chargebacks, 0) as chargebacks
    from revenue_told t
    cross join lateral (
        select id as loan_id, person_id, currency as owed from loan where {SHARES}
    ) l
    cross join lateral (
        select count(*) > 0 as told, count(*) as times, sum(sales_minor)::bigint as sales,
               sum(refunds_minor)::bigint as refunds,
               sum(chargebacks_minor)::bigint as chargebacks
        from revenue_day r where r.loan_id = l.loan_id and r.on_date = t.on_date and r.source = :source
    ) k
    where t.currency = l.owed
), made as (
    insert into revenue_day (id, loan_id, person_id, on_date, sales_minor, refunds_minor, chargebacks_minor, batch,
                             source, received_at)
    select encode(substr(sha256(convert_to('revenue' || chr(31) || :batch || '/' || loan_id || '/' || on_date || '/'
                  || times, 'UTF8')), 1, 16), 'hex')::uuid,
           loan_id, person_id, on_date, sales, refunds, chargebacks, :name, :source, :at
    from matched where not told or (sales, refunds, chargebacks) <> (0, 0, 0)
), withdrawn as (
    -- A bill told this day while no feed did: the feed's word takes its place, and nothing counts twice.
    insert into revenue_day (id, loan_id, person_id, on_date, sales_minor, refunds_minor, chargebacks_minor, batch,
                             source, received_at)
    select encode(substr(sha256(convert_to('revenue' || chr(31) || 'withdrawn/' || :batch || '/' || r.loan_id || '/'
                  || r.on_date, 'UTF8')), 1, 16), 'hex')::uuid,
           r.loan_id, r.person_id, r.on_date, -sum(r.sales_minor), -sum(r.refunds_minor), -sum(r.chargebacks_minor),
           :name, 'statement', :at
    from revenue_day r join (
        -- that nothing was sold here says nothing of another wallet's sales
        select distinct loan_id, on_date from matched
        where (sales_minor, refunds_minor, chargebacks_minor) <> (0, 0, 0)
    ) m using (loan_id, on_date)
    where r.source = 'statement'
    group by r.loan_id, r.person_id, r.on_date
    having (sum(r.sales_minor), sum(r.refunds_minor), sum(r.chargebacks_minor)) <> (0, 0, 0)
)
select count(*) filter (where not told), count(*) filter (where told and (sales, refunds, chargebacks) <> (0, 0, 0)),
       count(*)
from matched
"""  # noqa: S608  (ours)

LEFT_OUT = f"""
select t.n, case when coalesce(l.owed, o.owed) <> t.currency then 'other_currency'
                 when l.owed is null and o.owed is null and a.known is null then 'unknown_account' else '' end
from revenue_told t
left join lateral (select currency as owed from loan where {SHARES}) l on true
left join lateral (
    select currency as owed from loan where account_index = t.account_index and state = 'live'
    order by created_at desc limit 1
) o on l.owed is null
left join lateral (select true as known from bank_account where number_index = t.account_index limit 1) a
    on l.owed is null and o.owed is null
where l.owed is null or l.owed <> t.currency
order by t.n
"""  # noqa: S608  (ours)


async def take(
    session: AsyncSession, source: str, name: str, rows: Sequence[Row], at: datetime
) -> Taken:  # fmt: skip
    """Take a source's days, all in this transaction. One batch of a source after the other: each tells a difference to
    the one before. ``name`` is the batch's own; the same rows again change nothing."""
    if not rows:
        return Taken(0, 0, 0, 0, ())
    await lock(session, source)
    await session.execute(text("drop table if exists revenue_told"))
    await session.execute(
        text(
            "create temporary table revenue_told (n int, account_index bytea, on_date date, sales_minor bigint,"
            " refunds_minor bigint, chargebacks_minor bigint, currency text) on commit drop"
        )
    )
    await copy_rows(
        session,
        "revenue_told",
        STAGED,
        rows,
    )
    await session.execute(text("analyze revenue_told"))
    values = {"source": source, "batch": f"{source}/{name}", "name": name, "at": at}
    new, corrected, matched = (await session.execute(text(TAKE), values)).one()
    left: list[tuple[int, str]] = []
    if matched < len(rows):
        left = [(n, code) for n, code in await session.execute(text(LEFT_OUT))]
    problems = tuple(RowProblem(n, code) for n, code in left if code)
    return Taken(new, corrected, matched - new - corrected, len(left) - len(problems), problems)


async def lock(session: AsyncSession, *sources: str) -> None:
    """One word of a source after the other, until this transaction ends."""
    for source in sorted(sources):
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"revenue of {source}", 0))))


def batch_id(source: str, name: str) -> UUID:
    """The id of a source's batch."""
    return derived_id("revenue-batch", f"{source}/{name}")


async def known(session: AsyncSession, source: str, name: str) -> RevenueBatch | None:
    """A batch that came before. Two deliveries of one batch at once are one after the other."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"batch {source}/{name}", 0))))
    return await session.get(RevenueBatch, batch_id(source, name))


async def newest(session: AsyncSession, limit: int) -> Sequence[RevenueBatch]:
    """The batches that came last."""
    found = await session.scalars(
        select(RevenueBatch).order_by(RevenueBatch.received_at.desc(), RevenueBatch.id).limit(limit)
    )
    return found.all()

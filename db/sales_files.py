"""Bills that owners bring for running loans: taken in once, read once, and their days in the book by one yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import revenue
from db.tables import Loan, LoanBalance, Payout, RevenueDay, SalesFile, SalesLine
from lending.brought_sales import Became, Doubt, Judged, days_of, judged
from lending.identifiers import derived_id
from lending.revenue_share import RevenueDay as Day

# What the file and its name are sealed for.
FILE, NAME = "sales_file.file", "sales_file.name"
SHOWN = 10
READER_FAILED = "reader_failed"  # no fault of the file's
ROWS_AT_ONCE = 5_000


class Verdict(StrEnum):
    """What a person says of days that waited: of another account, so that they stand beside what a feed tells; or of
    the fed account itself, so that they fill what is missing until the feed tells the day."""

    BESIDE = "count"
    FILL = "fill"


@dataclass(frozen=True, slots=True)
class Line:
    """A sale, refund or chargeback of a bill."""

    fingerprint: bytes
    on: date
    sort: str
    amount_minor: int


async def same_file(session: AsyncSession, loan_id: UUID, sha256: str) -> SalesFile | None:
    """The file if the very same bytes were brought for this loan before."""
    return await session.scalar(select(SalesFile).where(SalesFile.loan_id == loan_id, SalesFile.sha256 == sha256))


async def add(session: AsyncSession, row: dict[str, Any]) -> None:
    """A file that is not read yet; the same bytes for the same loan are one."""
    await session.execute(insert(SalesFile).values(**row, state="received", waits=0).on_conflict_do_nothing())


async def again(session: AsyncSession, file_id: UUID, now: datetime) -> None:
    """A file whose reader failed may be read anew."""
    await session.execute(
        update(SalesFile)
        .where(SalesFile.id == file_id, SalesFile.state == "refused", SalesFile.problem == READER_FAILED)
        .values(state="received", problem=None, problem_params=None, received_at=now)
    )


async def of(session: AsyncSession, file_id: UUID, *, locked: bool = False) -> SalesFile | None:
    """One file."""
    return await session.get(SalesFile, file_id, with_for_update=locked or None)


async def of_loan(session: AsyncSession, loan_id: UUID) -> Sequence[SalesFile]:
    """The newest files of a loan, the newest first."""
    newest = select(SalesFile).where(SalesFile.loan_id == loan_id)
    return (await session.scalars(newest.order_by(SalesFile.received_at.desc(), SalesFile.id).limit(SHOWN))).all()


async def read_before(session: AsyncSession, file: SalesFile, first: date, last: date) -> Sequence[SalesFile]:
    """Every other bill of its person that was read and told a day of this span, the oldest first: this one may tell it
    again in other words. Bills of one person are read to their end one after the other (this holds the lock)."""
    await revenue.lock(session, f"{revenue.BROUGHT} {file.person_id}")
    told = select(SalesLine.file_id).where(SalesLine.file_id == SalesFile.id, SalesLine.on_date.between(first, last))
    known = select(SalesFile).where(
        SalesFile.person_id == file.person_id,
        SalesFile.id != file.id,
        SalesFile.state.in_(("read", "counted")),
        told.exists(),
    )
    return (await session.scalars(known.order_by(SalesFile.read_at, SalesFile.id))).all()


async def for_a_person(session: AsyncSession, most: int = 50) -> Sequence[SalesFile]:
    """Files with days that a person has to look at, the oldest first."""
    waits = select(SalesFile).where(SalesFile.waits > 0, SalesFile.decided.is_(None))
    return (await session.scalars(waits.order_by(SalesFile.confirmed_at, SalesFile.id).limit(most))).all()


async def shares(session: AsyncSession, loan: Loan) -> bool:
    """Whether days of a loan's account are this loan's to share: live, and by sales (see ``until``)."""
    return loan.state == "live" and loan.path is None and loan.live_on is not None


async def until(session: AsyncSession, loan: Loan) -> date:
    """The last day that is this loan's to share: the day on which the next loan by sales began on its account; days
    after it are that one's, as with the feeds."""
    by_sales = [Loan.account_index == loan.account_index, Loan.state == "live", Loan.path.is_(None)]
    younger = select(func.min(Loan.live_on)).where(*by_sales, Loan.live_on > loan.live_on)
    return await session.scalar(younger) or date.max


async def since(session: AsyncSession, loan: Loan) -> date:
    """The first day that is this loan's to share: the one on which it began, or the next where that is its elder's."""
    assert loan.live_on is not None  # noqa: S101
    by_sales = [Loan.account_index == loan.account_index, Loan.state == "live", Loan.path.is_(None)]
    elder = await session.scalar(select(Loan.id).where(*by_sales, Loan.live_on < loan.live_on).limit(1))
    return loan.live_on + timedelta(days=1) if elder else loan.live_on


async def paid_out(session: AsyncSession, person_id: UUID) -> frozenset[tuple[date, int]]:
    """What was lent to a person: (day, minor units), whole and as it was paid out (a renewal pays what is over)."""
    lent = select(Loan.live_on, Loan.principal_minor).where(Loan.person_id == person_id, Loan.live_on.is_not(None))
    paid = (
        select(Loan.live_on, Payout.amount_minor)
        .join(Payout, Payout.loan_id == Loan.id)
        .where(Loan.person_id == person_id, Loan.live_on.is_not(None))
    )
    found = await session.execute(union_all(lent, paid))
    return frozenset((on, amount) for on, amount in found if on is not None)


async def keep_lines(session: AsyncSession, file: SalesFile, lines: Sequence[Line]) -> None:
    """What of a bill may count; nothing does yet."""
    for first in range(0, len(lines), ROWS_AT_ONCE):
        some = lines[first : first + ROWS_AT_ONCE]
        await session.execute(
            text(
                "insert into sales_line (file_id, person_id, fingerprint, on_date, sort, amount_minor, counts)"
                " select :file, :person, f, o, s, a, false from unnest(cast(:f as bytea[]), cast(:o as date[]),"
                " cast(:s as text[]), cast(:a as bigint[])) as t(f, o, s, a) on conflict do nothing"
            ),
            {
                "file": file.id,
                "person": file.person_id,
                "f": [one.fingerprint for one in some],
                "o": [one.on for one in some],
                "s": [one.sort for one in some],
                "a": [one.amount_minor for one in some],
            },
        )


async def look(session: AsyncSession, file: SalesFile) -> tuple[Judged, ...]:
    """What each day of a bill would become now."""
    whole = await _days(session, file, only_new=False)
    if not whole:
        return ()
    within = RevenueDay.on_date.between(min(whole), max(whole))
    told = await _told(session, file.loan_id, RevenueDay.source.in_(revenue.FEEDS), within)
    fed = {on: day for on, day in told.items() if any(day)}
    closed_to = await session.scalar(select(LoanBalance.as_of).where(LoanBalance.loan_id == file.loan_id))
    new = await _days(session, file, only_new=True)
    return judged(whole, new, fed, closed_to=closed_to, doubt=Doubt(file.doubt) if file.doubt else None)


async def _days(session: AsyncSession, file: SalesFile, *, only_new: bool) -> dict[date, Day]:
    lines = select(SalesLine.on_date, SalesLine.sort, func.sum(SalesLine.amount_minor)).where(
        SalesLine.file_id == file.id
    )
    if only_new:
        counted = select(SalesLine.fingerprint).where(SalesLine.person_id == file.person_id, SalesLine.counts)
        lines = lines.where(SalesLine.fingerprint.not_in(counted))
    rows = await session.execute(lines.group_by(SalesLine.on_date, SalesLine.sort))
    return days_of((on, sort, int(minor)) for on, sort, minor in rows)


async def enter(
    session: AsyncSession, file: SalesFile, now: datetime, *, verdict: Verdict | None = None
) -> tuple[Judged, ...]:
    """Enter a bill's days into the book, and what each became. The owner's yes enters what is surely new; a person's
    ``verdict`` what waited. After the feeds and every other bill, so that no day and no line counts twice."""
    by_person = verdict is not None
    source = revenue.LOOKED_AT if verdict is Verdict.BESIDE else revenue.BROUGHT
    about = f"{source}/{file.id}" + ("/filled" if verdict is Verdict.FILL else "")
    await revenue.lock(session, *revenue.FEEDS, f"{revenue.BROUGHT} {file.person_id}")
    found = await look(session, file)
    chosen = [one for one in found if (one.became.waits if by_person else one.became.enters)]
    filled: dict[date, Day] = {}
    if verdict is Verdict.FILL:  # beside what other bills have filled of the days that a feed told
        theirs = RevenueDay.on_date.in_([one.on for one in chosen if one.fed])
        filled = await _told(session, file.loan_id, RevenueDay.source == revenue.BROUGHT, theirs)
    for one in chosen:
        sums = one.new
        if verdict is Verdict.FILL:
            before = filled.get(one.on, Day(0))
            sums = Day(*(of - told for of, told in zip(one.missing, before, strict=True)))
        session.add(
            RevenueDay(
                id=derived_id("revenue", f"{about}/{one.on}"),
                loan_id=file.loan_id,
                person_id=file.person_id,
                on_date=one.on,
                sales_minor=sums.sales_minor,
                refunds_minor=sums.refunds_minor,
                chargebacks_minor=sums.chargebacks_minor,
                batch=str(file.id),
                source=source,
                received_at=now,
            )
        )
    await session.flush()
    counted = select(SalesLine.fingerprint).where(SalesLine.person_id == file.person_id, SalesLine.counts)
    await session.execute(
        update(SalesLine)
        .where(
            SalesLine.file_id == file.id,
            SalesLine.on_date.in_([one.on for one in chosen]),
            SalesLine.fingerprint.not_in(counted),
        )
        .values(counts=True)
        .execution_options(synchronize_session=False)
    )
    return found


async def _told(session: AsyncSession, loan_id: UUID, *which: ColumnElement[bool]) -> dict[date, Day]:
    """What of a loan's days was told so far, by day."""
    rows = await session.execute(
        select(
            RevenueDay.on_date,
            func.sum(RevenueDay.sales_minor),
            func.sum(RevenueDay.refunds_minor),
            func.sum(RevenueDay.chargebacks_minor),
        )
        .where(RevenueDay.loan_id == loan_id, *which)
        .group_by(RevenueDay.on_date)
    )
    return {on: Day(int(sales), int(refunds), int(back)) for on, sales, refunds, back in rows}


def as_json(days: Sequence[Judged]) -> dict[str, Any]:
    """Days as they are kept beside their file: what was entered as it entered, the others as the bill tells them."""
    return {one.on.isoformat(): [*(one.new if one.became.enters else one.whole), one.became.value] for one in days}


def from_json(kept: dict[str, Any]) -> tuple[tuple[date, Day, Became], ...]:
    """The same back: day, sums, what became of it."""
    return tuple((date.fromisoformat(on), Day(*sums[:3]), Became(sums[3])) for on, sums in sorted(kept.items()))

"""Subsidies in rows: granted by a signature, claimed a month at a time, paid once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Contract, Entry, Loan, LoanSubsidy, Posting, SubsidyClaim, SubsidyClaimLine
from lending.accounts import Account
from lending.calendars import add_months
from lending.ledger import EntryKind
from lending.subsidies import Granted

CASH = (Account.CASH_BANK.value, Account.CASH_WALLET.value)


@dataclass(frozen=True, slots=True)
class Subsidised:
    """A loan under a scheme: interest that its owner paid within the scheme's months until a day, of that in the
    period, and what was claimed before."""

    loan_id: UUID
    annual_rate: Decimal
    currency: str
    granted: Granted
    paid_minor: int
    in_period_minor: int
    claimed_minor: int


@dataclass(frozen=True, slots=True)
class ClaimedLoan:
    """One line of a claim file."""

    contract: str
    live_on: date
    principal_minor: int
    annual_rate: Decimal
    points: Decimal
    interest_minor: int
    claimed_minor: int
    claimed_before_minor: int


async def grant(session: AsyncSession, loan: Loan, sheet: Mapping[str, Any], *, at: datetime) -> None:
    """The scheme that stands on the signed sheet is the loan's, once."""
    await session.execute(
        insert(LoanSubsidy)
        .values(
            loan_id=loan.id,
            person_id=loan.person_id,
            scheme=str(sheet["scheme"]),
            points=Decimal(str(sheet["points"])),
            cap_minor=int(sheet["cap_minor"]),
            months=int(sheet["months"]),
            noted_at=at,
        )
        .on_conflict_do_nothing()
    )


async def of_scheme(session: AsyncSession, scheme: str, first_on: date, last_on: date) -> list[Subsidised]:
    """Every loan of a scheme as it stands for a period, in the order of their ids.

    Interest counts by the value date of the owner's own money: neither a coupon's nor what was waived. What a reversal
    took back counts against it.
    """
    loans = await session.execute(
        select(LoanSubsidy, Loan.live_on, Loan.annual_rate, Loan.currency)
        .join(Loan, Loan.id == LoanSubsidy.loan_id)
        .where(LoanSubsidy.scheme == scheme, Loan.live_on.is_not(None), Loan.live_on <= last_on)
        .order_by(LoanSubsidy.loan_id)
    )
    found = [(row, live_on, rate, currency) for row, live_on, rate, currency in loans if live_on is not None]
    ids = [row.loan_id for row, *_ in found]
    interest = await _interest(session, ids, last_on)
    sums = await session.execute(
        select(SubsidyClaimLine.loan_id, func.sum(SubsidyClaimLine.claimed_minor))
        .where(SubsidyClaimLine.loan_id.in_(ids))
        .group_by(SubsidyClaimLine.loan_id)
    )
    claimed = {loan_id: int(total) for loan_id, total in sums}
    return [
        Subsidised(
            loan_id=row.loan_id,
            annual_rate=rate,
            currency=currency,
            granted=Granted(row.scheme, row.points, row.cap_minor, row.months),
            paid_minor=sum(paid for on, paid in interest[row.loan_id] if on < add_months(live_on, row.months)),
            in_period_minor=sum(
                paid for on, paid in interest[row.loan_id] if first_on <= on < add_months(live_on, row.months)
            ),
            claimed_minor=claimed.get(row.loan_id, 0),
        )
        for row, live_on, rate, currency in found
    ]


async def _interest(session: AsyncSession, loans: Sequence[UUID], last_on: date) -> dict[UUID, list[tuple[date, int]]]:
    """Interest that was paid with money, by loan and value date."""
    kinds = (EntryKind.REPAYMENT.value, EntryKind.REVERSAL.value)
    receivable = Account.INTEREST_RECEIVABLE.value
    rows = await session.execute(
        select(Entry.loan_id, Entry.effective_on, Posting.debit, Posting.amount_minor)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(
            Entry.loan_id.in_(loans),
            Entry.kind.in_(kinds),
            Entry.effective_on <= last_on,
            (Posting.credit == receivable) & Posting.debit.in_(CASH)
            | (Posting.debit == receivable) & Posting.credit.in_(CASH),
        )
    )
    found: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for loan_id, on, debit, amount in rows:
        if loan_id is None:
            continue  # a line of the whole book is nobody's interest
        found[loan_id].append((on, -amount if debit == receivable else amount))
    return found


async def lock(session: AsyncSession, scheme: str) -> None:
    """One claim of a scheme at a time, since each counts what was claimed before."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"subsidy/{scheme}"))))


async def add_claim(session: AsyncSession, claim: SubsidyClaim, lines: Sequence[SubsidyClaimLine]) -> None:
    """A claim with its lines."""
    session.add(claim)
    await session.flush()
    session.add_all(lines)
    await session.flush()


async def claim(session: AsyncSession, claim_id: UUID, *, locked: bool = False) -> SubsidyClaim | None:
    """A claim."""
    found = select(SubsidyClaim).where(SubsidyClaim.id == claim_id).execution_options(populate_existing=True)
    return await session.scalar(found.with_for_update() if locked else found)


async def claims(session: AsyncSession) -> Sequence[SubsidyClaim]:
    """The claims, the newest period first."""
    found = select(SubsidyClaim).order_by(SubsidyClaim.period.desc(), SubsidyClaim.scheme).limit(200)
    return (await session.scalars(found)).all()


async def lines(session: AsyncSession, claim_id: UUID) -> list[ClaimedLoan]:
    """The lines of a claim file, by contract."""
    rows = await session.execute(
        select(SubsidyClaimLine, Contract.number, Loan, LoanSubsidy.points)
        .join(Loan, Loan.id == SubsidyClaimLine.loan_id)
        .join(LoanSubsidy, LoanSubsidy.loan_id == Loan.id)
        .outerjoin(Contract, Contract.application_id == Loan.application_id)
        .where(SubsidyClaimLine.claim_id == claim_id)
        .order_by(Contract.number, Loan.id)
    )
    return [
        ClaimedLoan(
            contract=number or str(loan.id),
            live_on=loan.live_on or date.min,
            principal_minor=loan.principal_minor,
            annual_rate=loan.annual_rate,
            points=points,
            interest_minor=line.interest_minor,
            claimed_minor=line.claimed_minor,
            claimed_before_minor=line.claimed_before_minor,
        )
        for line, number, loan, points in rows
    ]

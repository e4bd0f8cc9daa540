"""The classes of the book in rows: what a night reads, what it keeps, what people proposed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, ClassChange, ClassProposal, Loan, LoanBalance, LoanClass, LoanEnd, ProvisionLine
from db.writing import into
from lending.accounts import Account
from lending.classification import Classified, Facts, Said
from lending.identifiers import derived_id
from lending.ledger import EntryKind
from lending.maturity import Class, Label
from lending.money import divide_half_even

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Classable:
    """A loan at the end of a night, with what is kept of its class so far."""

    loan_id: UUID
    firm_id: UUID
    number: int
    product_id: str
    currency: str
    live: bool
    principal_minor: int
    interest_minor: int
    days_past_due: int
    past_due_since: date | None
    label: Label | None
    kept: LoanClass | None

    @property
    def facts(self) -> Facts:
        kept = self.kept
        return Facts(
            days_past_due=self.days_past_due,
            past_due_since=self.past_due_since,
            label=self.label,
            was=Class(kept.klass) if kept else Class.NORMAL,
            last_late_on=kept.late_on if kept else None,
            said=Said(Class(kept.said), kept.said_since) if kept and kept.said else None,
        )


def _asked() -> Any:
    return (
        select(
            Loan.id,
            Loan.firm_id,
            Application.number,
            Loan.product_id,
            Loan.currency,
            Loan.state,
            Loan.renewal_label,
            Loan.units_per_minor,
            LoanBalance.principal_minor,
            LoanBalance.accrued_units,
            LoanBalance.interest_paid_minor,
            LoanBalance.days_past_due,
            LoanBalance.past_due_since,
            LoanEnd.agreed_at,
            LoanClass,
        )
        .join(Application, Application.id == Loan.application_id)
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .outerjoin(LoanEnd, LoanEnd.loan_id == Loan.id)
        .outerjoin(LoanClass, LoanClass.loan_id == Loan.id)
        .order_by(Loan.id)
    )


def _read(rows: Collection[Any]) -> list[Classable]:
    return [
        Classable(
            loan_id=row.id,
            firm_id=row.firm_id,
            number=int(row.number),
            product_id=row.product_id,
            currency=row.currency,
            live=row.state == "live",
            principal_minor=row.principal_minor,
            interest_minor=max(
                0, divide_half_even(int(row.accrued_units), row.units_per_minor) - row.interest_paid_minor
            ),
            days_past_due=row.days_past_due if row.state == "live" else 0,
            past_due_since=row.past_due_since,
            label=_label(row),
            kept=row.LoanClass,
        )
        for row in rows
    ]


def _label(row: Any) -> Label | None:
    if row.renewal_label == Label.REFINANCING.value:
        return Label.REFINANCING
    return Label.EXTENSION if row.agreed_at is not None else None


async def not_normal(session: AsyncSession, jurisdiction: str) -> list[Classable]:
    """Every loan that a night has to look at: late, refinanced, extended, or classed before and not over."""
    # Each reason on its own table: one condition over all of them would join the whole book first.
    reasons = union(
        select(LoanBalance.loan_id).where(LoanBalance.days_past_due > 0),
        select(Loan.id).where(Loan.renewal_label == Label.REFINANCING.value),
        select(LoanEnd.loan_id).where(LoanEnd.agreed_at.is_not(None)),
        select(LoanClass.loan_id).where(LoanClass.ended_on.is_(None)),
    ).subquery()
    asked = _asked().where(
        Loan.jurisdiction == jurisdiction,
        Loan.id.in_(select(reasons.c[0])),
        or_(Loan.state == "live", LoanClass.loan_id.is_not(None) & LoanClass.ended_on.is_(None)),
    )
    return _read((await session.execute(asked)).all())


async def of_firms(session: AsyncSession, firms: Collection[UUID]) -> list[Classable]:
    """All that firms owe us."""
    if not firms:
        return []
    return _read((await session.execute(_asked().where(Loan.state == "live", Loan.firm_id.in_(firms)))).all())


async def of_loan(session: AsyncSession, loan_id: UUID, *, lock: bool = False) -> Classable | None:
    """One loan, live or classed. ``lock``: its row of the book, so that two acts come one after the other."""
    if lock:
        await session.execute(select(Loan.id).where(Loan.id == loan_id).with_for_update(key_share=True))
    found = _read((await session.execute(_asked().where(Loan.id == loan_id))).all())
    return found[0] if found else None


async def keep(
    session: AsyncSession, one: Classable, made: Classified, *, stage: int, on: date, at: datetime, policy: str
) -> LoanClass:
    """The loan's class as of a night, and a line of its history where class, reason or income changed."""
    kept = one.kept
    was = Class(kept.klass) if kept else Class.NORMAL
    told = (made.klass.value, made.because.value, made.accrues)
    changed = kept is None or (kept.klass, kept.because, kept.accrues) != told
    if kept is None:
        kept = LoanClass(
            loan_id=one.loan_id,
            since=on,
            suspended_minor=0,
            off_minor=0,
            off_interest_minor=0,
            off_waived_minor=0,
            recovered_minor=0,
        )
        session.add(kept)
    elif made.klass is not was:
        kept.since = on
    kept.klass, kept.because, kept.accrues = told
    kept.stage, kept.as_of = stage, on
    if one.days_past_due:
        kept.late_on = on
    if not one.live:
        kept.ended_on = on
    await session.flush()
    if changed:
        n = await session.scalar(
            select(func.coalesce(func.max(ClassChange.n), 0) + 1).where(ClassChange.loan_id == one.loan_id)
        )
        await session.execute(
            into(ClassChange).values(
                id=derived_id("class_change", f"{one.loan_id}/{n}"),
                loan_id=one.loan_id,
                n=n,
                on_date=on,
                at=at,
                klass=made.klass.value,
                because=made.because.value,
                was=was.value,
                accrues=made.accrues,
                figures={"days_past_due": one.days_past_due, "principal_minor": one.principal_minor},
                policy=policy,
            )
        )
    return kept


async def live_principal(session: AsyncSession, jurisdiction: str) -> dict[str, tuple[int, int]]:
    """(Loans, principal in minor units) of the live book by currency."""
    rows = await session.execute(
        select(Loan.currency, func.count(), func.sum(LoanBalance.principal_minor))
        .join(LoanBalance, LoanBalance.loan_id == Loan.id)
        .where(Loan.state == "live", Loan.jurisdiction == jurisdiction)
        .group_by(Loan.currency)
    )
    return {currency: (int(many), int(total)) for currency, many, total in rows}


async def held(session: AsyncSession, account: Account) -> dict[str, int]:
    """What stands on the credit side of an account, by currency."""
    rows = await session.execute(
        text(
            """
            select e.currency,
                   sum(case when p.credit = :account then p.amount_minor else -p.amount_minor end)::bigint
              from posting p join entry e on e.id = p.entry_id where :account in (p.debit, p.credit) group by 1
            """
        ),
        {"account": account.value},
    )
    return {currency: int(amount) for currency, amount in rows}


async def settled_since(session: AsyncSession, loan_id: UUID, since: datetime) -> tuple[int, int]:
    """(Interest that was paid, principal that was let go) of a loan by entries booked after an instant."""
    let_go = [EntryKind.WAIVED.value]
    row = (
        await session.execute(
            text(
                """
                select coalesce(sum(case when e.kind <> all(:let_go) then
                           case when p.credit = 'interest.receivable' then p.amount_minor
                                when p.debit = 'interest.receivable' then -p.amount_minor else 0 end end), 0)::bigint,
                       coalesce(sum(case when e.kind = any(:let_go) then
                           case when p.credit = 'loans.principal' then p.amount_minor
                                when p.debit = 'loans.principal' then -p.amount_minor else 0 end end), 0)::bigint
                  from entry e join posting p on p.entry_id = e.id
                 where e.loan_id = :loan and e.booked_at > :since
                """
            ),
            {"loan": loan_id, "since": since, "let_go": let_go},
        )
    ).one()
    return int(row[0]), int(row[1])


async def add_provision(session: AsyncSession, lines: Sequence[Mapping[str, Any]]) -> None:
    """The lines of a night."""
    if lines:
        await session.execute(into(ProvisionLine).values(list(lines)).on_conflict_do_nothing())


async def provision(session: AsyncSession, jurisdiction: str) -> Sequence[ProvisionLine]:
    """The lines of the newest night."""
    newest = select(func.max(ProvisionLine.on_date)).where(ProvisionLine.jurisdiction == jurisdiction)
    asked = select(ProvisionLine).where(
        ProvisionLine.jurisdiction == jurisdiction, ProvisionLine.on_date == newest.scalar_subquery()
    )
    return (await session.scalars(asked.order_by(ProvisionLine.currency, ProvisionLine.rate))).all()


async def classed(session: AsyncSession, most: int) -> list[Classable]:
    """Loans that are not normal or were written off, the worst first."""
    rank = func.array_position(list(Class), LoanClass.klass)
    asked = (
        _asked()
        .where(or_(LoanClass.klass != Class.NORMAL.value, LoanClass.off_on.is_not(None)))
        .order_by(None)
        .order_by(LoanClass.ended_on.is_not(None), rank.desc(), LoanClass.since, Loan.id)
        .limit(most)
    )
    return _read((await session.execute(asked)).all())


async def changes(session: AsyncSession, loans: Collection[UUID]) -> Sequence[ClassChange]:
    """How loans' classes changed, the newest first."""
    asked = select(ClassChange).where(ClassChange.loan_id.in_(loans)).order_by(ClassChange.n.desc())
    return (await session.scalars(asked)).all()


async def proposals(session: AsyncSession, loans: Collection[UUID]) -> Sequence[ClassProposal]:
    """What was proposed of loans, the newest first."""
    asked = select(ClassProposal).where(ClassProposal.loan_id.in_(loans)).order_by(ClassProposal.made_at.desc())
    return (await session.scalars(asked)).all()


async def open_proposals(session: AsyncSession) -> list[UUID]:
    """Loans of which a proposal waits for its answer."""
    asked = select(ClassProposal.loan_id).where(ClassProposal.verdict.is_(None)).order_by(ClassProposal.made_at)
    return list(await session.scalars(asked))


async def proposal(session: AsyncSession, proposal_id: UUID, *, lock: bool = False) -> ClassProposal | None:
    """One proposal."""
    asked = select(ClassProposal).where(ClassProposal.id == proposal_id)
    return await session.scalar(asked.with_for_update() if lock else asked)


async def untied(session: AsyncSession) -> list[tuple[Account, str, int]]:
    """Where an account does not hold what the loans say, and by how much: (account, currency, ledger less loans)."""
    found: list[tuple[Account, str, int]] = []
    for account, column in (
        (Account.INTEREST_SUSPENDED, LoanClass.suspended_minor),
        (Account.LOANS_WRITTEN_OFF, LoanClass.off_minor),
    ):
        rows = await session.execute(
            select(Loan.currency, func.sum(column)).join(Loan, Loan.id == LoanClass.loan_id).group_by(Loan.currency)
        )
        by_loans = {currency: int(total) for currency, total in rows}
        by_ledger = await held(session, account)
        differences = {one: by_ledger.get(one, 0) - by_loans.get(one, 0) for one in sorted({*by_loans, *by_ledger})}
        found += [(account, currency, by) for currency, by in differences.items() if by]
    return found

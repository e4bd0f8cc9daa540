"""What leaves in a business day, of a borrower and to a payee, under locks: two at once count each other."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import conditions, payees
from db.tables import (
    Application,
    BankAccount,
    CommitteeItem,
    CommitteeVote,
    Contract,
    CreditLine,
    Decision,
    Loan,
    NamedPayee,
    Payout,
    PayoutRelease,
    Person,
    Staff,
)
from lending.calendars import Jurisdiction, midnight_after
from lending.refusals import ApprovalVoid, ConditionsOpen, MoveClosed, NeedsTwoPeople
from lending.release import DaySums, approval_hash

# Money that never left, or came back, counts for no day.
LEFT_NOTHING = ("cancelled", "returned")
A_DAY = timedelta(days=1)


async def lock(session: AsyncSession, person_id: UUID, account_index: bytes) -> None:
    """Wait for whoever plans a payout of this borrower or to this account; the next statement sees theirs.

    The borrower's row before the account's, those in order, so that no two wait for each other.
    """
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    await session.execute(
        select(BankAccount.id)
        .where(BankAccount.number_index == account_index)
        .order_by(BankAccount.id)
        .with_for_update(key_share=True)
    )
    await session.execute(
        select(NamedPayee.id)
        .where(NamedPayee.number_index == account_index)
        .order_by(NamedPayee.id)
        .with_for_update(key_share=True)
    )


async def day_sums(
    session: AsyncSession,
    *,
    person_id: UUID,
    account_index: bytes,
    on: date,
    jurisdiction: Jurisdiction,
    besides: UUID | None = None,
) -> DaySums:
    """What was signed, is scheduled or left on a business day, without the payout ``besides``.

    A payout that is signed on one day and leaves on the next counts on both.
    """
    begin, end = midnight_after(on - A_DAY, jurisdiction), midnight_after(on, jurisdiction)
    leaves = func.coalesce(Payout.submitted_at, Payout.pay_at)
    goes_to = func.coalesce(NamedPayee.number_index, Loan.account_index)
    ours, theirs = Payout.person_id == person_id, goes_to == account_index
    counted = and_(
        Payout.state.not_in(LEFT_NOTHING),
        or_(
            and_(Payout.created_at >= begin, Payout.created_at < end),
            and_(leaves >= begin, leaves < end),
        ),
        or_(ours, theirs),
    )
    amount = func.sum(Payout.amount_minor)
    query = select(func.coalesce(amount.filter(ours), 0), func.coalesce(amount.filter(theirs), 0))
    query = query.select_from(Payout).join(Loan, Loan.id == Payout.loan_id)
    query = query.outerjoin(NamedPayee, NamedPayee.id == Payout.payee_id).where(counted)
    if besides is not None:
        query = query.where(Payout.id != besides)
    borrower, payee = (await session.execute(query)).one()
    return DaySums(int(borrower), int(payee), on)


async def signs(session: AsyncSession, person_id: UUID, account_index: bytes) -> frozenset[str]:
    """What speaks for more care with this account, in the words of the policy's ``raised_by``."""
    shared = await session.scalar(
        select(BankAccount.id)
        .where(BankAccount.number_index == account_index, BankAccount.person_id != person_id)
        .limit(1)
    )
    return frozenset({"account_shared"}) if shared is not None else frozenset()


# --- the second person ------------------------------------------------------------------------------------------------


async def approved(session: AsyncSession, loan: Loan, payout: Payout) -> str:
    """The hash of what would leave now: amount, payee and terms as the rows stand."""
    to = await payees.of_payout(session, payout)
    return approval_hash(
        loan_id=loan.id,
        terms_hash=loan.terms_hash,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        account_id=to.id,
        account_index=to.index,
    )


async def terms_signed(session: AsyncSession, application_id: UUID) -> str | None:
    """The hash of the terms in the signed contract of an application; None where it has none of its own."""
    return await session.scalar(select(Contract.terms_hash).where(Contract.application_id == application_id))


async def await_second_person(session: AsyncSession, payout: Payout, *, now: datetime, due_at: datetime) -> None:
    """The payout leaves only once somebody else than its approver has let it go.

    The approver is whoever decided the application; where the model did, the first person at the desk approves.
    """
    decided_by = await session.scalar(
        select(Decision.decided_by)
        .where(Decision.application_id == payout.application_id)
        .order_by(Decision.n.desc())
        .limit(1)
    )
    maker_by = f"staff:{decided_by}"
    maker = await employee_of(session, maker_by)
    approvers = await approvers_of(session, payout.application_id)
    if maker is not None:
        approvers.add(maker)
    session.add(
        PayoutRelease(
            payout_id=payout.id,
            person_id=payout.person_id,
            approval_hash=payout.approval_hash,
            state="waiting",
            maker=maker,
            maker_by=maker_by if maker else None,
            made_at=now if maker else None,
            approvers=sorted(approvers),
            created_at=now,
            due_at=due_at,
        )
    )
    await session.flush()


async def approvers_of(session: AsyncSession, application_id: UUID) -> set[str]:
    """Everybody who said yes to this loan or to the line that it is drawn on, the committee's members too: none of them
    lets its money go."""
    line = (
        select(CreditLine.application_id)
        .join(Application, Application.line_id == CreditLine.id)
        .where(Application.id == application_id)
        .scalar_subquery()
    )
    decided = await session.scalars(
        select(Decision.decided_by).where(
            or_(Decision.application_id == application_id, Decision.application_id == line),
            Decision.outcome == "approve",
            Decision.decided_by != "model",
        )
    )
    persons = [await employee_of(session, f"staff:{one}") for one in decided.all()]
    votes = await session.scalars(
        select(CommitteeVote.employee)
        .join(CommitteeItem, CommitteeItem.id == CommitteeVote.item_id)
        .where(
            or_(CommitteeItem.application_id == application_id, CommitteeItem.application_id == line),
            CommitteeItem.state == "passed",
            CommitteeVote.say == "yes",
        )
    )
    return {one for one in persons if one} | set(votes)


async def employee_of(session: AsyncSession, actor: str) -> str | None:
    """Who is behind a login (``staff:…``), however many logins they have; None for whoever is no employee."""
    kind, _, staff_id = actor.partition(":")
    try:
        found = UUID(staff_id) if kind == "staff" else None
    except ValueError:  # "model"
        return None
    return await session.scalar(select(Staff.employee).where(Staff.id == found)) if found else None


async def release_of(session: AsyncSession, payout_id: UUID, *, locked: bool = False) -> PayoutRelease | None:
    """What a payout waits for, if it takes a second person."""
    query = select(PayoutRelease).where(PayoutRelease.payout_id == payout_id)
    return await session.scalar(query.with_for_update() if locked else query)


async def waiting(session: AsyncSession, limit: int = 200) -> Sequence[tuple[PayoutRelease, Payout, Loan, Application]]:
    """What waits for a second person, by when it is due; then what was answered last."""
    found = await session.execute(
        select(PayoutRelease, Payout, Loan, Application)
        .join(Payout, Payout.id == PayoutRelease.payout_id)
        .join(Loan, Loan.id == Payout.loan_id)
        .join(Application, Application.id == Payout.application_id)
        .order_by(PayoutRelease.state.not_in(("waiting", "held_back")), PayoutRelease.due_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


async def answer(
    session: AsyncSession, payout_id: UUID, *, say: str, seen_hash: str, by: str, reason: str, now: datetime
) -> PayoutRelease | None:
    """A person at the desk approves (``approve``), lets go (``release``) or holds back (``hold_back``).

    Raises :class:`MoveClosed` where nothing waits any more, :class:`ApprovalVoid` where amount, payee or terms are not
    what was approved or what this person saw, :class:`NeedsTwoPeople` for whoever approved, whichever login they use,
    :class:`ConditionsOpen` where a condition of the yes is open.
    """
    known = await session.get(Payout, payout_id)
    if known is None:
        return None
    # In the order in which the payout itself is claimed, so that the two never wait for each other.
    await session.execute(select(Application.id).where(Application.id == known.application_id).with_for_update())
    payout = await session.scalar(
        select(Payout).where(Payout.id == payout_id).with_for_update().execution_options(populate_existing=True)
    )
    row = await release_of(session, payout_id, locked=True)
    if row is None:
        return None
    if payout is None or payout.state != "scheduled" or row.state not in ("waiting", "held_back"):
        raise MoveClosed
    loan = await session.get_one(Loan, payout.loan_id)
    if not seen_hash == row.approval_hash == await approved(session, loan, payout):
        raise ApprovalVoid
    employee = await employee_of(session, by)
    if employee is None:
        raise NeedsTwoPeople
    match say:
        case "approve":
            if row.maker is not None:
                raise MoveClosed
            row.maker, row.maker_by, row.made_at = employee, by, now
            row.approvers = sorted({*row.approvers, employee})
        case "release":
            if row.maker is None or row.maker == employee or employee in row.approvers:
                raise NeedsTwoPeople
            if open_ := await conditions.in_the_way(session, payout.application_id):
                raise ConditionsOpen(condition=open_[0].kind)
            row.state, row.checker = "released", employee
            row.answered_by, row.answered_at, row.reason = by, now, reason or None
        case _:
            row.state, row.answered_by, row.answered_at, row.reason = "held_back", by, now, reason
    return row


async def close(session: AsyncSession, payout_id: UUID) -> None:
    """The payout is over: nobody needs to let it go any more."""
    row = await release_of(session, payout_id, locked=True)
    if row is not None and row.state in ("waiting", "held_back"):
        row.state = "lapsed"

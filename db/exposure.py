"""What already hangs on a group, a trade, a buyer: sums over the loans that are open."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Firm, Loan, LoanBalance, PartyRole
from db.writing import into

# A signed loan counts from its signature on: money that is promised is money that is owed.
OPEN = ("pending", "live")
_LEFT = func.coalesce(LoanBalance.principal_minor, Loan.principal_minor)

# So does what an open line still lets its owner draw. A line's own draws are not counted when that line is judged anew:
# the limit that is judged holds them.
# The group: the owner under any of their phones, all their firms, whoever runs a firm with the same credit code, and
# the firms that the company register names as the same representative's.
_GROUP = text(
    """
    with me as (
        select person.id_number_index as person_index, firm.licence_index, application.person_id
        from application
        join person on person.id = application.person_id
        left join firm on firm.id = application.firm_id
        where application.id = :application
    ), people as (
        select person.id, person.id_number_index from person, me
        where person.id = me.person_id or person.id_number_index = me.person_index
    ), firms as (
        select firm.id, firm.licence_index from firm, me
        where firm.person_id in (select id from people)
           or firm.licence_index = me.licence_index
           or firm.licence_index = any(cast(:others as bytea[]))
    ), keys as (
        select id_number_index as key from people where id_number_index is not null
        union select licence_index from firms where licence_index is not null
        union select unnest(cast(:others as bytea[]))
    ), standing as (
        select loan.id, loan.application_id, loan.firm_id, loan.person_id,
               coalesce(loan_balance.principal_minor, loan.principal_minor) as left_minor
        from loan left join loan_balance on loan_balance.loan_id = loan.id
        where loan.state in ('pending', 'live')
          and loan.application_id not in (
              select draw.id from application draw join credit_line own on own.id = draw.line_id
              where own.application_id = :application
          )
          and loan.id not in (
              select renews_loan_id from application where id = :application and renews_loan_id is not null
          )
    )
    select coalesce((
        select sum(left_minor) from standing
        where firm_id in (select id from firms) or person_id in (select id from people)
    ), 0) + coalesce((
        select sum(answered.most) from (
            select max(least(coalesce(role.amount_minor, standing.left_minor), standing.left_minor)) as most
            from party_role role join standing on standing.application_id = role.application_id
            where role.role in ('guarantor', 'supplier', 'co_borrower') and role.party_index in (select key from keys)
              and standing.firm_id not in (select id from firms) and standing.person_id not in (select id from people)
            group by standing.id
        ) answered
    ), 0) + coalesce((
        select sum(greatest(line.limit_minor - coalesce(used.minor, 0), 0)) from credit_line line
        left join lateral (
            select sum(standing.left_minor) as minor from standing
            join application draw on draw.id = standing.application_id where draw.line_id = line.id
        ) used on true
        where line.state in ('open', 'reduced') and line.application_id <> :application
          and (line.firm_id in (select id from firms) or line.person_id in (select id from people))
    ), 0)
    """
)


async def of_group(session: AsyncSession, application_id: UUID, others: Sequence[bytes]) -> int:
    """What the applicant's group owes us as borrower, or answers for as guarantor or supplier, in minor units.

    ``others``: keyed hashes of further credit codes of the group. A loan counts once, whatever roles the group has.
    """
    found = await session.scalar(_GROUP, {"application": application_id, "others": list(others)})
    return int(found or 0)


async def by_trade(session: AsyncSession) -> dict[str | None, int]:
    """What is lent in each trade, in minor units; None for firms whose trade is not known."""
    found = await session.execute(
        select(Firm.trade, func.sum(_LEFT))
        .select_from(Loan)
        .join(Firm, Firm.id == Loan.firm_id)
        .outerjoin(LoanBalance, LoanBalance.loan_id == Loan.id)
        .where(Loan.state.in_(OPEN))
        .group_by(Firm.trade)
    )
    return {trade: int(left) for trade, left in found}


async def on_buyer(session: AsyncSession, key: bytes) -> int:
    """What is lent to firms that live on this buyer, in minor units."""
    found = await session.scalar(
        select(func.sum(_LEFT))
        .select_from(PartyRole)
        .join(Loan, Loan.application_id == PartyRole.application_id)
        .outerjoin(LoanBalance, LoanBalance.loan_id == Loan.id)
        .where(PartyRole.role == "buyer", PartyRole.party_index == key, Loan.state.in_(OPEN))
    )
    return int(found or 0)


async def note_role(
    session: AsyncSession, *, role_id: UUID, application_id: UUID, role: str, key: bytes, at: object
) -> None:
    """A party takes a role in an application, once; what it answers for is all of the loan."""
    await session.execute(
        into(PartyRole)
        .values(id=role_id, application_id=application_id, role=role, party_index=key, noted_at=at)
        .on_conflict_do_nothing()
    )

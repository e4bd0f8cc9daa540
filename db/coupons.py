"""Coupons in rows: given, kept for an application, used by one loan. What is left stands in its balance."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.intake import ENDED
from db.tables import Application, Loan
from db.tables import Coupon as CouponRow
from lending.coupons import Coupon, CouponKind
from lending.identifiers import derived_id


async def give(
    session: AsyncSession, person: UUID, kind: CouponKind, *, cause: str, until: date, at: datetime
) -> UUID | None:
    """A coupon for a person, once per cause; None: it was given before."""
    given = await session.execute(
        insert(CouponRow)
        .values(
            id=derived_id("coupon", cause),
            person_id=person,
            kind=kind.name,
            cap_minor=kind.cap_minor,
            least_minor=kind.least_minor,
            currency="CNY",
            valid_until=until,
            given_at=at,
        )
        .on_conflict_do_nothing()
        .returning(CouponRow.id)
    )
    return given.scalar()


def _unused() -> ColumnElement[bool]:
    """No loan has it that came to live."""
    return or_(CouponRow.loan_id.is_(None), Loan.state == "cancelled")


async def usable(session: AsyncSession, person: UUID, *, on: date, application: UUID | None = None) -> list[Coupon]:
    """What a person may use on ``on``: neither used, nor ended, nor kept for another application that is open."""
    rows = await session.scalars(
        select(CouponRow)
        .outerjoin(Loan, Loan.id == CouponRow.loan_id)
        .outerjoin(Application, Application.id == CouponRow.application_id)
        .where(
            CouponRow.person_id == person,
            CouponRow.valid_until >= on,
            _unused(),
            or_(
                CouponRow.application_id.is_(None),
                CouponRow.application_id == application,
                Application.stage.in_(ENDED),
            ),
        )
        .order_by(CouponRow.id)
        .with_for_update(of=CouponRow)
    )
    return [Coupon(row.id, row.kind, row.cap_minor, row.least_minor, row.valid_until) for row in rows]


async def keep_for(session: AsyncSession, coupons: Iterable[UUID], application: UUID) -> None:
    """These stand on offers of an application: no other may use them while it is open."""
    await session.execute(
        update(CouponRow).where(CouponRow.id.in_(list(coupons))).values(application_id=application, loan_id=None)
    )


async def use(session: AsyncSession, coupon: UUID, loan: UUID) -> bool:
    """A loan has it from now on; False: another one had it before."""
    taken = await session.execute(
        update(CouponRow)
        .where(CouponRow.id == coupon, CouponRow.loan_id.is_(None))
        .values(loan_id=loan)
        .returning(CouponRow.id)
    )
    return taken.first() is not None


async def cap_of(session: AsyncSession, loan: UUID) -> int:
    """What the coupon of a loan pays of its interest at most, in minor units; 0 without one."""
    return await session.scalar(select(CouponRow.cap_minor).where(CouponRow.loan_id == loan)) or 0


async def of_person(session: AsyncSession, person: UUID, on: date) -> Sequence[tuple[CouponRow, str]]:
    """Everything that was given, the newest first, each with its state: good, kept, used or ended."""
    rows = await session.execute(
        select(CouponRow, Loan.state, Application.stage)
        .outerjoin(Loan, Loan.id == CouponRow.loan_id)
        .outerjoin(Application, and_(Application.id == CouponRow.application_id))
        .where(CouponRow.person_id == person)
        .order_by(CouponRow.given_at.desc(), CouponRow.id)
    )
    return [(row, _state(row, loan, stage, on)) for row, loan, stage in rows]


def _state(row: CouponRow, loan: str | None, stage: str | None, on: date) -> str:
    if loan is not None and loan != "cancelled":
        return "used"
    if stage is not None and stage not in ENDED:
        return "kept"
    return "good" if on <= row.valid_until else "ended"

"""How far somebody is trusted, what that brings and what leads further: the same view for owner and manager."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.views import CouponView, LevelView, TrustMoment, TrustView
from db import coupons, trust
from lending.trust import LOWEST
from policies.book import PolicyBook

AN_HOUR = timedelta(hours=1)


async def trust_view(session: AsyncSession, book: PolicyBook, person: UUID) -> TrustView:
    """Where a person stands as of the last close; somebody new stands on the lowest level."""
    row = await trust.standing_of(session, person)
    rules = book.trust
    return TrustView(
        level=row.level if row else LOWEST,
        since=row.since if row else None,
        counts_from=row.counts_from if row else None,
        rises_on=row.rises_on if row else None,
        late=row.late if row else False,
        clean_months=rules.clean_months,
        repaid_after_days=rules.repaid_after_days,
        levels=tuple(
            LevelView(n, one.offer_days, one.review_within // AN_HOUR, _pays(book, one.coupon))
            for n, one in enumerate(rules.levels, start=LOWEST)
        ),
        history=tuple(
            TrustMoment(one.on_date, one.level, one.reason) for one in await trust.history_of(session, person)
        ),
    )


def _pays(book: PolicyBook, coupon: str | None) -> int | None:
    return book.coupons[coupon].cap_minor if coupon else None


async def coupon_views(session: AsyncSession, person: UUID, on: date) -> tuple[CouponView, ...]:
    """Every coupon of a person, the newest first."""
    return tuple(
        CouponView(
            id=row.id,
            kind=row.kind,
            cap_minor=row.cap_minor,
            least_minor=row.least_minor,
            currency=row.currency,
            valid_until=row.valid_until,
            state=state,
            loan_id=row.loan_id if state == "used" else None,
        )
        for row, state in await coupons.of_person(session, person, on)
    )

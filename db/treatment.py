"""How firms were treated: each application's last verdict with grade, price and limit, and what kind of firm it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Decision, Firm, Loan, Offer


@dataclass(frozen=True, slots=True)
class Treated:
    """One decided application. ``annual_rate`` as lent or offered, None after a no; names of nobody."""

    product_id: str
    months: int
    grade: str
    approved: bool
    limit_minor: int
    annual_rate: Decimal | None
    monthly_revenue_minor: int | None
    months_of_history: int | None
    trade: str | None
    region: str | None


async def treated(session: AsyncSession, since: datetime, until: datetime) -> Sequence[Treated]:
    """Every application whose last verdict with a grade fell into the window; a case that waits is none."""
    last = (
        select(Decision.application_id, func.max(Decision.n).label("n"))
        .where(Decision.outcome != "review")
        .group_by(Decision.application_id)
        .subquery()
    )
    offered = (
        select(Offer.terms["annual_rate"].astext)
        .where(Offer.decision_id == Decision.id)
        .order_by(Offer.n)
        .limit(1)
        .scalar_subquery()
    )
    found = await session.execute(
        select(Application, Decision, Firm.trade, Firm.region, Loan.annual_rate, offered)
        .join(last, last.c.application_id == Application.id)
        .join(Decision, and_(Decision.application_id == last.c.application_id, Decision.n == last.c.n))
        .outerjoin(Firm, Firm.id == Application.firm_id)
        .outerjoin(Loan, Loan.application_id == Application.id)
        .where(Decision.decided_at >= since, Decision.decided_at < until, Decision.grade.is_not(None))
    )
    rows: list[Treated] = []
    for application, decision, trade, region, lent_at, offered_at in found:
        rate = lent_at or (Decimal(offered_at) if offered_at else None)
        rows.append(
            Treated(
                product_id=application.product_id,
                months=application.months,
                grade=str(decision.grade),
                approved=decision.outcome == "approve",
                limit_minor=decision.limit_minor,
                annual_rate=rate,
                monthly_revenue_minor=decision.ratios.get("monthly_net_revenue_minor"),
                months_of_history=decision.ratios.get("months_of_history"),
                trade=trade,
                region=region,
            )
        )
    return rows

"""Models side by side: what a champion and those that score beside it say of the same decisions, and what became."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Decision, Loan, LoanBad, ShadowScore


@dataclass(frozen=True, slots=True)
class Pair:
    """Two chances of default for one application; ``bad``: None while the horizon of its loan is not over."""

    product_id: str
    champion: Decimal
    other: Decimal
    bad: bool | None


async def pairs(session: AsyncSession, champion_id: str, model_id: str, on: date, horizon_days: int) -> Sequence[Pair]:
    """The newest decision of each application of which both models said something, whichever of them decided."""
    last = select(Decision.application_id, func.max(Decision.n).label("n")).group_by(Decision.application_id).subquery()
    found = await session.execute(
        select(
            Application.product_id,
            Decision.model_id,
            Decision.pd,
            ShadowScore.pd,
            and_(Loan.live_on.is_not(None), Loan.live_on <= on - timedelta(days=horizon_days)),
            and_(LoanBad.bad_on.is_not(None), LoanBad.bad_on <= Loan.live_on + horizon_days),
        )
        .select_from(Decision)
        .join(last, and_(Decision.application_id == last.c.application_id, Decision.n == last.c.n))
        .join(Application, Application.id == Decision.application_id)
        .join(ShadowScore, ShadowScore.decision_id == Decision.id)
        .outerjoin(Loan, Loan.application_id == Decision.application_id)
        .outerjoin(LoanBad, LoanBad.loan_id == Loan.id)
        .where(
            Decision.pd.is_not(None),
            or_(
                and_(Decision.model_id == champion_id, ShadowScore.model_id == model_id),
                and_(Decision.model_id == model_id, ShadowScore.model_id == champion_id),
            ),
        )
    )
    return [
        Pair(
            product_id,
            champion=decided if decider == champion_id else beside,
            other=beside if decider == champion_id else decided,
            bad=bool(bad) if over else None,
        )
        for product_id, decider, decided, beside, over, bad in found
        if decided is not None
    ]

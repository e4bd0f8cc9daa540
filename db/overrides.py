"""The override log: what people decided against the score, why, and what became of the loans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import desk
from db.tables import Loan, LoanBad, Task


@dataclass(frozen=True, slots=True)
class Review:
    """A finished review: own view and verdict of whoever decided, leaning of the score, what became of the loan.

    ``view``: empty where who decided had said none, as a committee has none.

    ``later``: ``good`` (paid in full), ``bad`` (a default), ``running``, or None where nothing was lent.
    """

    view: str
    verdict: str
    leaning: str | None
    override: bool
    cause: str | None
    later: str | None


async def reviews(session: AsyncSession, since: datetime) -> Sequence[Review]:
    """Every review that was finished since, newest first."""
    found = await session.execute(
        select(Task.own_view, Task.outcome, Loan.state, LoanBad.bad_on)
        .outerjoin(Loan, Loan.application_id == Task.application_id)
        .outerjoin(LoanBad, LoanBad.loan_id == Loan.id)
        .where(Task.kind == "review", Task.state == "done", Task.finished_at >= since)
        .order_by(Task.finished_at.desc())
    )
    return [_review(own or {}, outcome or {}, state, bool(bad_on)) for own, outcome, state, bad_on in found]


def _review(own: dict[str, Any], outcome: dict[str, Any], state: str | None, bad: bool) -> Review:
    decider = outcome.get("staff_id") if "committee" not in outcome else None
    later = "bad" if bad else {"closed": "good", "live": "running"}.get(state or "")
    return Review(
        view=next((str(one["verdict"]) for one in desk.views_of(own) if one.get("staff_id") == decider), ""),
        verdict=str(outcome.get("verdict", "")),
        leaning=outcome.get("leaning"),
        override=bool(outcome.get("override")),
        cause=outcome.get("cause"),
        later=later,
    )

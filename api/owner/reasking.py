"""Asking for other terms while offers stand: a no must not take from the table what a yes has put there."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from db import reading
from db.tables import Application, Decision
from lending.applications import Stage
from lending.decisions import decide
from lending.refusals import AmountOutOfRange
from lending.verdicts import Outcome, Policy, Ratios, Request, Score


async def refuse_what_would_be_declined(
    session: AsyncSession, application: Application, policy: Policy, amount_minor: int, months: int
) -> None:
    """Raise :class:`AmountOutOfRange` for an amount that the standing verdict's own figures decline; offers stay.

    An amount that a person would have to look at is no such thing: the owner may ask for that.
    """
    if application.stage != Stage.OFFERED:
        return
    standing = next(iter(await reading.decisions(session, application.id)), None)
    if standing is None or standing.outcome != Outcome.APPROVE:
        return
    highest = _highest(standing, policy, amount_minor, months)
    if amount_minor > highest:
        raise AmountOutOfRange(
            lowest_minor=policy.product.amounts.lowest_minor, highest_minor=highest, currency=application.currency
        )


def _highest(standing: Decision, policy: Policy, amount_minor: int, months: int) -> int:
    """What may be asked for over ``months``: a person's limit is theirs, a rule's is worked out for these months."""
    if standing.decided_by != "model" or standing.pd is None or standing.grade is None:
        return standing.limit_minor
    score = Score(pd=standing.pd, grade=standing.grade, confidence=standing.confidence or Decimal(0))
    verdict = decide(score, Ratios(**standing.ratios), policy, Request(amount_minor, months))
    return amount_minor if verdict.outcome is not Outcome.DECLINE else verdict.limit_minor

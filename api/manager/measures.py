"""What service costs in time: answers, first contacts, stages, hands, outside bodies (P36, journey 2 B2)."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from api.caller import Caller
from api.problems import BadFields, FieldError
from api.staff import outside
from api.views import AnswerTimes, StageTime, WorkMeasures
from api.views.managing import ShapeKept
from db import clocks, measures
from infra.phrases import BEIJING
from lending.measures import (
    STAGES,
    answered_by,
    contacts,
    hands_on,
    kept_by_shape,
    per_loan,
    quantile,
    resolved,
    stretch,
)

WHOSE = ("mine", "all")
LOOKED_BACK = timedelta(days=365)
HALF, NINE_TENTHS = Decimal("0.5"), Decimal("0.9")
A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)


async def of_work(caller: Caller, whose: str = "all") -> WorkMeasures:
    """Over the last year, of one's own customers or of everybody's. All of it from rows; nothing is typed in."""
    if whose not in WHOSE:
        raise BadFields(fields=(FieldError("whose", "not_one_of_these"),))
    mine = caller.staff_id if whose == "mine" else None
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        since = now - LOOKED_BACK
        written = [one for words in await measures.threads(session, since, mine) for one in contacts(words)]
        called = [one for words in await measures.calls(session, since, mine) for one in contacts(words)]
        stories = await measures.stories(session, since, mine)
        hands = [hands_on(one) for one in await measures.looks(session, since, mine)]
        decided = await measures.decided(session, since, mine)
        lent = await measures.lent(session, since, mine)
        spent = await measures.spent(session, since, mine)
    at_once, told = resolved([*written, *called], now)
    today = now.astimezone(BEIJING).date()
    answered, due = answered_by(lent, today - LOOKED_BACK, today)
    costs = caller.tools.policies.managed.costs
    return WorkMeasures(
        since=since.astimezone(BEIJING).date(),
        whose=whose,
        messages=_answers([one.answered_at - one.asked_at for one in written if one.answered_at], len(written)),
        calls=_answers([one.answered_at - one.asked_at for one in called if one.answered_at], len(called)),
        first_contact=at_once,
        first_contact_of=told,
        decided=decided.all,
        straight_through=decided.straight,
        stages=tuple(_stage(name, [stretch(one, begins, ends) for one in stories]) for name, begins, ends in STAGES),
        hands_minutes_p50=_in(A_MINUTE, quantile(hands, HALF)),
        hands_minutes_p90=_in(A_MINUTE, quantile(hands, NINE_TENTHS)),
        outside=await outside.measures(caller),
        currency=costs.currency,
        people_minor=per_loan(costs, hands, spent.visits, spent.loans),
        loans=spent.loans,
        shapes=tuple(ShapeKept(shape, kept, whole) for shape, (kept, whole) in kept_by_shape(lent).items()),
        renewals_answered=answered,
        renewals_due=due,
    )


def _answers(taken: Sequence[timedelta], asked: int) -> AnswerTimes:
    return AnswerTimes(
        asked=asked,
        answered=len(taken),
        minutes_p50=_in(A_MINUTE, quantile(taken, HALF)),
        minutes_p90=_in(A_MINUTE, quantile(taken, NINE_TENTHS)),
    )


def _stage(name: str, taken: Sequence[timedelta | None]) -> StageTime:
    found = [one for one in taken if one is not None]
    return StageTime(name, len(found), _in(AN_HOUR, quantile(found, HALF)), _in(AN_HOUR, quantile(found, NINE_TENTHS)))


def _in(unit: timedelta, value: timedelta | None) -> str | None:
    return None if value is None else f"{value / unit:.1f}"

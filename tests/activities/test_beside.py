"""Challenger and shadow are compared with the champion on the same decisions, whichever of them decided."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from api.staff.care import beside_champion
from db import clocks, scoring_models
from db.tables import LoanBad
from policies.book import load

PRODUCT = "revenue_linked_working_capital"


async def test_models_are_compared_on_what_both_saw_and_loans_count_when_their_horizon_is_over(lender: Any) -> None:
    async with lender.sessions.begin() as session:
        now = await clocks.now(session, lender.settings.clock_id)
    today = now.date()
    await lender.model("trees", "champion")
    await lender.model("new", "shadow")
    lender.database.execute("update scoring_model set role = 'challenger', share = 0.05 where id = 'new'")
    await lender.model("quiet", "shadow")
    over, young = today - timedelta(days=400), today - timedelta(days=30)

    async def told(pd: str, beside: str, *, decided_by: str = "trees", other: str = "new", on: Any = over) -> Any:
        one = await lender.borrower(pd=pd, model=decided_by, decided=on)
        async with lender.sessions.begin() as session:
            await scoring_models.keep_shadow(
                session, decision_id=one.decision_id, model_id=other, role="challenger", pd=Decimal(beside), at=now
            )
        return one

    went_bad = await told("0.0200", "0.2000")
    await told("0.0200", "0.0200")
    await told("0.0100", "0.0300", decided_by="new", other="trees")  # the challenger decided: champion 0.03, it 0.01
    early = await told("0.0200", "0.0200", on=young)
    await lender.borrower(pd="0.5000", model="trees", decided=over)  # nobody scored beside
    async with lender.sessions.begin() as session:
        for one, on in ((went_bad, over + timedelta(days=200)), (early, today)):
            await session.execute(insert(LoanBad).values(loan_id=one.loan_id, bad_on=on))
    tools = SimpleNamespace(sessions=Scoped(lender.sessions), settings=lender.settings, policies=load())
    caller: Any = SimpleNamespace(tools=tools)
    new, quiet = sorted(await beside_champion(caller), key=lambda line: line.model_id)
    assert (new.model_id, new.role, new.decisions) == ("new", "challenger", 4)
    # Differences 0.18, 0, -0.02 and 0; a chance of 20 % is another grade than one of 2 %.
    assert (new.gap, new.widest) == (Decimal("0.0400"), Decimal("0.1800"))
    grade_of = load().policy(PRODUCT).grade_of
    assert new.same_grade == 2 + (grade_of(Decimal("0.01")) == grade_of(Decimal("0.03")))
    # The young loan went bad before its peers: it is not counted yet.
    assert (new.loans, new.bad) == (3, 1)
    assert (new.champion_expected, new.expected) == (Decimal("0.0233"), Decimal("0.0767"))
    assert (quiet.decisions, quiet.gap, quiet.expected) == (0, None, None)


class Scoped:
    """The worker's sessions under the name that the desk asks for."""

    def __init__(self, sessions: Any) -> None:
        self._sessions = sessions

    def begin(self, scope: str) -> Any:
        assert scope == "staff"
        return self._sessions.begin()

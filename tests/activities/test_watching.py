"""The nights: a champion whose chances do not come true stands down; borrowers in difficulty are seen."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, text

from activities.watching_loans import LoanWatch
from activities.watching_models import ModelWatch
from db import alarms, scoring_models, warnings, watching
from db.tables import EarlyWarning, Invoice, ScoringModel
from policies.book import load
from scoring.catalogue import NAMES
from scoring.monitoring import reference
from worker.background.night import NightWatch

CARE = load().care
AT = datetime(2027, 3, 2, 1, 0, tzinfo=UTC)
ON = date(2027, 3, 1)


class Whole:
    """Every file is what it was."""

    async def verify(self) -> list[str]:
        return []


def watch(**rules: Any) -> ModelWatch:
    calibration = CARE.calibration.model_copy(update={"least_matured": 20, **rules})
    drift = CARE.drift.model_copy(update={"least_decisions": 20})
    return ModelWatch(Whole(), CARE.model_copy(update={"calibration": calibration, "drift": drift}))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def card(seed: int = 1, level: float = 1.0) -> dict[str, Any]:
    """The card of a model that was trained on firms whose features lie around ``level``."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(level, 0.5, (2_000, len(NAMES)))
    return {"drift": reference(NAMES, matrix, rng.beta(2, 40, 2_000))}


async def look(lender: Any, on: Any, at: Any) -> dict[str, int]:
    async with lender.sessions.begin() as session:
        return await watch().look(session, on, at)


async def open_kinds(lender: Any) -> list[tuple[str, str]]:
    async with lender.sessions.begin() as session:
        return [(one.kind, one.object_id) for one in await alarms.open_alarms(session)]


async def ripe(lender: Any, bad: int, of: int, *, pd: str) -> None:
    """Loans of fourteen months ago, so many of them far past due."""
    on = ON
    for n in range(of):
        await lender.borrower(pd=pd, decided=on - timedelta(days=430), days_past_due=120 if n < bad else 0)
    # They went bad in their first year, which the balance of today does not tell.
    lender.database.execute(
        "insert into loan_bad select loan_id, (select live_on + 200 from loan where id = loan_id) "
        "from loan_balance where days_past_due >= 90 on conflict do nothing"
    )


async def test_chances_that_no_longer_come_true_hand_over_to_the_fallback_and_ring(lender: Any) -> None:
    await lender.model("trees", "champion", **card())
    await lender.model("card", "fallback")
    await ripe(lender, 12, 40, pd="0.0300")
    done = await look(lender, ON, AT)
    assert done["alarms"] >= 1
    async with lender.sessions.begin() as session:
        champion = await session.get_one(ScoringModel, "trees")
        assert (champion.role, champion.stood_down_why) == ("champion", "calibration_broken")
        found = [row for row in await watching.newest(session) if row.measure == "calibration"]
    assert [(row.model_id, row.state, row.count) for row in found if row.count] == [("trees", "alarm", 40)]
    assert ("calibration_broken", "trees") in await open_kinds(lender)
    # The next night it stands down already: nothing new happens but another ring.
    await look(lender, ON + timedelta(days=1), AT + timedelta(days=1))
    assert (await open_kinds(lender)).count(("calibration_broken", "trees")) == 1


async def test_what_came_of_each_grade_stands_beside_its_band(lender: Any) -> None:
    bands = [{"grade": "A", "pd_up_to": "0.02"}, {"grade": "B", "pd_up_to": "0.05"}, {"grade": "C", "pd_up_to": "1"}]
    await lender.model("trees", "champion", **card(), grades=bands)
    await ripe(lender, 1, 40, pd="0.0300")
    await ripe(lender, 12, 40, pd="0.0100")
    await look(lender, ON, AT)
    async with lender.sessions.begin() as session:
        found = {row.subject: row for row in await watching.newest(session) if row.subject.startswith("grade_")}
    assert {name: (row.state, row.count) for name, row in found.items()} == {
        "grade_A": ("watch", 40), "grade_B": ("calm", 40)
    }  # fmt: skip
    assert (found["grade_A"].value, found["grade_A"].expected) == (Decimal("0.3"), Decimal("0.01"))


async def test_a_champion_without_a_fallback_keeps_deciding_and_the_desk_is_told(lender: Any) -> None:
    await lender.model("trees", "champion", **card())
    await ripe(lender, 12, 40, pd="0.0300")
    await look(lender, ON, AT)
    async with lender.sessions.begin() as session:
        assert not await scoring_models.is_stood_down(session)
    assert ("calibration_broken", "trees") in await open_kinds(lender)


async def test_chances_that_come_true_break_nothing(lender: Any) -> None:
    await lender.model("trees", "champion", **card())
    await lender.model("card", "fallback")
    await ripe(lender, 1, 40, pd="0.0300")
    await look(lender, ON, AT)
    assert not [kind for kind, _ in await open_kinds(lender) if kind == "calibration_broken"]


async def test_firms_of_another_kind_are_drift_and_those_of_the_training_are_not(lender: Any) -> None:
    await lender.model("trees", "champion", **card(level=1.0))
    rng = np.random.default_rng(5)
    for _ in range(100):
        values = rng.normal(1.0, 0.5, len(NAMES))
        values[0] += 2
        await lender.borrower(
            pd=f"{rng.beta(2, 40):.4f}", features=dict(zip(NAMES, map(float, values), strict=True)), lived=False
        )
    await look(lender, ON, AT)
    async with lender.sessions.begin() as session:
        states = {row.subject: row.state for row in await watching.newest(session) if row.measure == "drift"}
    assert states[NAMES[0]] == "alarm"
    assert sum(state == "alarm" for state in states.values()) <= 3
    assert states["score"] in ("calm", "watch")


async def warned(lender: Any) -> list[tuple[Any, str]]:
    async with lender.sessions.begin() as session:
        rows = (await session.scalars(select(EarlyWarning).order_by(EarlyWarning.raised_at, EarlyWarning.cause))).all()
        return [(row.loan_id, row.cause) for row in rows]


async def test_a_borrower_in_difficulty_is_one_task_a_cause_until_it_is_closed(lender: Any) -> None:
    on = ON
    calm, falling = (
        await lender.borrower(decided=on - timedelta(days=100)),
        await lender.borrower(decided=on - timedelta(days=100)),
    )
    for one in (calm, falling):
        await lender.allows(one, "flows_analysis")
    days = [on - timedelta(days=n) for n in range(100)]
    await lender.sells(calm, dict.fromkeys(days, (100000, 500)))
    await lender.sells(falling, {day: (40_000 if n < 28 else 100_000, 500) for n, day in enumerate(days)})
    loans = LoanWatch(CARE.early_warning)
    for night in range(2):
        async with lender.sessions.begin() as session:
            done = await loans.look(session, on, AT + timedelta(days=night))
        assert done == {"loans": 2, "warnings": 2 if night == 0 else 0}
    assert await warned(lender) == [(falling.loan_id, "below_forecast"), (falling.loan_id, "sales_down")]
    async with lender.sessions.begin() as session:
        found = await warnings.open_warnings(session)
        row, application = next(one for one in found if one[0].cause == "sales_down")
        assert application.id == falling.application_id
        assert row.figures["fall_percent"] == 60
        assert await warnings.close(session, row.id, outcome="called", words="装修停业", by="staff:1", at=AT)
        assert not await warnings.close(session, row.id, outcome="called", words="again", by="staff:1", at=AT)
    # It does not ring again for the time that the policy says, and does after it.
    for later, new in ((30, 0), (61, 1)):
        async with lender.sessions.begin() as session:
            done = await loans.look(session, on, AT + timedelta(days=later))
        assert done["warnings"] == new, later


async def test_the_bills_of_before_the_loan_tell_the_forecast_what_is_usual(lender: Any) -> None:
    """A loan of five weeks has too few days of its own to be below anything."""
    began = ON - timedelta(days=35)
    known, unknown = await lender.borrower(decided=began), await lender.borrower(decided=began)
    for one in (known, unknown):
        await lender.allows(one, "flows_analysis")
    for one in (known, unknown):
        await lender.sells(one, {ON - timedelta(days=n): (50_000, 0) for n in range(36)})
    await lender.billed(known, began - timedelta(days=500), 500, 100_000)
    async with lender.sessions.begin() as session:
        await LoanWatch(CARE.early_warning).look(session, ON, AT)
    assert await warned(lender) == [(known.loan_id, "below_forecast")]


async def test_the_day_after_the_payout_is_held_against_no_four_weeks_of_bills(lender: Any) -> None:
    """The bills of before tell what is usual, and one day of sales tells nothing yet."""
    for lived in (1, 27):
        began = ON - timedelta(days=lived)
        young = await lender.borrower(decided=began)
        await lender.allows(young, "flows_analysis")
        await lender.sells(young, {ON: (2_301, 0)})
        await lender.billed(young, began - timedelta(days=500), 500, 100_000)
    async with lender.sessions.begin() as session:
        await LoanWatch(CARE.early_warning).look(session, ON, AT)
    assert "below_forecast" not in {cause for _, cause in await warned(lender)}


async def test_red_ink_after_the_decision_rings(lender: Any) -> None:
    decided = ON - timedelta(days=50)
    taken_back, honest = await lender.borrower(decided=decided), await lender.borrower(decided=decided)
    for one in (taken_back, honest):
        await lender.allows(one, "invoices_analysis", scope="invoices")
    for one in (taken_back, honest):
        days = [ON - timedelta(days=n) for n in range(50)]
        await lender.sells(one, dict.fromkeys(days, (100_000, 0)))
        rows = [(decided - timedelta(days=n), 1_000_000, 0) for n in range(1, 21)]
        if one is taken_back:
            rows += [(decided + timedelta(days=n), -1_000_000, 2) for n in range(1, 11)]
        told = [
            {
                "firm_id": one.firm_id, "side": 1, "fingerprint": f"{n}".encode(), "file_id": one.application_id,
                "n": n, "issued_on": on, "net_minor": net, "tax_minor": 0, "currency": "CNY", "status": status,
                "flags": 0,
            }
            for n, (on, net, status) in enumerate(rows)
        ]  # fmt: skip
        async with lender.sessions.begin() as session:
            await session.execute(insert(Invoice), told)
    async with lender.sessions.begin() as session:
        await LoanWatch(CARE.early_warning, fraud=load().fraud).look(session, ON, AT)
        found = (await session.scalars(select(EarlyWarning).where(EarlyWarning.cause == "red_ink"))).all()
    assert [(one.loan_id, one.figures) for one in found] == [
        (taken_back.loan_id, {"percent": 50, "amount_minor": 10_000_000})
    ]


async def test_a_night_is_done_once_and_a_job_that_fails_is_done_again(lender: Any) -> None:
    await lender.closed(ON)
    seen: list[str] = []

    class Good:
        async def look(self, session: Any, on: Any, at: Any) -> dict[str, Any]:
            seen.append(f"good {on}")
            return {"n": 1}

    class Bad:
        tries = 0

        async def look(self, session: Any, on: Any, at: Any) -> dict[str, Any]:
            Bad.tries += 1
            await session.execute(text("insert into night values ('half', 'CN', '2020-01-01', now(), '{}')"))
            if Bad.tries == 1:
                raise RuntimeError("the store is away")
            return {}

    wired: Any = SimpleNamespace(
        sessions=lender.sessions, settings=lender.settings, night={"bad": Bad(), "good": Good()}
    )
    night = NightWatch(wired)
    with pytest.raises(RuntimeError):
        await night.round()
    assert await night.round() is False
    assert await night.round() is False
    assert (seen, Bad.tries) == (["good 2027-03-01"], 2)

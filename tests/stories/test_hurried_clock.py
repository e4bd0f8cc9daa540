"""A clock that somebody hurries: it goes day by day, and no day is shown that is not closed."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ops.demo.town import Town, eventually

pytestmark = pytest.mark.long
A_MONTH = 30


async def lag(desk: Any) -> int:
    """Days from the last day that is closed to the one that the clock shows."""
    shown = date.fromisoformat((await desk.get("/v1/clock"))["date"])
    closed = (await desk.get("/v1/desk/book"))["closed_to"]
    return (shown - date.fromisoformat(closed)).days if closed else 1


async def test_a_month_ahead_is_gone_day_by_day_and_owed_is_never_ahead_of_the_closes(town: Town) -> None:
    firm = await town.found(monthly_sales_minor=9_000_000, months=14, health=0.85, seed=20_261_203)
    owner = await town.owner(firm)
    await owner.borrows(30_000, months=6)
    desk = await town.staff("operations")
    begun = await town.today()
    await town.until(begun + timedelta(days=1))
    asked = (await desk.post("/v1/desk/clock", {"days": A_MONTH}))["until"]
    assert asked is not None, "the way is not free: days have to be closed"
    goal = datetime.fromisoformat(asked)
    lags: list[int] = []

    async def there() -> bool | None:
        lags.append(await lag(desk))
        loan = await owner.loan()
        assert date.fromisoformat(loan["as_of"]) <= date.fromisoformat(loan["closed_to"]) + timedelta(days=1)
        return True if datetime.fromisoformat((await desk.get("/v1/clock"))["now"]) >= goal else None

    await eventually(there, 120)
    assert max(lags) <= 2, lags
    assert (await town.today()) >= begun + timedelta(days=A_MONTH)


async def test_a_week_a_second_is_as_fast_as_the_closes(town: Town) -> None:
    firm = await town.found(monthly_sales_minor=9_000_000, months=14, health=0.85, seed=20_261_204)
    await (await town.owner(firm)).borrows(40_000, months=12)
    desk = await town.staff("operations")
    before = await town.today()
    await town.until(before + timedelta(days=1))
    await desk.post("/v1/desk/clock", {"speed": 604_800})
    lags: list[int] = []
    for _ in range(20):
        await asyncio.sleep(0.2)
        lags.append(await lag(desk))
    stopped = await desk.post("/v1/desk/clock", {"speed": 1})
    assert stopped["speed"] == 1
    assert max(lags) <= 2, lags
    assert await town.today() >= before + timedelta(days=2), "it went on"

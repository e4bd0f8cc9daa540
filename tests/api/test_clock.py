"""The clock of a demonstration is led, not thrown: it stops where something was promised or is not closed."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from db import clocks, pacing
from db.clocks import Wish
from db.tables import ClockWaiter, Close
from infra.clock import ClockWouldGoBack
from lending.calendars import Jurisdiction, business_date, midnight_after

CN = Jurisdiction.CN


@pytest.fixture
async def clock(api: Any) -> Any:
    """The name of a clock that nobody else lives by; what the test promised or left open is gone afterwards."""
    name = f"test-{uuid4()}"
    async with api.tools.sessions.begin(scope="worker") as session:
        await clocks.ensure(session, name)
    yield name
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(delete(ClockWaiter).where(ClockWaiter.clock_id == name))
        await session.execute(update(Close).where(Close.state == "running").values(state="closed"))


async def read(api: Any, clock: str) -> clocks.Reading:
    async with api.tools.sessions.begin(scope="worker") as session:
        return await clocks.read(session, clock)


async def go(api: Any, clock: str, **wish: Any) -> None:
    async with api.tools.sessions.begin(scope="worker") as session:
        await pacing.go(session, clock, CN, reason="test", **wish)


async def step(api: Any, clock: str) -> bool:
    async with api.tools.sessions.begin(scope="worker") as session:
        return await pacing.step(session, clock, CN)


async def test_a_jump_stops_at_the_hour_of_a_promised_payout_and_goes_on_after_it(api: Any, clock: str) -> None:
    now = (await read(api, clock)).now
    promised, target = now + timedelta(hours=2), now + timedelta(days=30)
    async with api.tools.sessions.begin(scope="worker") as session:
        await clocks.note_wait(session, clock, "payout/1", promised)
    await go(api, clock, to=target)
    held = await read(api, clock)
    assert promised <= held.now < promised + timedelta(seconds=5)
    assert held.wish == Wish(1, target)
    assert await step(api, clock), "the payout has not left: the clock waits"
    assert (await read(api, clock)).now < promised + timedelta(seconds=5)
    async with api.tools.sessions.begin(scope="worker") as session:
        await clocks.forget(session, "payout/1")
    assert not await step(api, clock)
    there = await read(api, clock)
    assert target <= there.now < target + timedelta(seconds=5)
    assert there.wish == Wish()


async def test_a_week_a_second_never_leaves_an_open_day_behind(api: Any, clock: str) -> None:
    today = business_date((await read(api, clock)).now, CN)
    async with api.tools.sessions.begin(scope="worker") as session:
        session.add(Close(jurisdiction="CN", on_date=today, state="running", started_at=datetime.now().astimezone()))
    await go(api, clock, speed=604_800)
    assert (await read(api, clock)).wish == Wish(604_800)
    for _ in range(3):
        await asyncio.sleep(0.1)
        assert await step(api, clock)
    led = (await read(api, clock)).now
    assert midnight_after(today, CN) <= led <= midnight_after(today, CN) + pacing.MORNING + timedelta(seconds=5)
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(update(Close).where(Close.on_date == today).values(state="closed"))
    await asyncio.sleep(0.1)
    await step(api, clock)
    assert (await read(api, clock)).now > led + timedelta(hours=1)


async def test_where_nobody_owes_anything_a_jump_is_one_jump(api: Any, clock: str) -> None:
    target = (await read(api, clock)).now + timedelta(days=200)
    await go(api, clock, to=target)
    there = await read(api, clock)
    assert there.now >= target
    assert there.wish == Wish()
    with pytest.raises(ClockWouldGoBack):
        await go(api, clock, to=target - timedelta(days=1))


async def test_a_stopped_clock_stands(api: Any, clock: str) -> None:
    await go(api, clock, speed=0)
    first = (await read(api, clock)).now
    assert not await step(api, clock)
    assert (await read(api, clock)).now == first

"""A page reads in one transaction and asks each question once; what is written, locked or seen by others is as ever."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from db.tables import Staff
from tests.api.test_case_reads import statements

ALL = select(Staff.id, Staff.name)


@pytest.fixture
async def sessions(api: Any) -> Any:
    await api.staff("officer")
    return api.tools.sessions


async def test_the_same_question_is_sent_once_and_another_value_is_another_question(sessions: Any) -> None:
    async with sessions.reading(scope="staff") as session:
        with statements() as sent:
            first = (await session.execute(ALL)).all()
            assert (await session.execute(ALL)).all() == first and len(sent) == 1
            for one in (first[0].id, uuid4(), first[0].id):
                await session.scalar(select(Staff.name).where(Staff.id == one))
            assert len(sent) == 3
            for n in (1, 1, 2):
                await session.execute(text("select :n"), {"n": n})
            assert len(sent) == 5


async def test_what_is_written_or_locked_meanwhile_is_never_answered_from_memory(sessions: Any) -> None:
    async with sessions.reading(scope="staff") as session:
        (one, name), *_ = (await session.execute(ALL)).all()
        asks = select(Staff.name).where(Staff.id == one)
        assert await session.scalar(asks) == name
        await session.execute(update(Staff).where(Staff.id == one).values(name="何静"))
        assert await session.scalar(asks) == "何静"
        row = await session.get_one(Staff, one)
        row.name = name
        await session.flush()
        assert await session.scalar(asks) == name
        with statements() as sent:
            for _ in range(2):
                await session.execute(asks.with_for_update())
                await session.execute(select(Staff).execution_options(populate_existing=True))
                await session.execute(text("select pg_advisory_xact_lock(1)"))
                await session.execute(text("select set_config('app.nothing', 'x', true)"))
        assert len(sent) == 8


async def test_a_part_joins_its_page_and_one_with_other_eyes_does_not(sessions: Any) -> None:
    async with sessions.reading(scope="staff") as page:
        async with sessions.begin(scope="staff") as part, sessions.reading(scope="staff") as deeper:
            assert part is page and deeper is page
        async with sessions.begin() as nobody:
            assert nobody is not page
            assert not await nobody.scalar(text("select nullif(current_setting('app.scope', true), '')"))
        async with sessions.begin(scope="worker") as other, sessions.begin(person=uuid4()) as somebody:
            assert other is not page and somebody is not page
        async with sessions.within(uuid4()).begin(scope="staff") as seated:
            assert seated is not page
        assert await page.scalar(text("select current_setting('app.scope')")) == "staff"
    async with sessions.begin(scope="staff") as after:
        assert after is not page, "nothing is kept beyond the page"


async def test_two_pages_at_once_share_nothing(sessions: Any) -> None:
    async def page() -> Any:
        async with sessions.reading(scope="staff") as session:
            await asyncio.sleep(0)
            return session, await session.scalar(select(func.pg_backend_pid()))

    (one, here), (two, there) = await asyncio.gather(page(), page())
    assert one is not two and here != there

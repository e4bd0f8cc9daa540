"""P26: debits come every day, the message about them once a week, by day, with what was not taken and what follows."""

from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import text

from db import clocks, pacing
from infra.phrases import notice
from lending.calendars import Jurisdiction, business_date, midnight_after
from tests.api.test_plans import TODAY, Living, living
from worker.background.weekly import Weekly, week_to_tell

__all__ = ["living"]

AWAKE = (time(0), time(0))
ASLEEP = (time(0), time(23, 59))


async def letters(living: Living, monday: date | None = None) -> list[Any]:
    """All, or those of the week before a Monday."""
    said = (
        "select kind, params from notice where kind like 'week%'"
        " and person_id = (select person_id from loan where id = :id)"
    )
    async with living.wired.sessions.begin() as session:
        found = list((await session.execute(text(said), {"id": living.loan_id})).all())
    week = None if monday is None else (monday - timedelta(days=7)).isoformat()
    return [one for one in found if week in (None, one[1]["first_on"])]


async def goes_to(living: Living, day: date, hour: int = 9) -> None:
    """The town's clock at nine in the morning of a day, or at another hour."""
    async with living.wired.sessions.begin() as session:
        at = midnight_after(day - timedelta(days=1), Jurisdiction.CN) + timedelta(hours=hour)
        if await clocks.now(session, living.wired.settings.clock_id) >= at:
            return
        await pacing.go(session, living.wired.settings.clock_id, Jurisdiction.CN, reason="test", to=at)
        assert business_date(await clocks.now(session, living.wired.settings.clock_id), Jurisdiction.CN) == day


def test_a_week_is_told_on_monday_to_wednesday_and_no_later() -> None:
    monday = date(2026, 12, 7)
    told = [week_to_tell(monday + timedelta(days=n)) for n in range(7)]
    assert told == [date(2026, 11, 30)] * 3 + [None] * 4


async def test_p26_a_week_of_debits_is_one_message_with_what_was_sold_taken_and_left(living: Living) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday()) + timedelta(days=14)
    await living.closes(monday - timedelta(days=1))
    living.database.execute(
        f"update collection set received_minor = received_minor - 10000, state = 'partial'"
        f" where loan_id = '{living.loan_id}' and close_on = '{monday - timedelta(days=1)}'"
    )
    await goes_to(living, monday)
    assert await Weekly(living.wired, ASLEEP).round() is False
    assert await letters(living) == [], "not by night"
    for _ in range(2):
        await Weekly(living.wired, AWAKE).round()
    [(kind, params)] = await letters(living)
    assert kind == "week_short"
    assert (params["net_minor"], params["taken_minor"], params["missed_minor"]) == (3_500_000, 410_000, 10_000)
    words = notice(kind, "zh_CN", params, "")
    assert "¥35,000.00" in words and "¥4,100.00" in words and "¥100.00" in words and "{" not in words


async def test_p26_a_week_whose_last_debit_has_no_answer_yet_waits_for_it(living: Living) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday()) + timedelta(days=14)
    await living.closes(monday - timedelta(days=1))
    last = f"where loan_id = '{living.loan_id}' and close_on = '{monday - timedelta(days=1)}'"
    living.database.execute(f"update collection set state = 'instructed' {last}")
    await goes_to(living, monday)
    await Weekly(living.wired, AWAKE).round()
    assert await letters(living) == []
    living.database.execute(f"update collection set state = 'received' {last}")
    await Weekly(living.wired, AWAKE).round()
    assert [kind for kind, _ in await letters(living)] == ["week"]


async def test_p26_the_message_of_the_week_leaves_in_the_hour_that_its_owner_chose_and_not_before(
    living: Living,
) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday()) + timedelta(days=14)
    await living.closes(monday - timedelta(days=1))
    await living.changes(kind="reminder_hour", hour=14)
    for hour in (9, 13):
        await goes_to(living, monday, hour)
        await Weekly(living.wired, AWAKE).round()
        assert await letters(living, monday) == [], hour
    await goes_to(living, monday, 14)
    assert await Weekly(living.wired, ASLEEP).round() is False and await letters(living, monday) == [], "quiet is quiet"
    for _ in range(2):
        await Weekly(living.wired, AWAKE).round()
    assert len(await letters(living, monday)) == 1
    said = (
        "select state, sent_at from notice where kind like 'week%'"
        " and person_id = (select person_id from loan where id = :id)"
    )
    async with living.wired.sessions.begin() as session:
        kept = set(await session.execute(text(said), {"id": living.loan_id}))
    assert kept == {("waiting", None)}, "whether it leaves is for the rules of contact, whoever chose what hour"

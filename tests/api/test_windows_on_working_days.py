"""P9 for a loan by a share of sales that lives: its windows end on working days, by closes, forecast and extension."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lending.minimum_path import check_on, ends_text, window_ends
from tests.api.test_loan_ends import Town
from tests.api.test_plans import A_DAY, TODAY, Living, living

__all__ = ["living"]

# Whatever days the tests run on: each window's last day is the first of three holidays.
MOVED = timedelta(days=3)
WINDOWS = 8


def ends() -> tuple[date, ...]:
    return tuple(check_on(TODAY, 3, number) + MOVED for number in range(1, WINDOWS + 1))


@pytest.fixture
def moved(living: Living, database: Any) -> Living:
    """The loan as it is once its money came: its windows' last days are kept with it."""
    database.execute(
        f"update loan set state = 'pending' where id = '{living.loan_id}'",
        f"update loan set window_ends = '{ends_text(ends())}' where id = '{living.loan_id}'",
        f"update loan set state = 'live' where id = '{living.loan_id}'",
    )
    return living


async def missed(loan: Living) -> tuple[int, Any]:
    said = "select windows_passed, past_due_since from loan_balance where loan_id = :loan"
    ((passed, since),) = await loan._rows(said)
    return passed, since


async def test_p9_a_close_finds_nothing_missing_before_the_moved_day_has_ended(moved: Living) -> None:
    await moved.closes(ends()[0] - A_DAY, sales_minor=0)
    assert await missed(moved) == (0, None)
    await moved.closes(ends()[0], sales_minor=0)
    assert await missed(moved) == (1, ends()[0])
    await moved.balances_are_what_they_are_made_of()


async def test_p9_a_loan_that_was_signed_before_ends_its_windows_by_months_alone(living: Living) -> None:
    end = check_on(TODAY, 3, 1)
    await living.closes(end, sales_minor=0)
    assert await missed(living) == (1, end)
    await living.balances_are_what_they_are_made_of()


async def test_p9_breathing_space_is_added_and_the_end_moves_off_holidays_again(api: Any, moved: Living) -> None:
    await moved.closes(TODAY + timedelta(days=34), sales_minor=0)
    first = moved.closed_to + timedelta(days=3)
    changed = await moved.changes(kind="breathing", first_on=first.isoformat(), days=14, factor="0")
    calendar = api.tools.policies.calendars["CN"]
    end = window_ends(TODAY, 3, WINDOWS, calendar, 14)[0]
    assert changed["after"]["next_look_on"] == end.isoformat()
    await moved.closes(end - A_DAY, sales_minor=0)
    assert await missed(moved) == (0, None)
    await moved.closes(end, sales_minor=0)
    assert await missed(moved) == (1, end)
    await moved.balances_are_what_they_are_made_of()


@pytest.mark.parametrize(
    "change",
    [
        "window_ends = '2020-01-01'",
        "window_ends = null",
        "window_ends = window_ends || ',2099-01-01'",
        "window_ends = '2099-01-01,' || window_ends, windows = windows + 1",
    ],
)
async def test_the_ends_of_windows_are_written_once_and_an_extension_only_adds_to_them(
    api: Any, moved: Living, change: str
) -> None:
    """The dodges: less time, no rule, more windows than were agreed, another beginning; by the owner's own session."""
    ((person,),) = await moved._rows("select person_id from loan where id = :loan")
    with pytest.raises(DBAPIError, match="windows end as they were agreed"):
        async with api.tools.sessions.begin(person=person) as session:
            await session.execute(text(f"update loan set {change} where id = :loan"), {"loan": moved.loan_id})
    async with api.tools.sessions.begin(person=person) as session:
        added = "update loan set window_ends = window_ends || ',2099-01-01', windows = windows + 1 where id = :loan"
        await session.execute(text(added), {"loan": moved.loan_id})
    with pytest.raises(DBAPIError, match="windows end as they were agreed"):
        async with api.tools.sessions.begin(scope="worker") as session:
            more = "update loan set window_ends = window_ends || ',2099-02-01', windows = windows + 1 where id = :loan"
            await session.execute(text(more.replace("windows = windows + 1", "state = state")), {"loan": moved.loan_id})


async def test_p9_an_extension_adds_windows_that_end_on_working_days_and_leaves_the_others(
    api: Any, moved: Living, database: Any
) -> None:
    town = Town(api, moved, await api.staff("officer"), date.max)
    town.ends_on = await town.today() + timedelta(days=70)
    database.execute(f"update loan set matures_on = '{town.ends_on}' where id = '{moved.loan_id}'")
    await town.until(town.ends_on - timedelta(days=50))
    await town.wishes("extend")
    await town.until(town.ends_on - timedelta(days=40))
    assert (await town.answers(verdict="extend", months=3)).status_code == 200
    offered = await town.end()
    until = window_ends(TODAY, 3, WINDOWS + 1, api.tools.policies.calendars["CN"])[-1]
    assert offered["until_on"] == until.isoformat()
    where = f"/v1/loans/{moved.loan_id}/end/extension"
    assert (await moved.owner.post(where, {"shown_hash": offered["shown_hash"]})).status_code == 200
    ((kept, windows),) = await moved._rows("select window_ends, windows from loan where id = :loan")
    assert (kept, windows) == (ends_text((*ends(), until)), WINDOWS + 1)
    assert (await town.end())["until_on"] == until.isoformat()
    await moved.closes(moved.closed_to + timedelta(days=2))
    await moved.balances_are_what_they_are_made_of()

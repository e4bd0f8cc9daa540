"""Journey 7 on the whole system: a debit fails, a case begins by itself, a promise is kept, and the close cures it."""

from datetime import date, timedelta
from typing import Any

import pytest

from ops.demo.paying_off_journey import fen, pays
from ops.demo.town import Owner, Town, eventually
from ops.stack.testing import RunningStack
from tests.stories.test_plans_by_dates import signs

# The night's work, the relay and the first look follow each other within seconds.
SOON = 90


async def looked_at(owner: Owner, loan_id: str, desk: Any) -> Any:
    """Until the night has opened the case and its story has looked at it."""

    async def there() -> Any:
        found = (await desk.get("/v1/desk/collections"))["items"]
        return next((one for one in found if one["loan_id"] == loan_id and one["segment"]), None)

    return await eventually(there, SOON)


@pytest.mark.long
async def test_journey_7_a_late_loan_gets_a_case_by_itself_and_a_kept_promise_ends_it(
    stack: RunningStack, town: Town
) -> None:
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=90_230))
    _, loan = await signs(owner, 20_000, 6, "equal_instalments")
    # Nobody tells the bank any more: the debit goes out to nobody, and the owner has to pay by themselves.
    await owner.revoke("sharing")
    due = date.fromisoformat(loan["instalments"][0]["on"])
    await town.until(due + timedelta(days=6))
    desk, path = await town.staff("officer"), f"/v1/loans/{loan['id']}/late"
    case = await looked_at(owner, loan["id"], desk)
    assert (case["segment"], case["reason"]) == ("forgetful", "never_late_before")
    assert [one["name"] for one in case["steps"]][:1] == ["notice"]
    seen = await owner.caller.get(path)
    assert seen["since"] == due.isoformat() and fen(seen["past_due"]) == fen(case["past_due"]) > 0

    today = await town.today()
    await owner.caller.post(f"{path}/promise", {"on": (today + timedelta(days=2)).isoformat()})
    held = await looked_at(owner, loan["id"], desk)
    assert held["promise"]["state"] == "open"
    await pays(town, owner, loan["id"], fen(seen["past_due"]))

    async def arrived() -> Any:
        return True if fen((await owner.caller.get(path))["past_due"]) == 0 else None

    await eventually(arrived, SOON)
    await town.pass_days(2)
    # The case looks in the morning; whenever this runs, it is ten o'clock of the next day.
    clock = await town.staff("operations")
    await clock.post("/v1/desk/clock", {"to": f"{await town.today() + timedelta(days=1)}T10:00:00+08:00"})

    async def cured() -> Any:
        now = await owner.caller.get(path)
        return now if now["ended"] else None

    ended = await eventually(cured, SOON)
    assert (ended["ended"], ended["promises"][0]["state"]) == ("cured", "kept")
    assert (await owner.loan())["status"] == "as_agreed"
    assert not [one for one in ended["contacts"] if one["channel"] in ("call", "visit")]
    assert stack.sql(f"select 1 from collection_case where loan_id = '{loan['id']}' and unaided")

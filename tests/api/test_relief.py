"""Journey 6: one tap, the whole cost of each way beside doing nothing, and quiet while it is kept."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from activities.collecting import LatenessWatch
from tests.api.test_behind import scalar
from tests.api.test_collecting import Street, street
from tests.api.test_plans import A_DAY, SALES, TODAY, Living, living, minor
from tests.api.test_plans_by_dates import dated, lends

__all__ = ["dated", "lends", "living", "street"]


LATE_LETTERS = (
    "select count(*) from notice where kind like 'late_%' and person_id = (select person_id from loan where id = :l)"
)


async def asks(loan: Living, why: str = "disaster") -> Any:
    return await loan.owner.post(f"/v1/loans/{loan.loan_id}/relief", {"why": why})


async def view(loan: Living) -> dict[str, Any]:
    answer = await loan.owner.get(f"/v1/loans/{loan.loan_id}/relief")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def agrees(loan: Living, way: str, sha256: str) -> Any:
    return await loan.owner.post(f"/v1/loans/{loan.loan_id}/relief/agree", {"way": way, "sha256": sha256})


async def takes(loan: Living, way: str) -> dict[str, Any]:
    """Asks, and agrees to one way by what was shown."""
    asked = await asks(loan)
    assert asked.status_code == 200, asked.text
    one = next(one for one in asked.json()["ways"] if one["way"] == way)
    answer = await agrees(loan, way, one["sha256"])
    assert answer.status_code == 200, answer.text
    return one


async def stands(loan: Living) -> tuple[Any, ...]:
    said = "select status, past_due_minor, past_due_since, days_past_due from loan_balance where loan_id = :loan"
    return tuple((await loan._rows(said))[0])


async def test_f1_one_tap_is_answered_at_once_up_to_the_policys_sum_without_any_paper(living: Living) -> None:
    await living.closes(TODAY + timedelta(days=10))
    assert (await view(living))["ways"] == []
    asked = (await asks(living, "illness")).json()
    assert asked["open"]["state"] == "offered" and asked["open"]["due_at"] is None
    again = (await asks(living, "season")).json()
    assert again["open"]["id"] == asked["open"]["id"], "a second tap asks nothing twice"
    assert (await asks(living, "greed")).status_code == 422


async def test_f1_above_the_sum_the_desk_answers_within_its_clock_and_a_no_names_what_helps_instead(
    api: Any, living: Living
) -> None:
    living.database.execute(f"update loan_balance set principal_minor = 10000001 where loan_id = '{living.loan_id}'")
    asked = (await asks(living)).json()
    assert (asked["open"]["state"], asked["ways"]) == ("asked", []) and asked["open"]["due_at"]
    early = await agrees(living, "pause_1", "0" * 64)
    assert (early.status_code, early.json()["code"]) == (409, "relief_not_offered")
    officer = await api.staff("officer")
    waiting = (await officer.get("/v1/desk/reliefs")).json()["items"]
    assert [one["loan_id"] for one in waiting if one["id"] == asked["open"]["id"]] == [str(living.loan_id)]
    here = f"/v1/desk/reliefs/{asked['open']['id']}"
    assert (await officer.post(here, {"verdict": "decline"})).status_code == 422, "a no names what helps instead"
    assert (await officer.post(here, {"verdict": "decline", "helps_instead": "talk"})).status_code == 200
    assert (await officer.post(here, {"verdict": "offer"})).json()["code"] == "relief_not_offered", "answered once"
    told = (await view(living))["before"][0]
    assert (told["state"], told["helps_instead"]) == ("declined", "talk")
    second = (await asks(living)).json()["open"]
    await officer.post(f"/v1/desk/reliefs/{second['id']}", {"verdict": "offer"})
    assert (await view(living))["ways"], "the same menu"


async def test_f1_nothing_is_offered_before_whoever_stands_behind_the_loan_agreed(api: Any, living: Living) -> None:
    other = await api.owner()
    me = (await other.get("/v1/me")).json()
    person = me.get("person_id") or await scalar(
        api, "select id from person where id <> (select person_id from loan where id = :l) limit 1", l=living.loan_id
    )
    living.database.execute(
        "insert into loan_party (id, application_id, person_id, invited_by, role, liability, state, phone_masked,"
        f" invited_at, due_at, signed_for) select gen_random_uuid(), application_id, '{person}', person_id,"
        f" 'guarantor', 'joint', 'bound', '', now(), now(), 'x' from loan where id = '{living.loan_id}'"
    )
    asked = (await asks(living)).json()["open"]
    assert asked["state"] == "asked", "a small loan too"
    officer = await api.staff("officer")
    here = f"/v1/desk/reliefs/{asked['id']}"
    assert (await officer.post(here, {"verdict": "offer"})).status_code == 422
    assert (await officer.post(here, {"verdict": "offer", "consented": True})).status_code == 200
    assert (await view(living))["ways"]


async def test_f2_each_way_stands_with_its_whole_cost_beside_doing_nothing(dated: Living) -> None:
    asked = (await asks(dated)).json()
    nothing, ways = asked["nothing"], {one["way"]: one for one in asked["ways"]}
    assert set(ways) == {"pause_1", "pause_2", "pause_3", "interest_only_3", "interest_only_6", "longer_3", "longer_6"}
    for one in ways.values():
        more = minor(one["course"]["interest_to_come"]) - minor(nothing["interest_to_come"])
        assert minor(one["extra_interest"]) == more > 0
        assert one["course"]["annual_rate"] == nothing["annual_rate"], "the signed rate is never written"
        assert one["last_on"] > nothing["finish_on"] and one["record"] == "extended"
        assert len(one["course"]["instalments"]) >= 3


async def test_f2_what_was_shown_a_day_ago_is_shown_anew_and_no_way_is_made_up(api: Any, living: Living) -> None:
    await living.closes(TODAY + timedelta(days=3))
    ways = {one["way"]: one["sha256"] for one in (await asks(living)).json()["ways"]}
    assert (await agrees(living, "pause_2", ways["pause_1"])).json()["code"] == "plan_moved"
    assert (await agrees(living, "pause_9", ways["pause_1"])).json()["code"] == "relief_not_offered"
    await living.closes(TODAY + timedelta(days=4))
    assert (await agrees(living, "pause_2", ways["pause_2"])).json()["code"] == "plan_moved"
    stranger = replace(living, owner=await api.owner())
    assert (await agrees(stranger, "pause_2", ways["pause_2"])).status_code == 404


async def test_f3_a_share_of_sales_that_is_late_is_as_agreed_from_the_yes_on_and_through_the_pause(
    living: Living,
) -> None:
    """The florist: flooded, shut for two months, late when she says so."""
    late_on = TODAY + timedelta(days=100)
    await living.closes(late_on, sales_minor=0)
    assert (await stands(living))[0] == "past_due"
    way = await takes(living, "pause_2")
    assert await stands(living) == ("as_agreed", 0, None, 0)
    await living.balances_are_what_they_are_made_of()
    day = late_on
    while day < late_on + timedelta(days=60):
        day += timedelta(days=20)
        await living.closes(day, sales_minor=0)
        assert (await stands(living))[0] == "as_agreed"
        await living.balances_are_what_they_are_made_of()
    assert [day for day in await living.debited() if day > late_on] == [], "nothing is debited in a pause"
    assert await living.notices() is not None and way["effective_on"] == (late_on + A_DAY).isoformat()


async def test_f3_a_plan_by_dates_that_is_late_starts_anew_and_is_debited_as_was_shown(dated: Living) -> None:
    due = TODAY + timedelta(days=40)
    await dated.closes(due)
    assert (await stands(dated))[0] == "past_due"
    way = await takes(dated, "interest_only_3")
    assert await stands(dated) == ("as_agreed", 0, None, 0)
    await dated.balances_are_what_they_are_made_of()
    first = way["course"]["instalments"][0]
    assert minor(first["principal"]) == 0
    await dated.closes(due + timedelta(days=5))
    assert (await stands(dated))[0] == "as_agreed"
    await dated.balances_are_what_they_are_made_of()


async def test_f3_the_case_of_a_late_loan_ends_with_the_yes_and_nothing_more_is_sent(street: Street) -> None:
    await street.mornings(4, 5)
    assert (await street.seen())["ended"] is None
    before = await scalar(street.api, LATE_LETTERS, l=street.loan.loan_id)
    await takes(street.loan, "pause_1")
    assert (await street.seen())["ended"] == "relieved"
    after = await scalar(street.api, LATE_LETTERS, l=street.loan.loan_id)
    assert after == before
    assert (await street.contact("help_call")).status_code in (404, 409)


async def test_relief_is_agreed_no_more_often_a_year_than_the_policy_says(living: Living) -> None:
    for _ in range(2):
        await takes(living, "pause_1")
    third = await asks(living)
    assert (third.status_code, third.json()["code"]) == (409, "relief_used_up")


async def relief_of(loan: Living) -> str:
    rows = await loan._rows("select state from relief where loan_id = :loan order by n desc limit 1")
    return str(rows[0][0])


async def night(loan: Living, api: Any) -> None:
    """What the night does after the last close."""
    at = datetime.combine(loan.closed_to + A_DAY, time(2), UTC)
    async with loan.wired.sessions.begin() as session:
        await LatenessWatch(api.settings.clock_id).look(session, loan.closed_to, at)


async def test_f5_relief_that_is_broken_has_a_persons_call_first_and_nothing_before_its_outcome(street: Street) -> None:
    await street.mornings(4, 5)
    await takes(street.loan, "pause_1")
    street.since += timedelta(days=40)  # the pause is over, and the next window ends below its path
    await street.mornings(4, 5)
    assert await relief_of(street.loan) == "broken"
    assert await street.steps() == {"help_call": 4}
    await street.mornings(40, 41)
    assert await street.steps() == {"help_call": 4}, "nothing is done before a person has called"


async def test_f6_two_months_of_four_fifths_are_back_to_normal_and_their_owner_is_told(
    api: Any, living: Living
) -> None:
    await living.closes(TODAY + timedelta(days=60))
    await takes(living, "half_3")
    await living.closes(TODAY + timedelta(days=115))
    await night(living, api)
    assert await relief_of(living) == "agreed", "two whole months"
    await living.closes(TODAY + timedelta(days=121))
    await night(living, api)
    assert await relief_of(living) == "over"
    said = "select count(*) from notice where kind = 'relief_over' and person_id ="
    assert await scalar(api, f"{said} (select person_id from loan where id = :l)", l=living.loan_id) == 1


async def test_f6_less_than_four_fifths_of_what_was_usual_is_not_back_to_normal(api: Any, living: Living) -> None:
    await living.closes(TODAY + timedelta(days=60))
    await takes(living, "half_3")
    await living.closes(TODAY + timedelta(days=125), sales_minor=SALES * 7 // 10)
    await night(living, api)
    assert await relief_of(living) == "agreed"


async def test_a_second_relief_asks_for_nothing_sooner_and_no_due_day_takes_the_first_one_back(dated: Living) -> None:
    first = await takes(dated, "pause_3")
    asked = (await asks(dated)).json()
    next_on = first["course"]["instalments"][0]["on"]
    for one in asked["ways"]:
        assert one["course"]["instalments"][0]["on"] >= next_on, one["way"]
        assert one["last_on"] >= first["last_on"], one["way"]
    for wanted in ({"kind": "due_day", "cycle_day": 5}, {"kind": "rest"}):
        assert (await dated.tries(**wanted)).status_code in (409, 422), wanted
    await dated.balances_are_what_they_are_made_of()


async def test_the_pages_take_one_tap_show_each_way_and_tell_what_was_agreed(
    api: Any, living: Living, pages: Any
) -> None:
    page, here = pages(living.owner), f"/loans/{living.loan_id}"
    assert f"{here}/relief" in (await page.get(here)).text
    first = await page.get(f"{here}/relief")
    assert "受灾了" in first.text
    asked = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', first.text))
    assert (await page.post(f"{here}/relief", data=asked | {"why": "disaster"})).status_code == 303
    offered = (await page.get(f"{here}/relief")).text
    assert "什么都不做" in offered and "展期" in offered
    form = offered.split('value="half_3"')[0].rsplit("<form", 1)[1] + offered.split('value="half_3"')[1][:300]
    said = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    done = await page.post(f"{here}/relief/agree", data=said | {"way": "half_3"})
    assert done.status_code == 303, done.text
    assert "照约定" in (await page.get(f"{here}/relief")).text
    assert "纾困安排" in (await page.get(f"{here}/plan")).text
    officer = pages(await api.staff("officer"))
    assert (await officer.get("/desk/reliefs")).status_code == 200

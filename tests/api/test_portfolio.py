"""The book at a glance (P36): the desk's one page about all loans, from rows, the same in JSON and on the page."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.api.test_plans import SALES, TODAY, Living, living

__all__ = ["living"]


async def seen(api: Any, role: str = "officer") -> dict[str, Any]:
    officer = await api.staff(role)
    answer = await officer.get("/v1/desk/portfolio")
    assert answer.status_code == 200, answer.text
    return answer.json()


def bucket(of: dict[str, Any], name: str) -> tuple[int, str]:
    line = next(one for one in of["buckets"] if one["bucket"] == name)
    return line["loans"], line["principal"]["amount"]


async def test_p36_the_book_tells_what_lives_is_late_was_paid_and_does_not_go_on(
    api: Any,
    living: Living,
    database: Any,
) -> None:
    before = await seen(api)
    await living.closes(TODAY + timedelta(days=1), SALES)
    calm = await seen(api)
    loans, principal = bucket(calm, "current")
    assert loans == calm["live"] >= before["live"] and "." in principal
    database.execute(
        "update loan_balance set status = 'past_due', days_past_due = 45, past_due_since ="
        f" '{TODAY - timedelta(days=45)}' where loan_id = '{living.loan_id}'"
    )
    late = await seen(api)
    assert bucket(late, "to_60")[0] == bucket(calm, "to_60")[0] + 1
    assert bucket(late, "current")[0] == loans - 1
    assert late["below_path"] == calm["below_path"] + 1
    came = {one["on"]: one["paid"]["amount"] for one in late["days"]}
    assert sum(float(amount) for amount in came.values()) > 0, "the debit of the first day's sales was repaid"


async def test_p36_a_stretch_of_lateness_rolls_from_one_months_end_to_the_next(
    api: Any,
    living: Living,
    database: Any,
) -> None:
    calm = await seen(api)
    first, last = calm["rolls"][-1]["first"], calm["rolls"][-1]["last"]
    database.execute(
        f"update loan set live_on = date '{first}' - 100 where id = '{living.loan_id}'",
        "insert into collection_case (id, loan_id, person_id, since, opened_on, opened_at, figures) select"
        f" '{uuid4()}', id, person_id, date '{first}' - 10, date '{first}' - 6, now(), '{{}}' from loan where id ="
        f" '{living.loan_id}'",
    )
    rolled = next(one for one in (await seen(api))["rolls"] if one["last"] == last)
    before = next(one for one in calm["rolls"] if one["last"] == last)
    assert rolled["to_30"] == before["to_30"] + 1
    assert float(rolled["to_30_share"]) > 0, "it stands further back a month later"


async def test_p36_the_page_shows_each_chart_with_its_table_and_what_it_means(
    api: Any,
    living: Living,
    pages: Any,
) -> None:
    await living.closes(TODAY + timedelta(days=1), SALES)
    page = pages(await api.staff("officer"))
    shown = await page.get("/desk/portfolio")
    assert shown.status_code == 200, shown.text
    for words in ("The book at a glance", "By days past due", "Roll rates", "Vintages", "The figures", "The service,"):
        assert words in shown.text
    stranger = await api.owner()
    assert (await stranger.get("/v1/desk/portfolio")).status_code == 404

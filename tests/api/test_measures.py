"""Answers, first contacts, stages and whose time it was, through the API (P36, B2)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from infra.phrases import BEIJING


async def test_p36_answers_first_contacts_stages_and_hands_are_reckoned_from_rows(
    api: Any, begun: Any, database: Any, pages: Any
) -> None:
    owner, application_id = begun
    mei = await api.staff("manager")
    assert (await mei.get("/v1/manager/measures?whose=mine")).json()["messages"]["asked"] == 0
    await owner.post(f"/v1/applications/{application_id}/thread", {"text": "利息怎么算"})
    await mei.post(f"/v1/manager/customers/{application_id}/thread", {"text": "按天算，用一天算一天"})
    told = f"application_id = '{application_id}'"
    database.execute(
        f"update thread_message set sent_at = now() - interval '20 days' where {told} and author = 'owner'",
        f"update thread_message set sent_at = now() - interval '20 days' + interval '30 minutes' "
        f"where {told} and author = 'lender'",
    )
    started = datetime.now(BEIJING) - timedelta(days=9)
    story = (("began", 0), ("identity_proven", 2), ("submitted", 6), ("review_opened", 7), ("approved", 31),
             ("signed", 35), ("payout_credited", 36))  # fmt: skip
    person = f"(select person_id from application where id = '{application_id}')"
    database.execute(
        *(
            f"insert into timeline_event (id, application_id, person_id, kind, params, actor, happened_at) values "
            f"('{uuid4()}', '{application_id}', {person}, '{kind}', '{{}}', 'system', "
            f"'{(started + timedelta(hours=hours)).isoformat()}')"
            for kind, hours in story
        ),
    )
    seen = (await mei.get("/v1/manager/measures")).json()
    assert (seen["messages"]["answered"], seen["messages"]["minutes_p50"]) == (1, "30.0")
    assert (seen["first_contact"], seen["first_contact_of"]) == (1, 1)
    stages = {one["stage"]: (one["count"], one["hours_p50"]) for one in seen["stages"]}
    assert stages["people"] == (1, "24.0") and stages["payout"] == (1, "1.0") and stages["whole"] == (1, "36.0")
    assert float(seen["hands_minutes_p50"]) >= 1, "the look at the thread was somebody's minute"
    database.execute(
        f"insert into thread_message (id, application_id, person_id, author, said_by, text_sealed, sent_at) values "
        f"('{uuid4()}', '{application_id}', {person}, 'owner', 'owner', '', now() - interval '18 days')"
    )
    again = (await mei.get("/v1/manager/measures")).json()
    assert (again["first_contact"], again["first_contact_of"]) == (0, 1), "it came back within a week"
    page = await pages(mei).get("/manager/measures")
    assert page.status_code == 200 and "30.0 min" in page.text
    assert (await mei.get("/v1/manager/measures?whose=x")).status_code == 422


async def test_b2_our_time_and_that_of_outside_bodies_are_shown_apart(api: Any, pages: Any) -> None:
    mei = await api.staff("manager")
    outside = (await mei.get("/v1/manager/measures")).json()["outside"]
    assert {"ours_days_p50", "outside_days_p50", "customer_days_p50", "visits_most", "on_time"} <= set(outside)
    assert outside == (await mei.get("/v1/desk/measures/outside")).json(), "one reckoning for both pages"
    page = (await pages(mei).get("/manager/measures", headers={"Accept-Language": "zh-CN"})).text
    assert "等外部机构" in page and "我们办" in page

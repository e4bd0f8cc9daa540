"""H5: one question after a payoff, answered by a tap, once a loan, and none of whoever wants none."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.api.test_seeing import person_of


@pytest.fixture
async def paid_off(begun: Any, api: Any, database: Any, a_payout: Any) -> tuple[Any, list[UUID]]:
    """An owner with two loans that were paid off."""
    owner, application_id = begun
    person = await person_of(api, application_id)
    loans: list[UUID] = []
    for _ in range(2):
        payout = a_payout("credited")
        async with api.tools.sessions.begin(scope="worker") as session:
            asked = text("select loan_id from payout where id = :id")
            loans.append((await session.execute(asked, {"id": payout})).scalar_one())
        database.execute(
            f"update loan set state = 'closed', closed_on = '2026-11-30', person_id = '{person}'"
            f" where id = '{loans[-1]}'"
        )
    return owner, loans


async def spread(api: Any) -> dict[str, Any]:
    seen = (await (await api.staff("officer")).get("/v1/desk/surveys")).json()
    return {**seen, "answers": {one["answer"]: one["loans"] for one in seen["answers"]}}


async def test_h5_one_tap_answers_once_and_stands_in_the_distribution(api: Any, paid_off: Any) -> None:
    owner, (first, second) = paid_off
    before = await spread(api)
    assert (await owner.get(f"/v1/loans/{first}/survey")).json()["asks"]
    given = await owner.post(f"/v1/loans/{first}/survey", {"answer": 4, "words": "旺季扣得快，淡季不催"})
    assert given.status_code == 200, given.text
    assert not (await owner.get(f"/v1/loans/{first}/survey")).json()["asks"]
    assert (await owner.get(f"/v1/loans/{second}/survey")).json()["asks"], "the other loan is another question"
    again = await owner.post(f"/v1/loans/{first}/survey", {"answer": 1})
    assert (again.status_code, again.json()["code"]) == (409, "survey_over")
    after = await spread(api)
    assert (after["answers"][4], after["answered"]) == (before["answers"][4] + 1, before["answered"] + 1)
    assert "旺季" not in str(after)


async def test_h5_who_wants_no_question_is_asked_after_no_loan(api: Any, paid_off: Any) -> None:
    owner, (first, second) = paid_off
    assert (await owner.post(f"/v1/loans/{first}/survey", {"never": True})).status_code == 200
    assert not (await owner.get(f"/v1/loans/{second}/survey")).json()["asks"]
    seen = await spread(api)
    assert seen["never"] >= 1 and seen["without"] >= 1


@pytest.mark.parametrize("said", [{"answer": 0}, {"answer": 6}, {"words": "x" * 501, "answer": 3}, {"words": "只有话"}])
async def test_an_answer_is_one_of_five(paid_off: Any, said: dict[str, Any]) -> None:
    owner, (first, _) = paid_off
    assert (await owner.post(f"/v1/loans/{first}/survey", said)).status_code == 422


async def test_a_living_loan_and_another_persons_are_not_asked_about(api: Any, paid_off: Any, database: Any) -> None:
    owner, (first, second) = paid_off
    database.execute(f"update loan set state = 'live' where id = '{second}'")
    assert (await owner.get(f"/v1/loans/{second}/survey")).status_code == 404
    assert (await owner.post(f"/v1/loans/{second}/survey", {"answer": 5})).status_code == 404
    assert (await (await api.owner()).post(f"/v1/loans/{first}/survey", {"answer": 5})).status_code == 404


async def test_the_answer_is_sealed_and_goes_with_an_erasure(api: Any, paid_off: Any) -> None:
    from db import personal_data
    from db.tables import PayoffSurvey

    owner, (first, _) = paid_off
    await owner.post(f"/v1/loans/{first}/survey", {"answer": 2, "words": "客服慢"})
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (
            await session.execute(text("select words_sealed from payoff_survey where loan_id = :id"), {"id": first})
        ).one()
    assert "客服慢".encode() not in bytes(row.words_sealed)
    assert PayoffSurvey in personal_data.GOES


async def test_the_page_asks_with_five_buttons_and_then_no_more(paid_off: Any, pages: Any) -> None:
    owner, (first, _) = paid_off
    page, where = pages(owner), f"/loans/{first}/survey"
    shown = (await page.get(where)).text
    assert shown.count('name="say"') == 7
    assert (await page.post(where, data={"key": f"k-{uuid4()}", "say": "6"})).status_code == 422
    assert (await page.post(where, data={"key": f"k-{uuid4()}", "say": "5", "words": ""})).status_code == 303
    assert 'name="say"' not in (await page.get(where)).text

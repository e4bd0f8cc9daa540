"""Overrides are said with a cause and counted; warnings are closed with an outcome; reports are read by the desk."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from db import warnings as signs
from db.warnings import Live

NOW = datetime.now(UTC)


async def case(api: Any, owner: Any, application_id: UUID, *, outcome: str, pd: str, grade: str) -> UUID:
    """A review task on a decision of the machine, with one's own view on record as soon as it is given."""
    task_id = uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        person = await session.scalar(text("select person_id from application where id = :id"), {"id": application_id})
        await session.execute(
            text(
                "insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, pd, grade, "
                "confidence, features, ratios, model_id, model_role, policy_version, decided_by, decided_at) values "
                "(:id, :application, :person, 1, :outcome, '[]', 8000000, :pd, :grade, 0.9, '{}', '{}', 'm', "
                "'fallback', '1', 'model', now())"
            ),
            {
                "id": uuid4(),
                "application": application_id,
                "person": person,
                "outcome": outcome,
                "pd": pd,
                "grade": grade,
            },
        )
        await session.execute(
            text(
                "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) "
                "values (:id, 'review', :application, :person, 'manager', 'open', '{\"reasons\": []}', now(), now())"
            ),
            {"id": task_id, "application": application_id, "person": person},
        )
    return task_id


async def test_the_override_log_counts_the_view_of_whoever_decided_and_not_the_first_that_was_said(
    api: Any, begun: Any
) -> None:
    owner, application_id = begun
    task_id = await case(api, owner, application_id, outcome="review", pd="0.0100", grade="A")
    mei, li = await api.staff("manager"), await api.staff("officer")
    for who, verdict in ((mei, "decline"), (li, "approve")):
        view = {"verdict": verdict, "reason": "去过店里看过了"}
        assert (await who.post(f"/v1/manager/tasks/{task_id}/own-view", view)).status_code == 200
    before = (await li.get("/v1/desk/overrides")).json()["changed_views"]

    async def decided(by: Any) -> int:
        async with api.tools.sessions.begin(scope="worker") as session:
            staff_id = await session.scalar(text("select id from staff where login = :login"), {"login": by.name})
            said = {"verdict": "approve", "staff_id": str(staff_id)}
            await session.execute(
                text("update task set state = 'done', finished_at = now(), outcome = :said where id = :id"),
                {"said": json.dumps(said), "id": task_id},
            )
        return (await li.get("/v1/desk/overrides")).json()["changed_views"]

    assert await decided(li) == before, "who decided thought so from the start"
    assert await decided(mei) == before + 1, "and here they thought otherwise"


@pytest.mark.parametrize(
    ("outcome", "pd", "grade", "leaning", "against"),
    [
        ("decline", "0.3000", "E", "decline", "approve"),
        ("review", "0.0100", "A", "approve", "decline"),
        ("review", "0.1500", "D", None, None),
    ],
)
async def test_a_verdict_against_the_score_needs_a_cause_that_can_be_counted(
    api: Any, begun: Any, outcome: str, pd: str, grade: str, leaning: str | None, against: str | None
) -> None:
    owner, application_id = begun
    task_id = await case(api, owner, application_id, outcome=outcome, pd=pd, grade=grade)
    manager = await api.staff("officer")  # a yes in grade E is above a manager (policies/authority.yaml)
    where = f"/v1/manager/tasks/{task_id}"
    shut = (await manager.get(where)).json()
    assert (shut["leaning"], shut["score"]) == (None, None)  # nothing of the score before one's own view
    seen = await manager.post(f"{where}/own-view", {"verdict": "approve", "reason": "流水稳定"})
    assert seen.json()["leaning"] == leaning
    assert seen.json()["score"]["model_role"] == "fallback"
    verdict = {"verdict": against or "approve", "reason": "去店里看过"}
    bare = await manager.post(f"{where}/finish", verdict)
    if against is None:
        assert bare.status_code in (200, 202), bare.text
        return
    assert bare.status_code == 422
    (error,) = bare.json()["errors"]
    assert error["code"] == "missing" and "cause" in str(error)
    wrong = await manager.post(f"{where}/finish", {**verdict, "cause": "a_feeling"})
    assert wrong.json()["errors"][0]["code"] == "not_one_of_these"
    done = await manager.post(f"{where}/finish", {**verdict, "cause": "seen_on_site"})
    assert done.status_code in (200, 202), done.text
    async with api.tools.sessions.begin(scope="worker") as session:
        detail = await session.scalar(
            text("select detail from command where workflow_id = :id"), {"id": f"task/{task_id}"}
        )
        # What the activity does with it: the command's detail is the task's outcome.
        await session.execute(
            text("update task set state = 'done', finished_at = now(), outcome = :said where id = :id"),
            {"said": json.dumps(detail), "id": task_id},
        )
    assert (detail["override"], detail["leaning"], detail["cause"]) == (True, leaning, "seen_on_site")
    officer = await api.staff("officer")
    report = (await officer.get("/v1/desk/overrides")).json()
    line = next(one for one in report["causes"] if one["cause"] == "seen_on_site")
    assert line["overrides"] >= 1
    assert report["overrides"] <= report["with_leaning"] <= report["reviews"]


async def test_a_warning_is_on_the_managers_list_until_it_is_closed_with_an_outcome(
    api: Any, begun: Any, database: Any
) -> None:
    owner, application_id = begun
    loan_id = uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        person = await session.scalar(text("select person_id from application where id = :id"), {"id": application_id})
    database.execute(
        "alter table early_warning drop constraint if exists fk_early_warning_loan_id",
    )
    async with api.tools.sessions.begin(scope="worker") as session:
        live = Live(loan_id, application_id, person, date(2027, 1, 1))
        figures = {"recent_minor": 100, "usual_minor": 300, "fall_percent": 67}
        assert await signs.warn(
            session, live, cause="sales_down", figures=figures, on=date(2027, 3, 1), at=NOW, due_at=NOW + timedelta(3)
        )
    manager = await api.staff("manager")
    (card,) = [
        one for one in (await manager.get("/v1/manager/warnings")).json()["items"] if one["loan_id"] == str(loan_id)
    ]
    assert "67%" in card["text"]
    where = f"/v1/manager/warnings/{card['id']}"
    assert (await manager.get(where)).status_code == 200
    assert (await manager.post(f"{where}/close", {"outcome": "", "words": "x"})).status_code == 422
    closed = await manager.post(f"{where}/close", {"outcome": "plan_agreed", "words": "装修三周，先少还"})
    assert closed.json()["card"]["outcome"] == "plan_agreed"
    again = await manager.post(f"{where}/close", {"outcome": "mistaken", "words": "第二次回答"})
    assert again.json()["card"]["outcome"] == "plan_agreed"  # the first answer stays
    assert not [one for one in (await manager.get("/v1/manager/warnings")).json()["items"] if one["id"] == card["id"]]
    privacy = (await owner.get("/v1/privacy")).json()
    assert any(read["what"] == "loan" for read in privacy["reads"])


async def test_reports_are_there_before_the_first_night_and_after_it(api: Any, database: Any) -> None:
    auditor = await api.staff("auditor")
    assert (await auditor.get("/v1/desk/fairness")).json()["as_of"] is None
    assert (await auditor.get("/v1/desk/model-watch")).json()["items"] == []
    gap = {"measure": "price", "gap": 0.01, "low": 0.006, "high": 0.014, "firms": 40, "found": True}
    group = {"kind": "trade", "group": "catering", "firms": 40, "approved": 30, "rate_low": 0.6, "rate_high": 0.86}
    detail = {
        "as_of": "2027-03-01",
        "window_days": 365,
        "decisions": 400,
        "differences": 1,
        "groups": [{**group, "gaps": [gap]}],
        "two_prices": [{"terms": "p/12/A", "prices": [0.055, 0.065], "firms": 9}],
    }
    database.execute(
        f"insert into night values ('fairness', 'CN', '2027-03-01', now(), '{json.dumps(detail)}') "
        "on conflict do nothing"
    )
    seen = (await auditor.get("/v1/desk/fairness")).json()
    assert seen["groups"][0]["gaps"][0]["gap"] == "0.01"
    assert seen["two_prices"][0]["prices"] == ["0.055", "0.065"]

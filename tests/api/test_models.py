"""Models at the desk: one person proposes, another approves, both a moment after their second factor."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from pyotp.totp import TOTP

from api.problems import NotFound, WrongPassword
from api.staff.registry import ProposeMove
from db import alarms, scoring_models
from ops.cli import main
from ops.proposing import propose

CARD: dict[str, Any] = {
    "method": "scorecard",
    "kind": "default within twelve months",
    "origin": {"label": "trained on simulated firms"},
    "trained_on": "2026-11-21",
    "features": {"names": ["sales_level"]},
    "metrics": {"auc": 0.8123456, "auc_ci": [0.78, 0.84], "ks": 0.5, "brier": 0.06, "ece": 0.01, "n": 3000, "bad": 230},
    "slices": {"trade catering": {"n": 900, "bad": 71, "auc": None, "ks": None, "brier": 0.07, "ece": 0.02}},
    "importance": {"sales_level": 1.0},
}


@pytest.fixture
async def models(api: Any, database: Any) -> None:
    """A champion, its fallback and a model that plays no part yet."""
    database.execute(
        "delete from model_move",
        "delete from shadow_score",
        "alter table scoring_model disable trigger all",
        "delete from scoring_model",
    )
    now = datetime.now(UTC)
    async with api.tools.sessions.begin(scope="worker") as session:
        for name, role in (("trees-1", "champion"), ("card-1", "fallback"), ("trees-2", "candidate")):
            await scoring_models.register(
                session,
                model_id=name,
                object_key=f"models/{name}.ubj",
                sha256=name.ljust(64, "0"),
                card=CARD,
                at=now,
                role=role,
            )


async def proposed(officer: Any, model: str, role: str, **more: Any) -> Any:
    answer = await officer.post(f"/v1/desk/models/{model}/moves", {"role": role, "reason": "区分度更好", **more})
    return answer


async def test_one_proposes_another_approves_and_the_old_champion_retires(api: Any, models: None) -> None:
    first, second = await api.staff("officer"), await api.staff("officer")
    answer = await proposed(first, "trees-2", "champion")
    assert answer.status_code == 200, answer.text
    move = answer.json()["moves"][0]
    assert (move["state"], move["mine"], move["from_role"], move["to_role"]) == ("open", True, "candidate", "champion")
    by_id = {one["id"]: one for one in (await first.get("/v1/desk/models")).json()["items"]}
    assert by_id["trees-1"]["decides"]
    assert not by_id["trees-2"]["decides"]

    own = await first.post(f"/v1/desk/model-moves/{move['id']}/answer", {"approve": True, "reason": "我自己批准"})
    assert (own.status_code, own.json()["code"]) == (409, "needs_two_people")
    other = await second.post(f"/v1/desk/model-moves/{move['id']}/answer", {"approve": True, "reason": "看过卡片"})
    assert other.status_code == 200, other.text
    by_id = {one["id"]: one["role"] for one in (await second.get("/v1/desk/models")).json()["items"]}
    assert by_id == {"trees-2": "champion", "card-1": "fallback", "trees-1": "retired"}
    again = await second.post(f"/v1/desk/model-moves/{move['id']}/answer", {"approve": True, "reason": "再批一次"})
    assert again.json()["code"] == "move_closed"
    auditor = await api.staff("auditor")
    lines = []
    after = 0
    while items := (await auditor.get(f"/v1/desk/audit?after={after}")).json()["items"]:
        lines += items
        after = items[-1]["id"]
    acts = [line["action"] for line in lines if line["object_id"] == "trees-2"]
    assert acts == ["model.register", "model.propose", "model.approve"]
    assert [line["detail"]["sha256"] for line in lines if line["object_id"] == "trees-2"] == [
        "trees-2".ljust(64, "0")
    ] * 3


async def test_an_approval_is_bound_to_the_file_and_the_card_that_were_proposed(
    api: Any, models: None, database: Any
) -> None:
    first, second = await api.staff("officer"), await api.staff("officer")
    move = (await proposed(first, "trees-2", "shadow")).json()["moves"][0]
    database.execute("update scoring_model set card = card || '{\"kind\": \"other\"}' where id = 'trees-2'")
    answer = await second.post(f"/v1/desk/model-moves/{move['id']}/answer", {"approve": True, "reason": "看过卡片"})
    assert (answer.status_code, answer.json()["code"]) == (409, "content_differs")


async def test_a_session_without_a_fresh_second_factor_proposes_and_approves_nothing(
    api: Any, models: None, database: Any
) -> None:
    officer = await api.staff("officer")
    stale = datetime.now(UTC) - timedelta(minutes=11)
    database.execute(f"update session set created_at = '{stale.isoformat()}'")
    answer = await proposed(officer, "trees-2", "shadow")
    assert (answer.status_code, answer.json()["code"]) == (422, "proof_stale")
    wrong = await officer.post("/v1/staff/proof", {"totp": "000000"})
    assert wrong.status_code == 401
    digits = TOTP(officer.secret).at(int(time.time()) + 30)
    right = await officer.post("/v1/staff/proof", {"totp": digits})
    assert right.status_code == 200, right.text
    assert (await officer.post("/v1/staff/proof", {"totp": digits})).status_code == 401  # each step counts once
    assert (await proposed(officer, "trees-2", "shadow")).status_code == 200


async def test_what_cannot_be_is_not_proposed(api: Any, models: None) -> None:
    officer = await api.staff("officer")
    assert (await proposed(officer, "trees-1", "retired")).json()["code"] == "move_impossible"
    assert (await proposed(officer, "trees-2", "candidate")).status_code == 422
    assert (await proposed(officer, "trees-2", "challenger")).status_code == 422  # without a share
    assert (await proposed(officer, "trees-2", "challenger", share="0.9")).status_code == 422
    assert (await proposed(officer, "nothing", "shadow")).status_code == 404
    assert (await proposed(officer, "trees-2", "challenger", share="0.05")).status_code == 200
    assert (await proposed(officer, "trees-2", "shadow")).json()["code"] == "move_open"


async def test_the_card_is_shown_with_its_slices_and_says_who_taught_it(api: Any, models: None) -> None:
    auditor = await api.staff("auditor")
    seen = (await auditor.get("/v1/desk/models/trees-1")).json()
    assert seen["line"]["label"] == "trained on simulated firms"
    assert (seen["whole"]["auc"], seen["whole"]["auc_low"], seen["whole"]["firms"]) == ("0.8123", "0.78", 3000)
    assert [(part["name"], part["firms"], part["auc"]) for part in seen["slices"]] == [("trade catering", 900, None)]
    assert seen["may_become"] == []


async def test_a_champion_that_stood_down_comes_back_by_two_people(api: Any, models: None) -> None:
    now = datetime.now(UTC)
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await scoring_models.stand_down(
            session, "trees-1", why="calibration_broken", by="system:watch", at=now, detail={}
        )
        assert not await scoring_models.stand_down(session, "trees-1", why="again", by="x", at=now, detail={})
    first, second = await api.staff("officer"), await api.staff("officer")
    by_id = {one["id"]: one["decides"] for one in (await first.get("/v1/desk/models")).json()["items"]}
    assert by_id == {"trees-1": False, "card-1": True, "trees-2": False}
    move = (await proposed(first, "trees-1", "champion")).json()["moves"][0]
    done = await second.post(f"/v1/desk/model-moves/{move['id']}/answer", {"approve": True, "reason": "校准已复核"})
    assert done.json()["line"]["decides"]
    assert done.json()["line"]["stood_down_at"] is None


async def test_an_alarm_is_one_row_until_somebody_closes_it(api: Any) -> None:
    now = datetime.now(UTC)

    async def ring() -> bool:
        async with api.tools.sessions.begin(scope="worker") as session:
            return await alarms.raise_alarm(
                session, kind="model_refused", object_kind="model", object_id="m", detail={"why": "missing"}, at=now
            )

    assert [await ring(), await ring()] == [True, False]
    officer = await api.staff("officer")
    found = [one for one in (await officer.get("/v1/desk/alarms")).json()["items"] if one["object_id"] == "m"]
    assert [(one["kind"], one["times"], one["closed_at"]) for one in found] == [("model_refused", 2, None)]
    closed = await officer.post(f"/v1/desk/alarms/{found[0]['id']}/close", {"outcome": "文件已恢复"})
    assert closed.status_code == 200, closed.text
    assert (await officer.post(f"/v1/desk/alarms/{found[0]['id']}/close", {"outcome": "再来一次"})).status_code == 404
    assert await ring()


async def test_a_command_proposes_in_a_persons_name_with_their_digits_and_another_one_approves(
    api: Any, models: None
) -> None:
    first, second, manager = await api.staff("officer"), await api.staff("officer"), await api.staff("manager")
    wish = ProposeMove("shadow", "to watch it beside")

    def digits(person: Any) -> str:
        return TOTP(person.secret).at(int(time.time()) + 30)

    with pytest.raises(WrongPassword):
        await propose(api.tools, first.name, "000000", "trees-2", wish)
    with pytest.raises(NotFound):
        await propose(api.tools, manager.name, digits(manager), "trees-2", wish)
    with pytest.raises(NotFound):
        await propose(api.tools, "nobody", "000000", "trees-2", wish)
    told = await propose(api.tools, first.name, digits(first), "trees-2", wish)
    assert told.line.role == "candidate"
    move = told.line.waiting
    assert move is not None and (move.to_role, move.state, move.mine) == ("shadow", "open", True)
    own = await first.post(f"/v1/desk/model-moves/{move.id}/answer", {"approve": True, "reason": "我自己批准"})
    assert own.json()["code"] == "needs_two_people"
    other = await second.post(f"/v1/desk/model-moves/{move.id}/answer", {"approve": True, "reason": "看过卡片"})
    assert other.json()["line"]["role"] == "shadow"


def test_a_command_that_gives_a_share_to_no_challenger_is_refused_before_anything_is_asked() -> None:
    words = [
        "model",
        "propose",
        "trees-2",
        "shadow",
        "--by",
        "li",
        "--reason",
        "why",
        "--share",
        "0.05",
        "--digits",
        "1",
    ]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2 and "--share" in done.stderr

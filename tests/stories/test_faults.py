"""Things break in the middle of the first journey; it ends as if they had not, and money moves once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ops.demo.town import Owner, Refused, Town, eventually
from ops.stack.testing import RunningStack


async def ready_to_sign(town: Town, seed: int) -> tuple[Owner, dict[str, Any]]:
    firm = await town.found(monthly_sales_minor=9_000_000, months=14, health=0.88, seed=seed)
    owner = await town.owner(firm)
    application = await owner.applies(30_000, months=6)
    assert application["stage"] == "offered", await owner.see("decision")
    await owner.choose()
    return owner, await owner.read_key_facts()


async def money_moved_once(town: Town, owner: Owner) -> None:
    """The rail's own book is the witness, and the ledger agrees with it."""
    await owner.until_stage("funded")
    account = await town.world.get(f"/rail/accounts/{owner.firm.account}")
    credits = [move for move in account["movements"] if move["amount_minor"] == 3_000_000]
    assert len(credits) == 1
    assert (await owner.loan())["state"] == "live"
    assert (await owner.story()).count("payout_credited") == 1
    for balance in (await town.trial_balance())["items"]:
        assert balance["proven"]


@pytest.mark.parametrize("point", ["payout.after_rail", pytest.param("payout.before_rail", marks=pytest.mark.long)])
async def test_x1_a_worker_killed_at_the_rail_pays_once(
    stack: RunningStack, town: Town, tmp_path: Path, point: str
) -> None:
    owner, facts = await ready_to_sign(town, 81_001 if point.endswith("after_rail") else 81_002)
    marker = tmp_path / "died"
    stack.kill("worker")
    stack.start("worker", HUOSHUI_FAILPOINT=f"{point}@{marker}")
    await owner.sign(facts)
    await eventually(lambda: _true(marker.exists() and not stack.alive("worker")))
    stack.start("worker", HUOSHUI_FAILPOINT="")
    await money_moved_once(town, owner)


@pytest.mark.long
async def test_x1_temporal_killed_and_restarted_loses_no_signature(stack: RunningStack, town: Town) -> None:
    owner, facts = await ready_to_sign(town, 82_001)
    await owner.act("signing-code")
    code = await owner.last_code()
    stack.kill("temporal")
    path = f"/v1/applications/{owner.application_id}/signature"
    receipt = await owner.caller.post(path, {"code": code, "terms_hash": facts["terms_hash"]}, key="signed-in-the-dark")
    assert receipt["state"] == "waiting"
    stack.start("temporal")
    await money_moved_once(town, owner)


@pytest.mark.long
async def test_x1_postgres_killed_and_restarted_is_a_pause(stack: RunningStack, town: Town) -> None:
    owner, facts = await ready_to_sign(town, 83_001)
    await owner.act("signing-code")
    code = await owner.last_code()
    stack.kill("postgres")
    with pytest.raises(Refused) as refused:
        await owner.caller.get("/v1/session")
    assert refused.value.status == 503
    stack.start("postgres")
    await eventually(lambda: _answers(owner))
    await owner.sign(facts, code=code)
    await money_moved_once(town, owner)


@pytest.mark.long
async def test_x1_postgres_killed_while_the_money_is_on_its_way(stack: RunningStack, town: Town) -> None:
    owner, facts = await ready_to_sign(town, 83_002)
    await owner.sign(facts)
    stack.kill("postgres")
    await asyncio.sleep(0.5)
    stack.start("postgres")
    await eventually(lambda: _answers(owner))
    await money_moved_once(town, owner)


@pytest.mark.long
async def test_x1_a_store_that_is_away_refuses_the_upload_and_keeps_nothing_half(
    stack: RunningStack, town: Town
) -> None:
    firm = await town.found(monthly_sales_minor=9_000_000, months=14, health=0.88, seed=84_001)
    owner = await town.owner(firm)
    await owner.sign_in()
    await owner.begin(30_000, months=6)
    await owner.identify()
    await owner.consent()
    stack.kill("s3")
    with pytest.raises(Refused) as refused:
        await owner.upload("wechat")
    assert refused.value.status == 503
    assert (await owner.see("evidence"))["files"] == []
    stack.start("s3")
    for wallet in ("wechat", "alipay"):
        await owner.upload(wallet)
    assert len((await owner.see("evidence"))["files"]) == 2
    assert (await owner.submit())["stage"] == "offered"


@pytest.mark.long
async def test_a4_a_bureau_that_does_not_answer_is_told_with_a_time_and_the_decision_comes_by_itself(
    town: Town,
) -> None:
    firm = await town.found(monthly_sales_minor=9_000_000, months=14, health=0.88, seed=85_001)
    owner = await town.owner(firm)
    await owner.sign_in()
    await owner.begin(30_000, months=6)
    await owner.identify()
    await owner.consent()
    for wallet in firm.bills:
        await owner.upload(wallet)
    await town.world.post("/bureau/faults", {"mode": "dead", "times": 2})
    await owner.caller.post(f"/v1/applications/{owner.application_id}/submit", {})

    async def told() -> dict[str, Any] | None:
        moments = (await owner.see("timeline"))["happened"]
        return next((one for one in moments if one["kind"] == "awaiting"), None)

    assert "{" not in (await eventually(told))["text"]
    waiting = await owner.application()
    assert waiting["stage"] == "deciding"
    assert waiting["due_at"], "by when somebody hears of it"
    await owner.until_stage("offered")


async def _true(fact: bool) -> bool | None:
    return True if fact else None


async def _answers(owner: Owner) -> bool | None:
    try:
        await owner.caller.get("/v1/session")
    except Refused:
        return None
    return True

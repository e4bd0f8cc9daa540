"""Journey 9 over the public API: a line for somebody known, draws with one tap, P16 as the owner lives it."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ops.demo.line_journey import (
    MONEY_WITHIN,
    arrives,
    draws,
    draws_and_waits,
    line_and_repeat_borrower,
    line_of,
    signs_a_line,
)
from ops.demo.town import Owner, Refused, Town, eventually, yuan
from tests.stories.test_first_journey import every_step_is_as_expected

# Longer than what is known stays new enough to pay on, shorter than any permission lasts.
STALE_DAYS = 8


@pytest.fixture(scope="module")
async def owner(town: Town) -> AsyncIterator[Owner]:
    """Somebody who borrowed before and has a line of ¥60,000."""
    found = await town.owner(await town.found(monthly_sales_minor=9_000_000, months=14, health=0.9, seed=90_011))
    await found.borrows(5_000, months=3)
    await signs_a_line(found, 60_000)
    yield found


async def code_of(doing: Any) -> str:
    """The code of the refusal that an act meets."""
    with pytest.raises(Refused) as refused:
        await doing
    return refused.value.code


async def quote(owner: Owner, amount: int, **other: Any) -> Any:
    line = await line_of(owner)
    return await owner.caller.post(f"/v1/lines/{line['id']}/draw-quotes", {"amount": yuan(amount), **other})


async def desk_does(town: Town, line: Any, login: str = "officer", **said: Any) -> Any:
    desk = await town.staff(login)
    return await desk.post(f"/v1/desk/lines/{line['id']}/changes", said)


async def test_i1_one_tap_brings_money_within_ten_seconds_and_repaying_restores_the_limit(town: Town) -> None:
    every_step_is_as_expected(await line_and_repeat_borrower(town, print))


@pytest.mark.long
async def test_p1_a_line_costs_nothing_unused_and_says_by_what_it_may_be_changed(owner: Owner) -> None:
    line = await line_of(owner)
    assert line["available"] == line["limit"] == {"amount": "60000.00", "currency": "CNY"}
    assert (await owner.signed_contract()).startswith(b"%PDF")
    facts = await owner.see("key-facts")
    assert {words["key"] for words in facts["sheet"]["line_words"]} >= {"papers.line.free", "papers.line.changes"}
    assert [float(cost["amount"]["amount"]) for cost in facts["sheet"]["costs"] if cost.get("amount")] == [0.0]


@pytest.mark.long
async def test_p1_a_draw_is_a_loan_with_its_own_slip_and_one_key_is_one_draw(owner: Owner) -> None:
    line, key = await line_of(owner), str(uuid.uuid4())
    first = await draws(owner, line["id"], 10_000, key=key, share="0.2")
    assert (await draws(owner, line["id"], 10_000, key=key, share="0.2"))["command_id"] == first["command_id"]
    line = await arrives(owner)
    (draw,) = line["draws"]
    assert (draw["amount"]["amount"], draw["command_id"], draw["share"]) == ("10000.00", first["command_id"], "0.2")
    assert (line["available"]["amount"], line["drawn"]["amount"]) == ("50000.00", "10000.00")

    async def filed() -> bool | None:
        papers = (await owner.caller.get(f"/v1/applications/{draw['id']}/papers"))["items"]
        return "slip" in {paper["kind"] for paper in papers} or None

    await eventually(filed)
    loan = await owner.caller.get(f"/v1/loans/{draw['loan_id']}")
    assert (loan["state"], loan["annual_rate"]) == ("live", line["annual_rate"])


@pytest.mark.long
async def test_p13_a_large_sum_in_two_parts_waits_as_it_does_whole_and_tomorrow_the_account_is_known(
    town: Town, owner: Owner
) -> None:
    seen = await quote(owner, 50_000)  # with the draw of today more than what leaves without waiting
    assert (seen["tier"], seen["delay_seconds"], seen["mode"]) == ("delayed", 7200, "self")
    await town.pass_days(1)
    seen = await quote(owner, 50_000)
    assert (seen["tier"], seen["delay_seconds"]) == ("fast", 0)


@pytest.mark.long
async def test_p14_a_draw_goes_to_a_seller_only_if_an_invoice_knows_them(owner: Owner) -> None:
    assert await code_of(quote(owner, 10_000, entrusted=True)) == "not_on_paper"


@pytest.mark.long
async def test_i2_old_knowledge_is_refreshed_silently_and_a_missing_permission_is_one_page(
    town: Town, owner: Owner
) -> None:
    await town.pass_days(STALE_DAYS)
    line = await line_of(owner)
    assert not line["fresh"]
    line, seconds = await draws_and_waits(owner, line["id"], 5_000)
    assert line["fresh"]
    assert seconds <= 2 * MONEY_WITHIN  # with four registers asked on the way
    assert "line_refreshed" in await owner.story()
    await town.pass_days(STALE_DAYS)
    await owner.revoke("bureau_query")
    with pytest.raises(Refused) as refused:
        await draws(owner, line["id"], 5_000)
    assert refused.value.code == "consent_missing"
    await owner.allow("bureau_query")
    line, _ = await draws_and_waits(owner, line["id"], 5_000)
    assert line["draws"][0]["amount"]["amount"] == "5000.00"


@pytest.mark.long
async def test_p16_a_freeze_needs_a_signed_clause_a_reason_and_is_told(town: Town, owner: Owner) -> None:
    line = await line_of(owner)
    for clause in ("", "L9", "L4"):
        said = {"act": "freeze", "clause": clause, "reason": "近两月收入下降"}
        assert await code_of(desk_does(town, line, **said)) == "clause_not_signed"
    drawn = line["drawn"]
    await desk_does(town, line, act="freeze", clause="L1", reason="近两月收入下降六成")
    line = await line_of(owner)
    assert (line["state"], line["clause"], line["reason"]) == ("frozen", "L1", "近两月收入下降六成")
    assert line["clause_text"].startswith("L1 ")
    assert (line["available"]["amount"], line["drawn"]) == ("0.00", drawn)
    assert await code_of(draws(owner, line["id"], 1_000)) == "line_frozen"
    assert "line_frozen" in await town.letters_to(owner)


@pytest.mark.long
async def test_p16_the_owner_has_a_person_look_and_the_limit_is_given_back(town: Town, owner: Owner) -> None:
    line = await line_of(owner)
    assert line["may_ask_review"]
    await owner.done(await owner.caller.post(f"/v1/lines/{line['id']}/review"))
    line = await line_of(owner)
    assert line["review_due_at"]
    desk = await town.staff("officer")
    seen = (await desk.get("/v1/desk/lines"))["items"][0]
    assert (seen["line"]["id"], seen["asked_by_owner"]) == (line["id"], True)
    await desk_does(town, line, act="reopen", reason="到店核实，收入下降是装修停业")
    line = await line_of(owner)
    assert (line["state"], line["review_due_at"]) == ("open", None)
    assert [one["act"] for one in line["changes"]] == ["reopen", "freeze"]
    assert "line_reopened" in await town.letters_to(owner)
    await draws_and_waits(owner, line["id"], 1_000)


@pytest.mark.long
async def test_p16_no_clause_of_ours_calls_drawn_money(town: Town, owner: Owner) -> None:
    line = await line_of(owner)
    said = {"act": "call", "clause": "L2", "reason": "要求提前归还"}
    assert await code_of(desk_does(town, line, **said)) == "clause_not_signed"
    assert (await line_of(owner))["drawn"] == line["drawn"]

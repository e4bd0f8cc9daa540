"""Journeys 1 and 5 over the public API and through calendar time, as the demonstration plays them."""

import time

import pytest

from ops.demo.journeys import (
    a_person_decides,
    not_enough_history,
    revenue_repays,
    small_loan_online,
    strangers_are_refused,
)
from ops.demo.paying_off_journey import paid_off_early
from ops.demo.told import Journey
from ops.demo.town import Refused, Town


def every_step_is_as_expected(journey: Journey) -> None:
    missed = [f"{step.step}: expected {step.expected}, saw {step.seen}" for step in journey.steps if not step.ok]
    assert not missed


async def test_a1_a_noodle_shop_borrows_online_without_a_human_hand(town: Town) -> None:
    every_step_is_as_expected(await small_loan_online(town, print))
    inbox = (await (await town.staff("manager")).get("/v1/manager/inbox"))["items"]
    assert inbox == []


async def test_too_few_months_are_a_clear_answer_and_nothing_is_lost(town: Town) -> None:
    every_step_is_as_expected(await not_enough_history(town, print))


async def test_a7_above_the_automatic_limit_a_person_decides_and_a_large_payout_can_be_cancelled(town: Town) -> None:
    every_step_is_as_expected(await a_person_decides(town, print))


async def test_strangers_and_used_codes_are_refused(town: Town) -> None:
    every_step_is_as_expected(await strangers_are_refused(town, print))


async def test_e1_a_share_of_the_sales_repays_the_loan_and_closes_it(town: Town) -> None:
    every_step_is_as_expected(await revenue_repays(town, print))
    for balance in (await town.trial_balance())["items"]:
        assert balance["proven"]


async def test_h1_to_h6_a_loan_is_prepaid_in_part_its_share_lowered_and_paid_off_in_one_cycle(town: Town) -> None:
    every_step_is_as_expected(await paid_off_early(town, print))
    for balance in (await town.trial_balance())["items"]:
        assert balance["proven"]


async def test_a6_a_decline_has_reasons_a_way_and_a_person_who_looks_again(town: Town) -> None:
    owner = await town.owner("garage")  # overdue elsewhere
    application = await owner.applies(30_000, months=6)
    assert application["stage"] == "declined"
    decision = await owner.see("decision")
    assert 1 <= len(decision["reasons"]) <= 4
    assert all(reason["text"] for reason in decision["reasons"])
    assert len(decision["ways_to_yes"]) <= 3
    for way in decision["ways_to_yes"]:
        assert way["outcome"] in ("approve", "review")
        assert len(way["changes"]) == len(way["how"]) <= 2
        assert all(change["text"] for change in way["changes"])
        assert any(change["code"] == "settle_overdue" for change in way["changes"])
    health = decision["health"]
    assert health["index"] == min(max(50 + sum(driver["points"] for driver in health["drivers"]), 0), 100)
    debts = next(driver for driver in health["drivers"] if driver["area"] == "debts")
    assert debts["points"] < 0
    assert debts["reason"]
    assert debts["advice"]
    await owner.act("review")
    assert (await owner.until_stage("review"))["due_at"]


async def test_a3_what_the_simulator_showed_is_what_the_offer_says(town: Town) -> None:
    firm = await town.found(monthly_sales_minor=9_000_000, months=14, health=0.85, seed=20_261_122)
    owner = await town.owner(firm)
    assert (await owner.applies(30_000, months=6))["stage"] == "offered"
    offer = (await owner.see("offers"))["items"][0]
    usual = next(weather for weather in offer["simulation"]["weathers"] if weather["kind"] == "normal")
    again = await town.public.post(
        "/v1/simulations",
        {
            "amount": offer["amount"],
            "months": offer["months"],
            "share": offer["share"],
            "monthly_revenue": offer["simulation"]["monthly_revenue"],
            "annual_rate": offer["annual_rate"],
        },
    )
    assert again["terms_hash"] == offer["terms_hash"]
    assert again["annual_rate"] == offer["annual_rate"]
    assert usual["total"]["amount"] >= offer["amount"]["amount"]


@pytest.mark.long
async def test_an_offer_of_somebody_else_cannot_be_taken(town: Town) -> None:
    one = await town.owner(await town.found(monthly_sales_minor=8_000_000, months=12, health=0.9, seed=71_001))
    other = await town.owner(await town.found(monthly_sales_minor=8_000_000, months=12, health=0.9, seed=71_002))
    await one.applies(20_000, months=6)
    await other.applies(20_000, months=6)
    theirs = (await one.see("offers"))["items"][0]
    try:
        await other.act(f"offers/{theirs['id']}/accept")
    except Refused as refused:
        assert refused.status in (404, 409)
    else:
        raise AssertionError("a stranger's offer was taken")
    assert (await other.application())["stage"] == "offered"


@pytest.mark.long
async def test_a_further_bill_raises_the_limit_within_two_minutes_and_both_figures_are_shown(town: Town) -> None:
    owner = await town.owner(await town.found(monthly_sales_minor=8_000_000, months=12, health=0.9, seed=71_005))
    await owner.sign_in()
    await owner.begin(20_000, months=6)
    await owner.identify()
    await owner.consent()
    await owner.upload("wechat")
    await owner.submit()
    before = (await owner.see("decision"))["limit"]
    began = time.monotonic()
    await owner.upload("alipay")
    assert (await owner.submit())["stage"] == "offered"
    after = await owner.see("decision")
    assert time.monotonic() - began <= 120
    assert after["limit_before"] == before
    assert float(after["limit"]["amount"]) > float(before["amount"])

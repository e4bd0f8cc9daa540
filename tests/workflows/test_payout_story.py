"""Money to a borrower, once: what the rail says is believed, what it does not say is asked again."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from workflows.acts import CancelPayout, Progress, RailSaid, StartPayout
from workflows.payout import Payout

World = Any
AWAY = ApplicationError("the rail is away", non_retryable=True)


async def _pays(world: World, **options: Any) -> Any:
    payout_id = uuid.uuid4()
    return await world.start(Payout.run, StartPayout(payout_id, "main"), id=f"payout/{payout_id}", **options)


async def test_a_worker_that_dies_at_the_rail_leaves_the_answer_to_the_rail(world: World) -> None:
    world.fails["submit_payout"] = RuntimeError("the worker died here")
    world.rail_says = ["unknown", "unknown", "credited"]
    assert (await (await _pays(world)).result()).state == "credited"
    assert world.calls["submit_payout"] == 1
    assert world.told == [
        "claimed", "rail: unknown", "rail: unknown", "rail: credited", "settled: credited", "loan started",
    ]  # fmt: skip


async def test_a_payment_that_the_rail_never_got_goes_out_again_under_the_same_claim(world: World) -> None:
    world.rail_says = ["unknown", "scheduled", "credited"]
    assert (await (await _pays(world)).result()).state == "credited"
    assert (world.told.count("claimed"), world.told.count("submitted")) == (2, 2)


async def test_a_silent_rail_is_handed_to_the_desk_once_and_still_believed_later(world: World) -> None:
    world.rail_says = ["unknown overdue", "unknown overdue", "credited"]
    assert (await (await _pays(world)).result()).state == "credited"
    assert world.told.count("desk") == 1


async def test_a_rail_that_cannot_be_asked_is_a_matter_for_the_desk_and_the_payout_lives_on(world: World) -> None:
    world.fails["ask_rail"] = AWAY
    payout = await _pays(world)
    await world.until(lambda: "desk" in world.told)
    world.fails.clear()
    assert (await payout.result()).state == "credited"


async def test_a_month_of_silence_costs_a_history_that_still_fits(world: World) -> None:
    """Fifty thousand events end a workflow; what a person has is asked for by the hour."""
    world.rail_says = ["unknown overdue"] * 51 + ["credited"]
    payout = await _pays(world)
    assert (await payout.result()).state == "credited"
    hourly = len((await payout.fetch_history()).events) / 51
    assert hourly * 24 * 30 < 25_000


async def test_a_callback_makes_us_ask_the_rail_at_once(real: World) -> None:
    """On a server whose time does not skip: without the callback the next question comes after many seconds."""
    real.rail_says = ["submitted"] * 4 + ["credited"]
    payout = await _pays(real)
    await real.until(lambda: real.calls["ask_rail"] == 2)
    for number in range(3):
        asked = real.calls["ask_rail"]
        await payout.execute_update("rail_said", RailSaid(f"event-{number}"))
        await real.until(lambda asked=asked: real.calls["ask_rail"] > asked)
    assert (await payout.result()).state == "credited"


@pytest.mark.parametrize("state", ["submitted", "unknown"])
async def test_a_payout_that_is_started_again_goes_on_from_its_rows_and_pays_no_second_time(
    world: World, state: str
) -> None:
    world.payout_state = state
    assert (await (await _pays(world)).result()).state == "credited"
    assert (world.calls["submit_payout"], world.told) == (0, ["rail: credited", "settled: credited", "loan started"])


async def test_a_returned_payment_starts_no_loan(world: World) -> None:
    world.rail_says = ["submitted", "returned"]
    assert (await (await _pays(world)).result()).state == "returned"
    assert world.told[-1] == "settled: returned"


async def test_the_money_waits_as_its_tier_says(world: World) -> None:
    world.payout_delay = timedelta(hours=24)
    begun = await world.clock()
    assert (await (await _pays(world)).result()).state == "credited"
    assert await world.clock() - begun >= timedelta(hours=24)


async def test_a_clock_that_jumps_lets_the_money_leave(real: World) -> None:
    real.payout_delay = timedelta(hours=24)
    payout = await _pays(real)
    await real.rests(payout)
    await real.move(timedelta(hours=25), payout)
    assert (await payout.result()).state == "credited"


async def test_a_cancellation_that_comes_after_the_claim_is_refused(world: World) -> None:
    submitting = world.hold("submit_payout")
    payout = await _pays(world)
    await world.begins("submit_payout")
    assert await world.refusal_of(payout, "cancel", CancelPayout(uuid.uuid4())) == "PayoutNotCancellable"
    submitting.set()
    assert (await payout.result()).state == "credited"


async def test_a_cancellation_that_meets_the_claim_is_decided_by_the_database(world: World) -> None:
    claiming = world.hold("claim_payout")
    payout = await _pays(world, task_timeout=timedelta(seconds=1))
    await world.begins("claim_payout")
    answer = asyncio.create_task(world.refusal_of(payout, "cancel", CancelPayout(uuid.uuid4())))
    await world.hears(payout, "cancel")
    claiming.set()
    assert await answer == "PayoutNotCancellable"
    assert (await payout.result()).state == "credited"
    assert "cancelled" not in world.told


async def test_a_second_cancellation_gets_the_same_answer(world: World) -> None:
    world.payout_delay = timedelta(hours=2)
    payout = await _pays(world)
    await world.rests(payout)
    acts = [CancelPayout(uuid.uuid4()), CancelPayout(uuid.uuid4())]
    answers = await asyncio.gather(
        *(payout.execute_update("cancel", act, id=str(act.command_id), result_type=Progress) for act in acts)
    )
    assert [answer.stage for answer in answers] == ["withdrawn", "withdrawn"]
    assert (await payout.result()).state == "cancelled"
    assert world.told.count("cancelled") == 1

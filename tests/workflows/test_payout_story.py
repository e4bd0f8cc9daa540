"""Money to a borrower, once: what the rail says is believed, what it does not say is asked again."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from workflows.acts import CancelPayout, FinishTask, LookAgain, Progress, ProveAnew, RailSaid, StartPayout, StartStepUp
from workflows.payout import Payout
from workflows.step_up import StepUp

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


# --- money that waits for people --------------------------------------------------------------------------------------


def _call(world: World, payout: Any) -> Any:
    """The task of whoever calls the owner."""
    return world.client.get_workflow_handle(f"task/{uuid.uuid5(uuid.UUID(payout.id.partition('/')[2]), 'call')}")


async def _look_again(payout: Any) -> None:
    await payout.execute_update("look_again", LookAgain(uuid.uuid4()), result_type=Progress)


@pytest.mark.parametrize("why", ["unreleased", "held"])
async def test_money_that_waits_for_people_leaves_as_soon_as_they_have_answered(world: World, why: str) -> None:
    world.gate = why
    payout = await _pays(world)
    await world.until(lambda: f"waits: {why}" in world.told)
    world.gate = ""
    await _look_again(payout)
    assert (await payout.result()).state == "credited"
    assert world.told.count("claimed") == 1


async def test_a_look_at_money_that_still_waits_changes_nothing(world: World) -> None:
    world.gate = "unreleased"
    payout = await _pays(world)
    await world.until(lambda: "waits: unreleased" in world.told)
    await _look_again(payout)
    assert world.told == ["waits: unreleased", "waits: unreleased"]
    await payout.execute_update("cancel", CancelPayout(uuid.uuid4()))
    assert (await payout.result()).state == "cancelled"


async def test_a_payout_that_nobody_releases_is_undone_by_the_business_clock(world: World) -> None:
    world.gate = "unreleased"
    begun = await world.clock()
    assert (await (await _pays(world)).result()).state == "cancelled"
    assert world.told[-2:] == ["undone: unreleased", "settled: cancelled"]
    assert await world.clock() - begun >= world.gate_for
    assert "submitted" not in world.told


async def test_money_that_waits_for_a_second_person_can_still_be_cancelled(world: World) -> None:
    world.gate = "unreleased"
    payout = await _pays(world)
    await world.until(lambda: "waits: unreleased" in world.told)
    await payout.execute_update("cancel", CancelPayout(uuid.uuid4()))
    assert (await payout.result()).state == "cancelled"


@pytest.mark.parametrize(("theirs", "end"), [(True, "credited"), (False, "cancelled")])
async def test_p15_a_no_has_somebody_call_and_the_call_decides(world: World, theirs: bool, end: str) -> None:
    """Said in the delay: the call begins at once, not after two hours."""
    world.payout_delay, world.gate, world.theirs = timedelta(hours=2), "called", theirs
    payout = await _pays(world)
    await world.rests(payout)
    begun = await world.clock()
    await _look_again(payout)
    await world.rests(_call(world, payout))
    assert await world.clock() - begun < timedelta(hours=1)
    await _call(world, payout).execute_update("finish", FinishTask(uuid.uuid4()))
    assert (await payout.result()).state == end
    assert f"called back: done, {'theirs' if theirs else 'not theirs'}" in world.told


async def test_p15_a_call_that_nobody_makes_is_reminded_escalated_and_at_last_stops_the_money(world: World) -> None:
    world.gate = "called"
    assert (await (await _pays(world)).result()).state == "cancelled"
    assert [one for one in world.told if one in ("reminded", "escalated", "called back: unanswered, not theirs")] == [
        "reminded", "escalated", "called back: unanswered, not theirs",
    ]  # fmt: skip


async def test_p15_the_owner_can_cancel_while_somebody_calls(world: World) -> None:
    world.gate = "called"
    payout = await _pays(world)
    await world.rests(_call(world, payout))
    await payout.execute_update("cancel", CancelPayout(uuid.uuid4()))
    assert (await payout.result()).state == "cancelled"
    assert await _call(world, payout).result() == "cancelled"


async def test_money_that_the_rail_never_got_waits_again_if_it_is_held_meanwhile(world: World) -> None:
    world.rail_says = ["scheduled", "credited"]
    asking = world.hold("ask_rail")
    payout = await _pays(world)
    await world.begins("ask_rail")
    world.gate = "held"
    asking.set()
    await world.until(lambda: "waits: held" in world.told)
    world.gate = ""
    await _look_again(payout)
    assert (await payout.result()).state == "credited"
    assert (world.told.count("claimed"), world.told.count("submitted")) == (2, 2)


@pytest.mark.parametrize("outcome", ["match", "mismatch"])
async def test_a_proof_given_anew_is_answered_with_what_the_provider_says(world: World, outcome: str) -> None:
    world.proofs, proof_id = [outcome], uuid.uuid4()
    proof = await world.start(StepUp.run, StartStepUp(proof_id), id=f"proof/{proof_id}")
    act = ProveAnew(uuid.uuid4())
    answer = await proof.execute_update("prove", act, id=str(act.command_id), result_type=Progress)
    assert (answer.stage, answer.problem) == (outcome, None if outcome == "match" else outcome)


async def test_a_provider_that_cannot_be_asked_is_no_proof_and_is_told(world: World) -> None:
    world.fails["ask_proof"], proof_id = AWAY, uuid.uuid4()
    proof = await world.start(StepUp.run, StartStepUp(proof_id), id=f"proof/{proof_id}")
    act = ProveAnew(uuid.uuid4())
    answer = await proof.execute_update("prove", act, id=str(act.command_id), result_type=Progress)
    assert (answer.stage, answer.problem) == ("no_answer", "no_answer")
    assert await proof.result() == "no_answer"

"""Tasks outside on the real engine: before a decision, with a slot and a pack, for as long as it takes."""

import uuid
from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from lending.refusals import RecordingNotAgreed
from workflows.acts import FinishTask, Progress, StartTask, Submit, Withdraw
from workflows.leave import Leave
from workflows.offline_acts import AgreeToRecording, BookSlot, SayLeave, StartLeave, TakeRecording
from workflows.offline_task import OfflineTask

# The fixtures of this folder.
Applicant = Any
World = Any


def _task(world: World, cause: uuid.UUID) -> Any:
    return world.client.get_workflow_handle(f"task/{uuid.uuid5(cause, 'task')}")


async def _sent_outside(applicant: Applicant, world: World) -> tuple[Any, uuid.UUID]:
    """The application waits for a visit: its task, and the command that caused it."""
    world.verdicts = ["outside", "approve"]
    await applicant.reaches_evidence()
    submit = Submit(uuid.uuid4())
    assert (await applicant.does("submit", submit)).stage == "review"
    task = _task(world, submit.command_id)
    await world.rests(task)
    return task, submit.command_id


async def test_what_must_be_seen_outside_is_seen_first_and_then_somebody_decides_on_it(
    applicant: Applicant, world: World
) -> None:
    task, cause = await _sent_outside(applicant, world)
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    case = _task(world, uuid.uuid5(cause, "task"))
    await world.rests(case)
    assert world.told[-2:] == ["task done", "review"]
    await case.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    await world.until(lambda: world.stage == "offered")
    await applicant.signs()
    assert await applicant.handle.result() == "funded"


async def test_an_owner_who_withdraws_frees_whoever_would_have_come(applicant: Applicant, world: World) -> None:
    task, _ = await _sent_outside(applicant, world)
    assert (await applicant.does("withdraw", Withdraw(uuid.uuid4()))).stage == "withdrawn"
    assert await task.result() == "cancelled"
    assert await applicant.handle.result() == "withdrawn"


async def _at_the_door(world: World, hours: float) -> Any:
    world.review_hours, task_id = hours, uuid.uuid4()
    task = await world.start(OfflineTask.run, StartTask(task_id, "main"), id=f"task/{task_id}")
    await world.rests(task)
    return task


async def test_a_visit_is_prepared_when_it_is_arranged_and_a_finder_that_is_away_keeps_nobody_waiting(
    world: World, skipping: WorkflowEnvironment
) -> None:
    """Where the address lies, or the room of the video: asked of others, tried again with the pack, and no clock
    stands still for it."""
    task = await _at_the_door(world, 240)
    world.fails["prepare_visit"] = ApplicationError("places_unreachable", non_retryable=True)
    await task.execute_update("book", BookSlot(uuid.uuid4()), result_type=Progress)
    await skipping.sleep(timedelta(hours=1))
    assert world.told == ["booked"]
    world.fails.clear()
    await skipping.sleep(timedelta(hours=37))
    await world.until(lambda: world.told[-1] == "visit prepared")
    assert world.told == ["booked", "pack", "visit prepared"]
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    assert await task.result() == "done"


async def test_p33_a_recording_is_taken_while_the_task_is_open_and_the_consent_is_told_first(
    world: World, skipping: WorkflowEnvironment
) -> None:
    task = await _at_the_door(world, 240)
    await task.execute_update("book", BookSlot(uuid.uuid4()), result_type=Progress)
    await world.until(lambda: world.told == ["booked", "visit prepared"])
    await task.execute_update("agree", AgreeToRecording(uuid.uuid4()), result_type=Progress)
    await world.until(lambda: world.told == ["booked", "visit prepared", "visit prepared"])
    world.fails["take_recording"] = RecordingNotAgreed()
    assert await world.refusal_of(task, "take_recording", TakeRecording(uuid.uuid4())) == "RecordingNotAgreed"
    world.fails["take_recording"] = ApplicationError("live_unreachable", non_retryable=True)
    assert await world.refusal_of(task, "take_recording", TakeRecording(uuid.uuid4())) == "RecordingNotReady"
    world.fails.clear()
    await task.execute_update("take_recording", TakeRecording(uuid.uuid4()), result_type=Progress)
    assert world.told[-1] == "recording taken"
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    assert await task.result() == "done"


async def test_a_pack_is_built_at_least_24_hours_before_the_slot_and_anew_for_another(
    world: World, skipping: WorkflowEnvironment
) -> None:
    task = await _at_the_door(world, 240)
    await task.execute_update("book", BookSlot(uuid.uuid4()), result_type=Progress)
    await world.rests(task)
    await skipping.sleep(timedelta(hours=24))
    assert "pack" not in world.told
    await task.execute_update("book", BookSlot(uuid.uuid4()), result_type=Progress)  # three days from now
    await world.rests(task)
    await skipping.sleep(timedelta(hours=30))
    assert "pack" not in world.told, "the first slot is no more"
    await skipping.sleep(timedelta(hours=7))
    await world.until(lambda: world.told[-1] == "pack")
    await world.rests(task)
    assert [one for one in world.told if one != "visit prepared"] == ["booked", "booked", "pack"]
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    assert await task.result() == "done"


async def test_b3_reminded_at_three_quarters_handed_up_at_the_end_and_a_pack_in_between(
    world: World, skipping: WorkflowEnvironment
) -> None:
    task = await _at_the_door(world, 48)
    world.slot_in = timedelta(hours=76)  # its pack after 40 hours
    await task.execute_update("book", BookSlot(uuid.uuid4()), result_type=Progress)
    for hours, told in ((37, "reminded"), (4, "pack"), (8, "escalated")):
        await world.rests(task)
        await skipping.sleep(timedelta(hours=hours))
        await world.until(lambda told=told: world.told[-1] == told)
    assert world.told == ["booked", "visit prepared", "reminded", "pack", "escalated"]
    await world.rests(task)
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    assert await task.result() == "done"


async def test_b3_a_clock_that_stood_while_somebody_outside_had_the_case_reminds_and_hands_up_once_it_is_ours_again(
    world: World, skipping: WorkflowEnvironment
) -> None:
    world.away = True
    task = await _at_the_door(world, 24)
    await skipping.sleep(timedelta(hours=45))  # looked at after 18 hours, and a day later again: theirs still
    await world.until(lambda: len(world.told) >= 2)
    assert set(world.told) == {"not ours"}
    world.away = False
    await skipping.sleep(timedelta(hours=120))
    await world.until(lambda: world.told[-1] == "escalated")
    assert [one for one in world.told if one != "not ours"] == ["reminded", "escalated"], "in this order, once each"
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    assert await task.result() == "done"


async def test_b3_a_task_waits_ninety_days_and_ends_as_if_nothing_had_happened(
    world: World, skipping: WorkflowEnvironment
) -> None:
    world.kept_open = timedelta(days=120)
    task = await _at_the_door(world, 24 * 7)
    await skipping.sleep(timedelta(days=90))
    await world.until(lambda: world.told[-1] == "escalated")
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    assert await task.result() == "done"
    assert world.told == ["reminded", "escalated", "task done"]
    # A week at a time costs a few lines of history each, and nothing else.
    assert (await task.describe()).history_length < 200


async def test_b3_a_leave_hands_over_on_its_day_and_not_before(world: World, skipping: WorkflowEnvironment) -> None:
    leave_id = uuid.uuid4()
    leave = await world.start(Leave.run, StartLeave(leave_id, "main"), id=f"leave/{leave_id}")
    await leave.execute_update("say", SayLeave(uuid.uuid4()), result_type=Progress)
    await world.rests(leave)
    await skipping.sleep(timedelta(days=2))
    assert world.told == []
    assert await leave.result() == "handed_over"
    assert world.told == ["handed over"]

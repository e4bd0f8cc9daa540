"""The story of an application, told on the real engine with a world that only remembers."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from lending.refusals import ConsentMissing, IdentityNotProven, OfferExpired, OutsidePolicy, ReasonMissing
from workflows.acts import (
    AddStatement,
    AskReview,
    Begin,
    CancelPayout,
    ChooseOffer,
    FinishTask,
    GiveConsent,
    Identify,
    Progress,
    Reopen,
    Sign,
    StartTask,
    Submit,
    Withdraw,
)
from workflows.offline_task import OfflineTask

# The fixtures of this folder: an owner with an application, and what the activities remember.
Applicant = Any
World = Any
# While a local activity runs, a workflow hears news at four fifths of its task's time.
SOON = timedelta(seconds=1)
AWAY = ApplicationError("the other side is away", non_retryable=True)


async def test_an_owner_applies_signs_and_is_paid(applicant: Applicant, world: World) -> None:
    assert (await applicant.reaches_offers()).stage == "offered"
    assert (await applicant.signs()).stage == "paying"
    assert await applicant.handle.result() == "funded"
    assert world.told == [
        "begin", "identity_proven", "consented", "read", "bureau", "approve", "chosen", "printed", "signed",
        "claimed", "submitted", "rail: credited", "settled: credited", "loan started",
    ]  # fmt: skip


async def test_the_same_story_goes_well_with_everything_encrypted(sealed: World) -> None:
    applicant = await sealed.apply()
    assert await applicant.is_refused("sign", Sign(uuid.uuid4(), uuid.uuid4(), "hash")) == "NotInThisStage"
    await applicant.reaches_offers()
    sealed.fails["choose_offer"] = OfferExpired()
    assert await applicant.is_refused("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4())) == "OfferExpired"
    sealed.fails.clear()
    await applicant.signs()
    assert await applicant.handle.result() == "funded"


# --- said twice, said too early, said too late ------------------------------------------------------------------------


async def test_a_second_tap_on_sign_gets_the_answer_of_the_first(applicant: Applicant, world: World) -> None:
    await applicant.reaches_offers()
    await applicant.does("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4()))
    sign = Sign(uuid.uuid4(), uuid.uuid4(), "hash")
    first, second = await asyncio.gather(applicant.does("sign", sign), applicant.does("sign", sign))
    assert first == second
    assert await applicant.handle.result() == "funded"
    assert world.told.count("signed") == 1


async def test_a_second_wish_of_the_same_kind_under_way_is_refused(applicant: Applicant, world: World) -> None:
    await applicant.does("begin", Begin(uuid.uuid4()))
    asking = world.hold("ask_identity_check")
    first = asyncio.create_task(applicant.does("identify", Identify(uuid.uuid4())))
    await world.begins("ask_identity_check")
    assert await applicant.is_refused("identify", Identify(uuid.uuid4())) == "NotInThisStage"
    asking.set()
    assert (await first).stage == "consent"
    assert world.told == ["begin", "identity_proven"]


async def test_a_step_out_of_turn_is_refused_and_changes_nothing(applicant: Applicant, world: World) -> None:
    await applicant.does("begin", Begin(uuid.uuid4()))
    assert await applicant.is_refused("sign", Sign(uuid.uuid4(), uuid.uuid4(), "hash")) == "NotInThisStage"
    assert world.told == ["begin"]


async def test_a_withdrawal_that_comes_while_the_contract_is_signed_is_too_late_and_told_so(world: World) -> None:
    applicant = await world.apply(task_timeout=SOON)
    await applicant.reaches_offers()
    await applicant.does("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4()))
    signing = world.hold("sign_contract")
    signed = asyncio.create_task(applicant.does("sign", Sign(uuid.uuid4(), uuid.uuid4(), "hash")))
    await world.begins("sign_contract")
    withdrawn = asyncio.create_task(applicant.is_refused("withdraw", Withdraw(uuid.uuid4())))
    await world.hears(applicant.handle, "withdraw")
    signing.set()
    assert ((await signed).stage, await withdrawn) == ("paying", "NotInThisStage")
    assert await applicant.handle.result() == "funded"


async def test_an_act_that_meets_the_end_is_answered(world: World) -> None:
    applicant = await world.apply(task_timeout=SOON)
    await applicant.does("begin", Begin(uuid.uuid4()))
    ending = world.hold("end_application")
    withdrawn = asyncio.create_task(applicant.does("withdraw", Withdraw(uuid.uuid4())))
    await world.begins("end_application")
    late = asyncio.create_task(applicant.is_refused("identify", Identify(uuid.uuid4())))
    await world.hears(applicant.handle, "identify")
    ending.set()
    assert ((await withdrawn).stage, await late) == ("withdrawn", "NotInThisStage")
    assert await applicant.handle.result() == "withdrawn"


async def test_an_owner_goes_back_to_who_they_are_and_all_that_was_given_stays(
    applicant: Applicant, world: World
) -> None:
    world.verdicts = [*world.verdicts, *world.verdicts]  # decided before, and anew
    await applicant.reaches_offers()
    assert (await applicant.does("reopen", Reopen(uuid.uuid4()))).stage == "identity"
    assert await applicant.is_refused("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4())) == "NotInThisStage"
    assert (await applicant.does("identify", Identify(uuid.uuid4()))).stage == "consent"
    assert (await applicant.does("reopen", Reopen(uuid.uuid4()))).stage == "identity"
    assert (await applicant.does("identify", Identify(uuid.uuid4()))).stage == "consent"
    assert (await applicant.does("give_consent", GiveConsent(uuid.uuid4()))).stage == "evidence"
    assert (await applicant.does("submit", Submit(uuid.uuid4()))).stage == "offered"
    assert world.told.count("read") == 1, "no bill was read again"


# --- identity, evidence, decision -------------------------------------------------------------------------------------


async def test_a_failed_identity_check_can_be_corrected(applicant: Applicant, world: World) -> None:
    world.checks["bank_card"] = "mismatch"
    await applicant.does("begin", Begin(uuid.uuid4()))
    assert (await applicant.does("identify", Identify(uuid.uuid4()))).stage == "identity"
    world.checks.clear()
    assert (await applicant.does("identify", Identify(uuid.uuid4()))).stage == "consent"


async def test_a_provider_that_stays_away_lets_the_owner_try_again(applicant: Applicant, world: World) -> None:
    world.fails["ask_identity_check"] = AWAY
    await applicant.does("begin", Begin(uuid.uuid4()))
    assert (await applicant.does("identify", Identify(uuid.uuid4()))).stage == "identity"
    assert world.told[-1] == "awaiting identity_again"
    world.fails.clear()
    assert (await applicant.does("identify", Identify(uuid.uuid4()))).stage == "consent"


@pytest.mark.parametrize("activity", ["plan_identity", "ask_identity_check", "conclude_identity"])
async def test_a_rule_that_refuses_on_the_way_to_identity_is_told_and_the_story_goes_on(
    applicant: Applicant, world: World, activity: str
) -> None:
    await applicant.does("begin", Begin(uuid.uuid4()))
    world.fails[activity] = IdentityNotProven()
    assert await applicant.is_refused("identify", Identify(uuid.uuid4())) == "IdentityNotProven"
    world.fails.clear()
    assert (await applicant.does("identify", Identify(uuid.uuid4()))).stage == "consent"


async def test_a_bill_that_cannot_be_read_for_long_is_said_and_another_one_is_read(
    applicant: Applicant, world: World
) -> None:
    await applicant.reaches_evidence()
    world.fails["read_statement"] = AWAY
    progress = await applicant.does("add_statement", AddStatement(uuid.uuid4(), uuid.uuid4()))
    assert (progress.stage, progress.problem) == ("evidence", "reader_failed")
    world.fails.clear()
    assert (await applicant.does("add_statement", AddStatement(uuid.uuid4(), uuid.uuid4()))).problem is None


async def test_too_little_history_asks_for_more_and_loses_nothing(applicant: Applicant, world: World) -> None:
    world.months = 1
    progress = await applicant.reaches_offers()
    assert (progress.stage, progress.problem) == ("evidence", "not_enough_history")
    world.months = 6
    await applicant.does("add_statement", AddStatement(uuid.uuid4(), uuid.uuid4()))
    assert (await applicant.does("submit", Submit(uuid.uuid4()))).stage == "offered"


async def test_a4_a_slow_bureau_is_told_and_the_decision_comes_by_itself(applicant: Applicant, world: World) -> None:
    answering = world.hold("ask_bureau")
    progress = await applicant.reaches_offers()
    assert (progress.stage, world.told[-1]) == ("deciding", "awaiting bureau")
    answering.set()
    await world.until(lambda: world.stage == "offered")


async def test_a_bureau_that_stays_away_does_not_stand_in_the_way_of_a_decision(
    applicant: Applicant, world: World
) -> None:
    world.fails["ask_bureau"] = AWAY
    world.verdicts = ["review"]
    assert (await applicant.reaches_offers()).stage == "review"


async def test_a_consent_that_was_taken_back_sends_the_submission_back(applicant: Applicant, world: World) -> None:
    await applicant.reaches_evidence()
    world.fails["ask_bureau"] = ConsentMissing(purpose="bureau_query")
    assert await applicant.is_refused("submit", Submit(uuid.uuid4())) == "ConsentMissing"
    assert world.told[-1] == "taken back: consent_missing"
    world.fails.clear()
    assert (await applicant.does("submit", Submit(uuid.uuid4()))).stage == "offered"


# --- a person looks ---------------------------------------------------------------------------------------------------


def _task(world: World, cause: uuid.UUID) -> Any:
    return world.client.get_workflow_handle(f"task/{uuid.uuid5(cause, 'task')}")


async def test_a_no_is_looked_at_by_a_person_and_becomes_a_yes(
    applicant: Applicant, world: World, skipping: WorkflowEnvironment
) -> None:
    world.verdicts = ["decline", "approve"]
    assert (await applicant.reaches_offers()).stage == "declined"
    ask = AskReview(uuid.uuid4())
    assert (await applicant.does("ask_review", ask)).stage == "review"
    task = _task(world, ask.command_id)
    await world.rests(task)
    await skipping.sleep(timedelta(hours=19))
    await world.until(lambda: world.told[-1] == "reminded")
    await world.rests(task)
    await skipping.sleep(timedelta(hours=7))
    await world.until(lambda: world.told[-1] == "escalated")
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    await world.until(lambda: world.stage == "offered")
    await applicant.signs()
    assert await applicant.handle.result() == "funded"


async def test_a_person_whose_answer_breaks_a_rule_may_give_another(applicant: Applicant, world: World) -> None:
    world.verdicts = ["decline", "decline"]
    await applicant.reaches_offers()
    ask = AskReview(uuid.uuid4())
    await applicant.does("ask_review", ask)
    task = _task(world, ask.command_id)
    await world.rests(task)
    world.fails["finish_task"] = ReasonMissing()
    assert await world.refusal_of(task, "finish", FinishTask(uuid.uuid4())) == "ReasonMissing"
    world.fails.clear()
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    await world.until(lambda: world.stage == "declined")


async def test_a_persons_yes_that_no_rule_allows_gives_the_application_back_to_its_owner(
    applicant: Applicant, world: World
) -> None:
    world.verdicts = ["review", "approve"]
    submit = Submit(uuid.uuid4())
    await applicant.reaches_evidence()
    await applicant.does("submit", submit)
    world.fails["apply_review"] = OutsidePolicy(rule="amount")
    task = _task(world, submit.command_id)
    await world.rests(task)
    await task.execute_update("finish", FinishTask(uuid.uuid4()), result_type=Progress)
    await world.until(lambda: world.told[-1] == "taken back: outside_policy")
    world.fails.clear()
    assert (await applicant.does("submit", Submit(uuid.uuid4()))).stage == "offered"


async def test_nobody_answers_a_review_and_the_application_lapses(applicant: Applicant, world: World) -> None:
    world.verdicts = ["review"]
    await applicant.reaches_offers()
    assert await applicant.handle.result() == "lapsed"
    assert world.told[-4:] == ["reminded", "escalated", "task cancelled", "lapsed"]


async def test_an_owner_who_withdraws_during_a_review_frees_the_person(applicant: Applicant, world: World) -> None:
    world.verdicts = ["review"]
    assert (await applicant.reaches_offers()).stage == "review"
    assert (await applicant.does("withdraw", Withdraw(uuid.uuid4()))).stage == "withdrawn"
    assert await applicant.handle.result() == "withdrawn"
    assert "task cancelled" in world.told


async def test_a_person_who_answers_while_the_owner_leaves_is_told(world: World) -> None:
    task_id = uuid.uuid4()
    task = await world.start(OfflineTask.run, StartTask(task_id, "main"), id=f"task/{task_id}", task_timeout=SOON)
    await world.rests(task)
    finishing = world.hold("finish_task")
    answer = asyncio.create_task(world.refusal_of(task, "finish", FinishTask(uuid.uuid4())))
    await world.begins("finish_task")
    await task.cancel()
    assert await answer == "ReviewClosed"
    assert await task.result() == "cancelled"
    assert world.told == ["task cancelled"]
    finishing.set()


# --- offer, papers, payment -------------------------------------------------------------------------------------------


async def test_an_expired_offer_is_refused_and_a_new_decision_can_be_asked_for(
    applicant: Applicant, world: World
) -> None:
    world.verdicts = ["approve", "approve"]
    await applicant.reaches_offers()
    world.fails["choose_offer"] = OfferExpired()
    assert await applicant.is_refused("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4())) == "OfferExpired"
    world.fails.clear()
    assert (await applicant.does("submit", Submit(uuid.uuid4()))).stage == "offered"


async def test_papers_that_cannot_be_printed_leave_the_offer_standing(applicant: Applicant, world: World) -> None:
    await applicant.reaches_offers()
    world.fails["print_papers"] = AWAY
    progress = await applicant.does("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4()))
    assert (progress.stage, progress.problem) == ("offered", "printing_failed")
    world.fails.clear()
    assert (await applicant.signs()).stage == "paying"


async def test_a_large_payout_waits_and_can_be_cancelled(applicant: Applicant, world: World) -> None:
    world.payout_delay = timedelta(hours=2)
    await applicant.reaches_offers()
    await applicant.signs()
    payout = world.client.get_workflow_handle(f"payout/{applicant.payout_id}")
    await world.rests(payout)
    answer = await payout.execute_update("cancel", CancelPayout(uuid.uuid4()), result_type=Progress)
    assert answer.stage == "withdrawn"
    assert await applicant.handle.result() == "withdrawn"
    assert "submitted" not in world.told


# --- time -------------------------------------------------------------------------------------------------------------


async def test_nobody_acts_for_sixty_days_and_the_application_lapses(applicant: Applicant, world: World) -> None:
    await applicant.does("begin", Begin(uuid.uuid4()))
    assert await applicant.handle.result() == "lapsed"
    assert world.told[-1] == "lapsed"


async def test_an_application_that_nobody_ever_begins_ends_too(applicant: Applicant, world: World) -> None:
    assert await applicant.handle.result() == "lapsed"


async def test_a_clock_that_jumps_ends_the_waits_of_owner_and_person(real: World) -> None:
    applicant = await real.apply()
    await applicant.does("begin", Begin(uuid.uuid4()))
    await real.move(timedelta(days=59), applicant.handle)
    await real.until(lambda: real.calls["how_long"] == 1)
    assert "lapsed" not in real.told
    await real.move(timedelta(days=2), applicant.handle)
    assert await applicant.handle.result() == "lapsed"


async def test_a_clock_that_jumps_reminds_and_escalates(real: World) -> None:
    applicant, real.verdicts = await real.apply(), ["review"]
    submit = Submit(uuid.uuid4())
    await applicant.reaches_evidence()
    await applicant.does("submit", submit)
    task = _task(real, submit.command_id)
    await real.rests(task)
    await real.move(timedelta(hours=18, minutes=1), task)
    await real.until(lambda: real.told[-1] == "reminded")
    await real.move(timedelta(hours=6), task)
    await real.until(lambda: real.told[-1] == "escalated")
    await real.move(timedelta(days=61), task)
    assert await applicant.handle.result() == "lapsed"

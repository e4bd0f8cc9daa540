"""A line as it is lived: opened by a signature, drawn on, changed, parked for months, over."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from tests.workflows.conftest import Applicant, World
from workflows.acts import ActOnLine, AskLineReview, Draw, Progress, StartLine
from workflows.credit_line import CreditLine


async def opened(world: World) -> WorkflowHandle[Any, Any]:
    """A line whose contract is filed."""
    line_id = uuid.uuid4()
    line = await world.start(CreditLine.run, StartLine(line_id, "main"), id=f"line/{line_id}")
    await world.until(lambda: "line contract filed" in world.told)
    return line


async def says(line: WorkflowHandle[Any, Any], name: str, act: Any) -> Progress:
    return await line.execute_update(name, act, id=str(act.command_id), result_type=Progress)


async def test_p1_a_signature_opens_a_line_instead_of_paying(world: World, applicant: Applicant) -> None:
    world.line = uuid.uuid4()
    await applicant.reaches_offers()
    assert (await applicant.signs()).stage == "opened"
    assert await applicant.handle.result() == "opened"
    await world.until(lambda: "line contract filed" in world.told)
    assert "claimed" not in world.told
    line = world.client.get_workflow_handle(f"line/{world.line}")
    assert (await says(line, "draw", Draw(uuid.uuid4(), 1_000_000))).stage == "paying"


async def test_i1_a_draw_is_one_word_and_its_payout_starts(real: World) -> None:
    line = await opened(real)
    assert (await says(line, "draw", Draw(uuid.uuid4(), 3_000_000))).stage == "paying"
    assert real.told[-2:] == ["drawn 3000000", "payout started"]
    assert await real.refusal_of(line, "draw", Draw(uuid.uuid4(), 6_000_000)) == "AboveAvailable"
    assert real.told.count("payout started") == 1


async def test_p1_a_parked_line_is_woken_by_a_draw_and_parks_again(real: World) -> None:
    line = await opened(real)
    await real.parks(line)
    handle = real.client.get_workflow_handle(line.id)
    assert (await says(handle, "draw", Draw(uuid.uuid4(), 1_000_000))).stage == "paying"
    assert real.told.count("line contract filed") == 1


async def test_p1_a_printer_that_is_away_keeps_nobody_from_drawing(real: World) -> None:
    printing = real.hold("file_line_contract")
    line_id = uuid.uuid4()
    line = await real.start(CreditLine.run, StartLine(line_id, "main"), id=f"line/{line_id}")
    assert (await says(line, "draw", Draw(uuid.uuid4(), 1_000_000))).stage == "paying"
    printing.set()
    await real.until(lambda: "line contract filed" in real.told)


async def test_i2_old_knowledge_is_refreshed_silently_and_the_draw_goes_on(real: World) -> None:
    real.stale = True
    line = await opened(real)
    assert (await says(line, "draw", Draw(uuid.uuid4(), 1_000_000))).stage == "paying"
    assert real.told[-4:] == ["registers asked again", "fresh", "drawn 1000000", "payout started"]


async def test_i2_where_the_new_knowledge_does_not_carry_it_a_person_looks_first(real: World) -> None:
    real.stale, real.verdicts = True, ["decline"]
    line = await opened(real)
    assert await real.refusal_of(line, "draw", Draw(uuid.uuid4(), 1_000_000)) == "LineNeedsALook"
    assert real.told[-3:] == ["registers asked again", "looked at", "task started"]


async def test_p16_what_is_done_to_a_line_ends_the_task_of_whoever_was_asked(real: World) -> None:
    line = await opened(real)
    await says(line, "act_on", ActOnLine(uuid.uuid4()))
    await says(line, "ask_review", AskLineReview(uuid.uuid4()))
    await says(line, "act_on", ActOnLine(uuid.uuid4()))
    assert real.told[-5:] == ["line changed", "person asked", "task started", "line changed", "task ended"]


async def test_two_draws_at_once_are_taken_one_after_the_other(real: World) -> None:
    line = await opened(real)
    said = await asyncio.gather(
        *(says(line, "draw", Draw(uuid.uuid4(), 5_000_000)) for _ in range(2)), return_exceptions=True
    )
    assert sorted(isinstance(one, Progress) for one in said) == [False, True]


async def test_p1_after_its_last_day_a_line_is_over(real: World) -> None:
    line = await opened(real)
    await real.parks(line)
    await real.move(timedelta(days=366), line)
    assert await line.result() == "over"

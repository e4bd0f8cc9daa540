"""A command arrives once, however often it is sent: through the very function that the API and the relay use."""

import asyncio
import gc
import uuid
from datetime import timedelta
from typing import Any

import pytest

from infra.updates import Done, Envelope, NoAnswer, Over, Refused, send

World = Any
DEADLINE = timedelta(seconds=20)


def _begins(application_id: uuid.UUID, command_id: uuid.UUID) -> Envelope:
    return Envelope(
        workflow_type="Application",
        workflow_id=f"application/{application_id}",
        update="begin",
        update_id=str(command_id),
        argument={"command_id": str(command_id)},
        start={"application_id": str(application_id), "clock_id": "main", "jurisdiction": "CN"},
    )


async def _say(world: World, envelope: Envelope) -> Any:
    return await send(world.client, envelope, task_queue=world.queue, deadline=DEADLINE)


async def test_a_start_with_its_first_word_sent_twice_begins_once(real: World) -> None:
    envelope = _begins(uuid.uuid4(), uuid.uuid4())
    answers = await asyncio.gather(*(_say(real, envelope) for _ in range(3)))
    again = await _say(real, envelope)
    assert answers == [Done({"stage": "identity", "version": 1, "problem": None})] * 3
    assert again == answers[0]
    assert real.told == ["begin"]


async def test_another_command_to_begin_the_same_application_is_refused(real: World) -> None:
    application_id = uuid.uuid4()
    await _say(real, _begins(application_id, uuid.uuid4()))
    answer = await _say(real, _begins(application_id, uuid.uuid4()))
    assert isinstance(answer, Refused)
    assert answer.type_name == "NotInThisStage"
    assert real.told == ["begin"]


async def test_a_word_to_a_story_that_is_over_starts_no_second_story(real: World) -> None:
    application_id = uuid.uuid4()
    await _say(real, _begins(application_id, uuid.uuid4()))
    withdraw = str(uuid.uuid4())
    ends = Envelope("Application", f"application/{application_id}", "withdraw", withdraw, {"command_id": withdraw})
    assert isinstance(await _say(real, ends), Done)
    await real.client.get_workflow_handle(ends.workflow_id).result()
    assert isinstance(await _say(real, _begins(application_id, uuid.uuid4())), Over)
    assert real.told == ["begin", "withdrawn"]


async def test_a_refusal_reaches_the_door_by_name_through_the_encryption(sealed: World) -> None:
    application_id, command_id = uuid.uuid4(), str(uuid.uuid4())
    await _say(sealed, _begins(application_id, uuid.uuid4()))
    submit = Envelope("Application", f"application/{application_id}", "submit", command_id, {"command_id": command_id})
    answer = await _say(sealed, submit)
    assert answer == Refused("NotInThisStage", '{"stage": "identity", "step": "Submit"}')


async def test_a_start_that_nobody_answers_leaves_no_lost_failure_in_the_log(
    real: World, caplog: pytest.LogCaptureFixture
) -> None:
    begins = _begins(uuid.uuid4(), uuid.uuid4())
    answer = await send(real.client, begins, task_queue="nobody-polls-here", deadline=timedelta(seconds=0.2))
    await asyncio.sleep(0)
    gc.collect()
    assert isinstance(answer, NoAnswer)
    assert not [record for record in caplog.records if record.name == "asyncio"]

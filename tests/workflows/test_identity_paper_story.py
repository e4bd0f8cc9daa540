"""A photo of an identity paper: read once, whoever asks how often; a reader that does not work is given up by name."""

import asyncio
import uuid
from typing import Any

from temporalio.exceptions import ApplicationError

from workflows.acts import Progress, ReadPaper, StartPaper
from workflows.identity_paper import IdentityPaper

World = Any
BROKEN = ApplicationError("the reader does not start", non_retryable=True)


async def _brought(world: World) -> Any:
    paper_id = uuid.uuid4()
    return await world.start(IdentityPaper.run, StartPaper(paper_id), id=f"paper/{paper_id}")


async def test_a_photo_is_read_once_and_everybody_who_asked_hears_it(world: World) -> None:
    reading = world.hold("read_paper")
    story = await _brought(world)
    asked = [asyncio.create_task(story.execute_update(IdentityPaper.read, ReadPaper(uuid.uuid4()))) for _ in range(2)]
    await world.begins("read_paper")
    reading.set()
    assert await asyncio.gather(*asked) == [Progress(stage="read", version=0)] * 2
    assert await story.result() == "read"
    assert world.told == ["paper read"]


async def test_a_reader_that_does_not_work_is_given_up_by_name(world: World) -> None:
    world.fails["read_paper"] = BROKEN
    assert await (await _brought(world)).result() == "refused"
    assert world.told == ["paper given up"]

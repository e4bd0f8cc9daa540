"""A bill for a running loan: read once, whoever asks how often; faults are tried again, then given up by name."""

import asyncio
import uuid
from typing import Any

from temporalio.exceptions import ApplicationError

from workflows.acts import Progress
from workflows.sales_acts import ReadSales, StartSalesFile
from workflows.sales_file import SalesFile

World = Any


async def _brought(world: World) -> Any:
    file_id = uuid.uuid4()
    return await world.start(SalesFile.run, StartSalesFile(file_id), id=f"sales/{file_id}")


async def test_a_bill_is_read_once_and_everybody_who_asked_hears_it(world: World) -> None:
    reading = world.hold("read_sales")
    story = await _brought(world)
    asked = [asyncio.create_task(story.execute_update(SalesFile.read, ReadSales(uuid.uuid4()))) for _ in range(2)]
    await world.begins("read_sales")
    reading.set()
    assert await asyncio.gather(*asked) == [Progress(stage="read", version=0)] * 2
    assert world.told == ["sales read"]


async def test_a_reader_that_does_not_work_is_given_up_by_name(world: World) -> None:
    world.fails["read_sales"] = ApplicationError("the reader does not start", non_retryable=True)
    assert await (await _brought(world)).result() == "refused"
    assert world.told == ["sales given up"]

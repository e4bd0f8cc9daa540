"""An e-invoice that was brought: read once, whoever asks how often; a reader that does not work is given up by name."""

import asyncio
import uuid
from typing import Any

from temporalio.exceptions import ApplicationError

from workflows.acts import Progress
from workflows.invoice_paper import InvoicePaper
from workflows.receivable_acts import ReadInvoice, StartInvoicePaper

World = Any


async def _brought(world: World) -> Any:
    paper_id = uuid.uuid4()
    return await world.start(InvoicePaper.run, StartInvoicePaper(paper_id), id=f"invoice/{paper_id}")


async def test_an_invoice_is_read_once_and_everybody_who_asked_hears_it(world: World) -> None:
    reading = world.hold("read_invoice")
    story = await _brought(world)
    asked = [asyncio.create_task(story.execute_update(InvoicePaper.read, ReadInvoice(uuid.uuid4()))) for _ in range(2)]
    await world.begins("read_invoice")
    reading.set()
    assert await asyncio.gather(*asked) == [Progress(stage="read", version=0)] * 2
    assert world.told == ["invoice read"]


async def test_a_reader_that_does_not_work_is_given_up_by_name(world: World) -> None:
    world.fails["read_invoice"] = ApplicationError("the reader does not start", non_retryable=True)
    assert await (await _brought(world)).result() == "refused"
    assert world.told == ["invoice given up"]

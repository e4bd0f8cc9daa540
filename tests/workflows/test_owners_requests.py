"""Requests of an owner beside a loan: a copy, an erasure, a paper. Done once, heard by all who asked, or given up."""

import uuid
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from workflows.acts import FulfilData, PrintPaper, Progress, StartData, StartLoanPaper
from workflows.data_request import DataRequest
from workflows.loan_paper import LoanPaper

BROKEN = ApplicationError("the store is gone", non_retryable=True)
STORIES = {
    "fulfil_request": (DataRequest.run, StartData, DataRequest.fulfil, FulfilData, "copy made", "copy given up"),
    "print_loan_paper": (
        LoanPaper.run,
        StartLoanPaper,
        LoanPaper.print_paper,
        PrintPaper,
        "loan paper printed",
        "loan paper given up",
    ),
}


@pytest.mark.parametrize("activity", STORIES)
async def test_a_request_is_done_once_and_its_asker_hears_it(world: Any, activity: str) -> None:
    run, start, update, act, told, _ = STORIES[activity]
    story = await world.start(run, start(uuid.uuid4()), id=f"request/{uuid.uuid4()}")
    assert await story.execute_update(update, act(uuid.uuid4())) == Progress(stage="ready", version=0)
    assert await story.result() == "ready"
    assert world.told == [told]


@pytest.mark.parametrize("activity", STORIES)
async def test_a_request_that_cannot_be_done_is_given_up_by_name(world: Any, activity: str) -> None:
    run, start, _, _, _, given_up = STORIES[activity]
    world.fails[activity] = BROKEN
    story = await world.start(run, start(uuid.uuid4()), id=f"request/{uuid.uuid4()}")
    assert await story.result() == "refused"
    assert world.told == [given_up]

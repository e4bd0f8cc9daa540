"""A seller is looked for in the invoices; a list that came with the name is read first, or set aside by name (P14)."""

import uuid
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from workflows.acts import NamePayee, Progress, StartPayee
from workflows.payee import Payee

World = Any
BROKEN = ApplicationError("the store lost it", non_retryable=True)


@pytest.mark.parametrize(
    ("listed", "fails", "told"),
    [
        (False, False, ["payee looked for"]),
        (True, False, ["read", "payee looked for"]),
        (True, True, ["set aside", "payee looked for"]),
    ],
    ids=["on a list that was read", "with a list", "with a list that cannot be read"],
)
async def test_p14_whoever_named_a_seller_hears_once_the_invoices_were_asked(
    world: World, listed: bool, fails: bool, told: list[str]
) -> None:
    if fails:
        world.fails["read_statement"] = BROKEN
    payee_id = uuid.uuid4()
    start = StartPayee(payee_id, uuid.uuid4(), uuid.uuid4()) if listed else StartPayee(payee_id)
    story = await world.start(Payee.run, start, id=f"payee/{payee_id}")
    assert await story.execute_update(Payee.name, NamePayee(uuid.uuid4())) == Progress(stage="covered", version=0)
    assert await story.result() == "covered"
    assert list(dict.fromkeys(world.told)) == told  # an activity may be said twice

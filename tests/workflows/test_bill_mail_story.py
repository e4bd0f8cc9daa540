"""A mail with bills is taken once, and one that the gateway does not give is given up by name."""

import uuid
from typing import Any

from temporalio.exceptions import ApplicationError

from workflows.acts import Progress, StartMail, TakeMail
from workflows.bill_mail import BillMail

World = Any
BROKEN = ApplicationError("the gateway lost it", non_retryable=True)


async def _came(world: World) -> Any:
    mail_id = uuid.uuid4().hex
    return await world.start(BillMail.run, StartMail(mail_id, uuid.uuid4()), id=f"mail/{mail_id}")


async def test_a_mail_is_taken_once_and_whoever_told_of_it_hears(world: World) -> None:
    story = await _came(world)
    answer = await story.execute_update(BillMail.take, TakeMail(uuid.uuid4()))
    assert answer == Progress(stage="taken", version=0)
    assert await story.result() == "taken"
    assert world.told == ["mail taken"]


async def test_a_mail_that_does_not_come_is_given_up_by_name(world: World) -> None:
    world.fails["take_mail"] = BROKEN
    assert await (await _came(world)).result() == "left"
    assert world.told == ["mail given up"]

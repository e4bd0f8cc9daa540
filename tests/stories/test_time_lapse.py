"""``make up SPEED=86400``: a business day passes each second while somebody has a loan, and nobody pushes."""

import pytest

from ops.demo.town import eventually, town_of
from ops.stack import testing

pytestmark = pytest.mark.long
A_DAY_A_SECOND = 86_400
WATCHED = 240  # seconds: "a loan lives and closes in minutes"


async def test_a_visitor_watches_a_loan_live_and_close_in_minutes() -> None:
    with testing.stack(speed=A_DAY_A_SECOND, firms_trade=True) as running:
        async with town_of(running) as town:
            before = await town.today()
            owner = await town.owner(
                await town.found(monthly_sales_minor=12_000_000, months=14, health=0.95, seed=86_400)
            )
            assert (await owner.applies(10_000, months=3))["stage"] == "offered"
            assert (await town.public.get("/v1/clock"))["speed"] == 1, "real time until somebody has a loan"
            await owner.choose()
            await owner.sign(await owner.read_key_facts())
            await owner.until_stage("funded")

            async def closed() -> bool | None:
                return (await owner.loan())["state"] == "closed" or None

            await eventually(closed, seconds=WATCHED)
            loan = await owner.loan()
            assert float(loan["principal_owed"]["amount"]) == 0
            assert float(loan["interest_paid"]["amount"]) > 0
            # At a speed of one it would still be today.
            assert (await town.today() - before).days >= 7

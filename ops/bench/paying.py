"""``payout``: from a signature to money on the account, against the rail alone."""

import asyncio
import time
from uuid import uuid4

from gateways.payments import HttpRail, PaymentOrder, PaymentState
from infra import http
from ops.bench.crowd import AMOUNT, Crowd
from ops.bench.figures import Bar, Figure, spread
from ops.bench.pace import milliseconds
from ops.demo.town import Owner
from ops.stack.testing import RunningStack

PAID = 20
LOOK_EVERY = 0.01


async def payout(stack: RunningStack, crowd: Crowd) -> list[Figure]:
    """Milliseconds from sending the signature to the page that says paid; after each the same order straight."""
    owners = await crowd.approved_owners(PAID)
    for owner in owners:
        await owner.choose()
    # The law's reading time of the key facts is nobody's delay: all read at the same time, before the clock runs.
    facts = await asyncio.gather(*(owner.read_key_facts() for owner in owners))
    ours: list[float] = []
    floor: list[float] = []
    for owner, read in zip(owners, facts, strict=True):
        await owner.act("signing-code")
        code = await owner.last_code()
        begun = time.perf_counter()
        await owner.sign(read, code=code)
        await owner.until_stage("funded")
        ours.append((time.perf_counter() - begun) * 1000)
        floor.append(await milliseconds(lambda owner=owner: paid_by_the_rail(stack, owner)))
    return spread(
        "payout",
        ours,
        floor,
        seed=crowd.seed,
        meaning="the simulated rail, order to credit",
        p95=(Bar("ours", 3_000),),
    )


async def paid_by_the_rail(stack: RunningStack, owner: Owner) -> None:
    """The same amount to the same account, straight by the rail, until it says credited."""
    async with http.client(stack.settings.rail_url) as client:
        rail = HttpRail(client, deadline=10)
        order = PaymentOrder(
            end_to_end_id=f"BENCH{uuid4().hex[:20].upper()}",
            amount_minor=AMOUNT * 100,
            currency="CNY",
            payee_account=owner.firm.account,
            payee_name=owner.firm.owner,
            reference="bench",
        )
        status = await rail.pay(order)
        while status.state is not PaymentState.CREDITED:
            await asyncio.sleep(LOOK_EVERY)
            status = await rail.find(order.end_to_end_id)

"""``decision``, ``payout``, ``applications``: owners who come one a second, and as fast as they can."""

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID, uuid4

from ops.bench import floor
from ops.bench.figures import Figure, median, percentile
from ops.demo.town import Owner, Town, town_of
from ops.stack import probes
from ops.stack.programs import Child, Program
from ops.stack.testing import RunningStack

OWNERS = 30
PAID = 12
AT_ONCE = 4  # owners that apply side by side when the machine is to be kept busy
BUSY_SECONDS = 45.0
AMOUNT = 40_000  # yuan: decided by the machine, paid without a delay
# Firms that a bank would lend to; each has a seed of its own, for two with the same seed are one firm.
FIRM = {"monthly_sales_minor": 9_000_000, "months": 14, "health": 0.88}
_firms = itertools.count()


async def decision(stack: RunningStack, seed: int) -> list[Figure]:
    """Milliseconds from a submission to its decision, one application a second."""
    async with _floor(stack) as empty, town_of(stack) as town:
        ready = await _ready_to_submit(town, OWNERS, seed)
        least = await _one_a_second([empty.prepared(uuid4()) for _ in range(OWNERS)])
        # The answer to a submission comes when the decision is committed.
        ours = await _one_a_second([partial(owner.act, "submit", {}) for owner in ready])
        outcomes = [(await owner.application())["stage"] for owner in ready]
    undecided = sum(stage in ("evidence", "deciding") for stage in outcomes)
    if undecided:
        raise AssertionError(f"{undecided} of {OWNERS} applications were not decided")
    common = {"n": OWNERS, "seed": seed, "meaning": "a workflow of the same kinds of activities with nothing in them"}
    return [
        Figure(name="decision", unit="ms p50", ours=median(ours), floor=median(least), **common),
        Figure(
            name="decision-p95", unit="ms p95", ours=percentile(ours, 0.95), floor=percentile(least, 0.95), **common
        ),
    ]


async def payout(stack: RunningStack, seed: int) -> list[Figure]:
    """Milliseconds from a signature to money on the account, against the rail alone."""
    ours: list[float] = []
    least: list[float] = []
    async with town_of(stack) as town:
        for owner in await _ready_to_submit(town, PAID, seed):
            if (await owner.submit())["stage"] != "offered":
                continue
            await owner.choose()
            facts = await owner.read_key_facts()
            await owner.act("signing-code")
            code = await owner.last_code()
            begun = time.perf_counter()
            await owner.sign(facts, code=code)
            await owner.until_stage("funded")
            ours.append((time.perf_counter() - begun) * 1000)
            least.append(await _paid_by_the_rail(stack, owner))
    if not ours:
        raise AssertionError("no application was approved, so none was paid")
    common = {"n": len(ours), "seed": seed, "meaning": "the simulated rail alone, from order to credit"}
    return [
        Figure(name="payout", unit="ms p50", ours=median(ours), floor=median(least), **common),
        Figure(name="payout-p95", unit="ms p95", ours=percentile(ours, 0.95), floor=percentile(least, 0.95), **common),
    ]


async def applications(stack: RunningStack, seed: int) -> list[Figure]:
    """Whole applications a minute, from the first tap to the decision, some owners side by side."""
    async with _floor(stack) as empty, town_of(stack) as town:

        async def whole() -> None:
            await (await _owner(town, seed)).applies(AMOUNT)

        ours = await _per_minute(whole)
        least = await _per_minute(lambda: empty.prepared(uuid4())())
    return [
        Figure(
            name="applications",
            unit="1/min",
            ours=ours,
            floor=least,
            n=AT_ONCE,
            seed=seed,
            meaning="empty workflows of a decision's activities, as many side by side",
        )
    ]


class Empty:
    """The floor's client: what the API would do, with nothing in it."""

    def __init__(self, client: object, sessions: object) -> None:
        self._client = client
        self._sessions = sessions

    def prepared(self, run: UUID) -> Callable[[], Awaitable[None]]:
        """One decision: a committed command, an update that answers when all is done, the command marked as done."""

        async def act() -> None:
            from temporalio.client import Client, WithStartWorkflowOperation
            from temporalio.common import WorkflowIDConflictPolicy

            assert isinstance(self._client, Client)  # noqa: S101 (for the type checker)
            await floor.write(self._sessions, floor.Mark(run, 0))
            start = WithStartWorkflowOperation(
                "BenchFloor",
                run,
                id=f"bench-floor/{run}",
                task_queue=floor.QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
            await self._client.execute_update_with_start_workflow("decide", run, start_workflow_operation=start)
            await floor.write(self._sessions, floor.Mark(run, 4))

        return act


@asynccontextmanager
async def _floor(stack: RunningStack) -> AsyncIterator[Empty]:
    """A worker for the floor beside the running system, and a client of it."""
    from db.sessions import Sessions
    from infra.temporal import connect

    stack.sql(f"create table if not exists {floor.TABLE} (run uuid, step int, primary key (run, step))")
    stack.sql(f"grant insert on {floor.TABLE} to huoshui_app")
    ready = stack.data / "run" / "floor.ready"
    ready.unlink(missing_ok=True)
    environment = {**stack.env, "HUOSHUI_READY_FILE": str(ready)}
    worker = Child(
        Program(
            name="floor",
            argv=(sys.executable, "-m", "ops.bench.floor"),
            log=stack.data / "logs" / "floor.log",
            env=environment,
        )
    )
    sessions = Sessions(stack.settings, scope="worker")
    try:
        while not probes.touched(ready):
            if not worker.alive:
                raise AssertionError(f"the floor's worker ended: {worker.said()}")
            await asyncio.sleep(0.05)
        yield Empty(await connect(stack.settings), sessions)
    finally:
        await sessions.close()
        worker.ask_to_stop()
        if not worker.wait(5):
            worker.kill()


async def _owner(town: Town, seed: int) -> Owner:
    return await town.owner(await town.found(**FIRM, seed=seed * 1_000_000 + next(_firms)))


async def _ready_to_submit(town: Town, count: int, seed: int) -> list[Owner]:
    """Owners whose bills are read: nothing is left but to ask for a decision."""
    ready: list[Owner] = []
    for _ in range(count):
        owner = await _owner(town, seed)
        await owner.sign_in()
        await owner.begin(AMOUNT)
        await owner.identify()
        await owner.consent()
        await owner.upload("wechat")
        await owner.upload("alipay")
        ready.append(owner)
    return ready


async def _one_a_second(acts: Sequence[Callable[[], Awaitable[object]]]) -> list[float]:
    """Milliseconds of each act; a slow one does not hold up those after it."""
    took: list[float] = []

    async def timed(act: Callable[[], Awaitable[object]]) -> None:
        begun = time.perf_counter()
        await act()
        took.append((time.perf_counter() - begun) * 1000)

    async with asyncio.TaskGroup() as running:
        for act in acts:
            running.create_task(timed(act))
            await asyncio.sleep(1)
    return took


async def _per_minute(act: Callable[[], Awaitable[None]]) -> float:
    done = 0
    begun = time.perf_counter()

    async def one_after_another() -> None:
        nonlocal done
        while time.perf_counter() - begun < BUSY_SECONDS:
            await act()
            done += 1

    async with asyncio.TaskGroup() as running:
        for _ in range(AT_ONCE):
            running.create_task(one_after_another())
    return done / (time.perf_counter() - begun) * 60


async def _paid_by_the_rail(stack: RunningStack, owner: Owner) -> float:
    """The same amount to the same account, straight by the rail: milliseconds until it says credited."""
    from gateways.payments import HttpRail, PaymentOrder, PaymentState
    from infra import http

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
        begun = time.perf_counter()
        status = await rail.pay(order)
        while status.state is not PaymentState.CREDITED:
            await asyncio.sleep(0.03)
            status = await rail.find(order.end_to_end_id)
        return (time.perf_counter() - begun) * 1000

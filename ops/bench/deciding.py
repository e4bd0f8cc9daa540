"""``decision`` and ``applications``: owners who come one a second, and as fast as they can."""

from ops.bench.bare import Bare
from ops.bench.crowd import Crowd
from ops.bench.figures import Bar, Figure, spread
from ops.bench.pace import per_minute, side_by_side
from ops.demo.town import Owner

OWNERS = 40
WARM_UP = 3  # the first decisions load the model and fill pools; nobody's median
BUSY = 24
AT_ONCE = 4  # owners that apply side by side when the machine is to be kept busy
EMPTY_FOR_EACH = 10  # empty workflows for each application, so that the floor lasts long enough to be measured
RATIO_BAR, P95_BAR = Bar("ratio", 1.5), Bar("ours", 400)


async def decision(crowd: Crowd, bare: Bare) -> list[Figure]:
    """Milliseconds from a submission to its decision, one application a second, one of the floor in between."""
    for owner in await crowd.ready(WARM_UP):
        await crowd.decide(owner)
    owners = await crowd.ready(OWNERS)
    ours, floor = await side_by_side(
        [lambda owner=owner: crowd.decide(owner) for owner in owners], [bare.decision() for _ in owners]
    )
    return spread(
        "decision",
        ours,
        floor,
        seed=crowd.seed,
        meaning="workflow of 3 local + 1 remote empty activity",
        p50=(RATIO_BAR,),
        p95=(RATIO_BAR, P95_BAR),
    )


async def applications(crowd: Crowd, bare: Bare) -> list[Figure]:
    """Whole applications a minute, from the first tap to the decision, some owners side by side.

    The floor is measured before and after, and is the mean of both.
    """
    newcomers = await crowd.newcomers(BUSY)

    async def whole(owner: Owner, bills: dict[str, bytes]) -> None:
        await crowd.prepare(owner, bills)
        await crowd.decide(owner)

    before = await _empty(bare)
    ours = await per_minute([lambda one=one: whole(*one) for one in newcomers], at_once=AT_ONCE)
    after = await _empty(bare)
    return [
        Figure(
            name="applications",
            unit="1/min",
            ours=ours,
            floor=(before + after) / 2,
            n=BUSY,
            seed=crowd.seed,
            meaning="empty workflows with one update each",
        )
    ]


async def _empty(bare: Bare) -> float:
    return await per_minute([bare.empty() for _ in range(BUSY * EMPTY_FOR_EACH // 2)], at_once=AT_ONCE)

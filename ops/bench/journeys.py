"""``journey-1``: a whole first loan, from the first tap to money on the account, as a person would go through it."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass
from statistics import median

from lending.application_steps import STEPS, typed
from lending.parties import PartyKind
from ops.bench.crowd import Crowd
from ops.bench.figures import Bar, Figure
from ops.bench.paying import paid_by_the_rail
from ops.demo.town import Owner
from ops.stack.testing import RunningStack
from policies.book import load

PEOPLE = 5
# A hurried person types a field in so many seconds, and looks at a page for so many before going on.
A_FIELD, A_PAGE = 4.0, 5.0


@dataclass(frozen=True, slots=True)
class Went:
    """Seconds of the system in one journey: all of it, its decision, from the signature to the money."""

    whole: float
    decision: float
    money: float


async def first_loans(stack: RunningStack, crowd: Crowd) -> list[Figure]:
    """Seconds of the system, p95 of the decision and of the money (A1: 20 s, 60 s), and a scripted person's whole way.

    The floor of the way is what nobody can shorten: the key facts' reading time and the rail's own credit.
    """
    went: list[Went] = []
    rail: list[float] = []
    for owner, bills in await crowd.newcomers(PEOPLE):
        went.append(await _goes(crowd, owner, bills))
        begun = time.perf_counter()
        await paid_by_the_rail(stack, owner)
        rail.append(time.perf_counter() - begun)
    book, credit = load(), median(rail)
    reading, fields = book.key_facts_seconds, typed(book.profiles[PartyKind.SOLE_TRADER])
    person = fields * A_FIELD + len(STEPS) * A_PAGE

    def figure(name: str, ours: float, floor: float, meaning: str, *bars: Bar) -> Figure:
        return Figure(
            name=name, unit="s", ours=ours, floor=floor, n=PEOPLE, seed=crowd.seed, meaning=meaning, bars=bars
        )

    slowest = max(went, key=lambda one: one.whole)
    return [
        figure("journey-1", slowest.whole, reading + credit, "the key facts' reading time and the rail"),
        figure(
            "journey-1 person",
            slowest.whole + person,
            reading + credit + person,
            f"the same, and a person at {len(STEPS)} pages with {fields} typed fields",
            Bar("ours", 180),
        ),
        figure("journey-1 decision", max(one.decision for one in went), credit, "the rail", Bar("ours", 20)),
        figure("journey-1 money", max(one.money for one in went), credit, "the rail", Bar("ours", 60)),
    ]


async def _goes(crowd: Crowd, owner: Owner, bills: dict[str, bytes]) -> Went:
    begun = time.perf_counter()
    await crowd.prepare(owner, bills)
    decision = await _seconds(crowd.decide(owner))
    await owner.choose()
    facts = await owner.read_key_facts()
    money = await _seconds(_signs(owner, facts))
    return Went(time.perf_counter() - begun, decision, money)


async def _signs(owner: Owner, facts: dict[str, object]) -> None:
    await owner.sign(facts)
    await owner.until_stage("funded")


async def _seconds(doing: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await doing
    return time.perf_counter() - begun

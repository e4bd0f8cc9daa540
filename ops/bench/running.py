"""Which figures are taken together: those of a running system share one, and its owners."""

import asyncio
from collections.abc import Callable, Collection

from ops.bench import (
    calling,
    closing,
    contacting,
    deciding,
    drawing,
    explaining,
    importing,
    ingesting,
    journeys,
    living,
    opening,
    paying,
    posting,
    rating,
    scheduling,
    scoring,
    starting,
    twinning,
)
from ops.bench.bare import bare
from ops.bench.crowd import Crowd
from ops.bench.figures import Figure
from ops.bench.system import system
from ops.demo.town import town_of

IN_A_SYSTEM = ("first-page", "journey-1", "decision", "payout", "journey-9", "applications", calling.NAME)


async def measured(names: Collection[str], seed: int, said: Callable[[str], None]) -> list[Figure]:
    """The figures of these names; ``said`` hears what is being measured."""
    figures: list[Figure] = []
    if any(name in names for name in IN_A_SYSTEM):
        said("starting a system …")
        figures += await _inside(names, seed, said)
    if any(name in names for name in scheduling.NAMES):
        figures += scheduling.measure(names, seed, said)
    if any(name in names for name in rating.NAMES):
        figures += rating.measure(names, seed, said)
    if any(name in names for name in posting.NAMES):
        said("posting …")
        figures += await posting.measure(names, seed)
    if "counterfactual" in names:
        said("counterfactual …")
        figures += explaining.measure(names, seed)
    if any(name in names for name in scoring.NAMES):
        figures += scoring.measure(names, seed, said)
    if "import" in names:
        said("import …")
        figures += await importing.measure(seed)
    if "import-1m" in names:
        said("import-1m …")
        figures += await importing.million(seed)
    if any(name in names for name in closing.NAMES):
        figures += await asyncio.to_thread(closing.measure, names, seed, said)
    if "ingest" in names:
        said("ingest …")
        figures += await ingesting.measure(seed)
    if contacting.NAME in names:
        said(f"{contacting.NAME} …")
        figures.append(contacting.measure(seed))
    if twinning.NAME in names:
        said(f"{twinning.NAME} …")
        figures.append(await asyncio.to_thread(twinning.measure, seed))
    if "loan-year" in names:
        said("loan-year …")
        figures += await living.measure(seed)
    if "start" in names:
        said("start …")
        figures += await starting.measure(seed)
    return figures


async def _inside(names: Collection[str], seed: int, said: Callable[[str], None]) -> list[Figure]:
    figures: list[Figure] = []
    with system() as stack:
        async with bare(stack) as floor, town_of(stack) as town:
            crowd = Crowd(town, seed)
            measures = {
                "first-page": lambda: opening.measure(stack.url, seed),
                "journey-1": lambda: journeys.first_loans(stack, crowd),
                "decision": lambda: deciding.decision(crowd, floor),
                "payout": lambda: paying.payout(stack, crowd),
                "journey-9": lambda: drawing.journey_9(stack, crowd),
                "applications": lambda: deciding.applications(crowd, floor),
                # Last: its hundred thousand loans stay in the system.
                calling.NAME: lambda: calling.measure(stack, crowd),
            }
            for name, measure in measures.items():
                if name in names:
                    said(f"{name} …")
                    figures += await measure()
    return figures

"""``twin``: seconds that a book of 10,000 firms takes to live 18 months, from request to proven ledger."""

import os
import time

from ops.bench.figures import Bar, Figure
from ops.twin.assumptions import Play
from ops.twin.played import Played
from ops.twin.running import run

NAME = "twin"
FIRMS, MONTHS = 10_000, 18
# Five minutes on two cores (issue 8).
BAR = 300


def measure(seed: int, firms: int = FIRMS, months: int = MONTHS) -> Figure:
    """In as many processes as there are cores, two at the most."""
    processes = min(2, os.cpu_count() or 1)
    begun = time.perf_counter()
    found = run(Play(firms, months, seed), Played(), processes=processes)
    taken = time.perf_counter() - begun
    days = sum(row.days for row in found.rows)
    return Figure(
        name=NAME, unit="s", ours=taken, floor=None, n=firms, seed=seed, bars=(Bar("ours", BAR),),
        meaning=f"{firms} firms, {months} months, {len(found.rows)} loans, {days} loan-days in {processes} processes",
    )  # fmt: skip

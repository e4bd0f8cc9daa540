"""What tasks outside cost of whose time: the measures of journey 2 (B2) and P36."""

from datetime import date, timedelta
from itertools import groupby
from statistics import median

from api.caller import Caller
from api.views import OutsideMeasures
from db import clocks, offline
from infra.phrases import BEIJING
from lending.offline import Spell, Whose, spells, times

LOOKED_BACK = timedelta(days=365)
A_DAY = timedelta(days=1)


async def measures(caller: Caller) -> OutsideMeasures:
    """Over the applications of a year whose tasks outside a person ended."""
    visits: list[int] = []
    taken: dict[Whose, list[float]] = {whose: [] for whose in Whose}
    on_time = ended = 0
    policy = caller.tools.policies.offline
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        rows = await offline.ended(session, now - LOOKED_BACK)
        for _, tasks in groupby(rows, key=lambda task: task.application_id):
            lived: list[Spell] = []
            came: set[date] = set()  # two that look on one day, at the same door, are one visit to whoever opens it
            for task in tasks:
                kind = policy.kind(task.kind)
                if kind is None or task.finished_at is None:
                    continue
                lived += spells(task.created_at, task.slot_at, task.finished_at, outside=kind.outside)
                if kind.booked and (task.outcome or {}).get("way") != "video":
                    came.add(task.finished_at.astimezone(BEIJING).date())
                on_time += task.finished_at <= task.due_at
                ended += 1
            visits.append(len(came))
            for whose, spent in times(lived).items():
                taken[whose].append(spent / A_DAY)
    middle = {whose: f"{median(days):.2f}" if days else None for whose, days in taken.items()}
    return OutsideMeasures(
        applications=len(visits),
        tasks=ended,
        on_time=on_time,
        visits_most=max(visits, default=0),
        ours_days_p50=middle[Whose.OURS],
        outside_days_p50=middle[Whose.OUTSIDE],
        customer_days_p50=middle[Whose.CUSTOMER],
    )

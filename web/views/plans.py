"""The page of a loan's plan."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from api.views.plan import PlanPreview, PlanView
from web.views.parts import Form


@dataclass(frozen=True)
class PlanPage:
    """How it is repaid, what may be changed, and a change with its cost where one was asked for.

    ``starts``: the days on which a breathing space may begin, ``lengths`` how long it may be, both as choices.
    """

    seen: PlanView
    ask: Form
    starts: tuple[date, ...]
    lengths: tuple[int, ...]
    week_days: tuple[int, ...]
    month_days: tuple[int, ...]
    preview: PlanPreview | None = None
    confirm: Form | None = None
    done: Literal[
        "",
        "breathing",
        "rhythm",
        "next_window",
        "lower_share",
        "weights",
        "due_day",
        "rest",
        "reminder_hour",
        "shorter_term",
        "lower_instalments",
    ] = ""
    weights: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()

    @property
    def by_dates(self) -> bool:
        return self.seen.repayment != "revenue_share"

"""The file of what the law keeps after an erasure."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from policies.files import PolicyFile, Section


class KeptSection(Section):
    what: Literal["ledger", "contract", "decision", "consents", "records"]
    law: str
    years: int = Field(gt=0, le=100)
    of: Literal["loan", "erasure"]


class RetentionFile(PolicyFile):
    kept: tuple[KeptSection, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that stays: which, by which law, until which day."""

    what: str
    law: str
    until: date


def kept_after(file: RetentionFile, *, erased_on: date, last_closed_on: date | None) -> tuple[Kept, ...]:
    """What stays of somebody whose last loan closed on a day, or who never had one."""
    found: list[Kept] = []
    for one in file.kept:
        since = erased_on if one.of == "erasure" else last_closed_on
        if since is not None:
            found.append(Kept(one.what, one.law, _years_on(since, one.years)))
    return tuple(found)


def _years_on(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes the first of March, so that nothing goes too early."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)

"""Stretches of the year in which a trade sells otherwise than the calendar's weekdays say."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Festival:
    """One stretch, both ends counted; the same ``name`` comes back each year on other dates."""

    name: str
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.name}: ends {self.last.isoformat()} before it begins")

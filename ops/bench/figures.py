"""What a measurement says: our figure, the floor it is held against, and under which circumstances."""

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``ours`` and ``floor`` in ``unit``; ``ratio`` is ours / floor, so whether more is better depends on the unit."""

    name: str
    unit: str
    ours: float
    floor: float
    n: int
    seed: int
    meaning: str  # what the floor is

    @property
    def ratio(self) -> float:
        return self.ours / self.floor if self.floor else float("nan")

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        told.pop("meaning")
        rounded = {"ours": round(self.ours, 3), "floor": round(self.floor, 3), "ratio": round(self.ratio, 3)}
        return {**told, **rounded, "machine": machine()}


def machine() -> str:
    """Cores, architecture, and how busy the machine is with other things: a figure from a busy machine says little."""
    busy = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {busy:.1f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of all lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)

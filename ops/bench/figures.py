"""What a measurement says: our figure, the floor it is held against, and under which circumstances."""

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psutil

PLACES = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure should reach on an idle machine: its own value or its ratio, at most or at least."""

    of: Literal["ours", "ratio"]
    limit: float
    at_least: bool = False

    def met(self, figure: "Figure") -> bool:
        """Whether the figure reaches it."""
        value: float | None = getattr(figure, self.of)
        if value is None:
            return False
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{'ratio ' if self.of == 'ratio' else ''}{sign} {self.limit:,g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``ours`` and ``floor`` in ``unit``; ``ratio`` is ours / floor, so whether more is better depends on the unit.

    A floor is None where what would be measured is not installed; ``meaning`` then says how it comes.
    """

    name: str
    unit: str
    ours: float
    floor: float | None
    n: int
    seed: int
    meaning: str  # what the floor is
    bars: tuple[Bar, ...] = ()

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.ours / self.floor

    @property
    def verdict(self) -> str:
        """Each bar, with a cross where it was missed."""
        return ", ".join(f"{bar} {'✓' if bar.met(self) else '✗'}" for bar in self.bars)

    def as_json(self) -> dict[str, Any]:
        """The eight fields that programs read."""
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": round(self.ours, PLACES),
            "floor": None if self.floor is None else round(self.floor, PLACES),
            "ratio": None if self.ratio is None else round(self.ratio, PLACES),
            "n": self.n,
            "seed": self.seed,
            "machine": machine(),
        }


def machine() -> str:
    """Cores, memory, interpreter, and how busy it is with other things: a figure from a busy machine says little."""
    memory = psutil.virtual_memory().total / 2**30
    busy = os.getloadavg()[0]
    kind = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
    return f"{kind}, Python {platform.python_version()}, load {busy:.1f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of all lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle."""
    return statistics.median(values)


def spread(
    name: str,
    ours: Sequence[float],
    floor: Sequence[float],
    *,
    seed: int,
    meaning: str,
    p50: tuple[Bar, ...] = (),
    p95: tuple[Bar, ...] = (),
) -> list[Figure]:
    """Two figures in milliseconds, ``…-p50`` and ``…-p95``, of as many measurements of each side."""
    return [
        Figure(
            name=f"{name}-{label}",
            unit="ms",
            ours=percentile(ours, share),
            floor=percentile(floor, share),
            n=len(ours),
            seed=seed,
            meaning=meaning,
            bars=bars,
        )
        for label, share, bars in (("p50", 0.5, p50), ("p95", 0.95, p95))
    ]

"""A journey as it is told: each step with what was expected, what was seen, and how long it took."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Say = Callable[["Step"], None]


@dataclass(frozen=True)
class Step:
    """One line of a journey. ``ms`` is what the step took, thinking and reading times of people left out."""

    journey: int
    step: str
    expected: str
    seen: str
    ms: int
    ok: bool


@dataclass
class Journey:
    """A journey under way; a step that misses what is expected is noted, and the journey goes on if it can."""

    number: int
    say: Say
    steps: list[Step] = field(default_factory=list[Step])

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)

    async def step(
        self, name: str, expected: str, doing: Awaitable[Any], told: Callable[[Any], tuple[str, bool]]
    ) -> Any:
        """Do something and hold what came out against what was expected."""
        begun = time.perf_counter()
        try:
            result = await doing
            seen, ok = told(result)
        except Exception as error:
            result, seen, ok = None, f"{type(error).__name__}: {error}", False
        step = Step(self.number, name, expected, seen, round((time.perf_counter() - begun) * 1000), ok)
        self.steps.append(step)
        self.say(step)
        if not ok and result is None:
            raise JourneyBroke(self)
        return result

    def as_json(self) -> dict[str, Any]:
        """The shape that ``huoshui demo --json`` prints."""
        keep = ("step", "expected", "seen", "ms", "ok")
        steps = [{name: value for name, value in asdict(step).items() if name in keep} for step in self.steps]
        return {"journey": self.number, "ok": self.ok, "steps": steps}


class JourneyBroke(Exception):
    """A step failed in a way that leaves nothing to go on with; the journey is told as it stands."""

    def __init__(self, journey: Journey) -> None:
        super().__init__(f"journey {journey.number} broke at {journey.steps[-1].step}")
        self.journey = journey

"""Ports and what stands behind them, read as source: an activity that nobody implements makes a story wait for days."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ACTIVITIES = ROOT / "activities"
DEFN = "activity.defn"


def _classes(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node


def _activities(kind: ast.ClassDef) -> dict[str, ast.AsyncFunctionDef]:
    """The methods that are activities."""
    return {
        method.name: method
        for method in kind.body
        if isinstance(method, ast.AsyncFunctionDef) and DEFN in [ast.unparse(one) for one in method.decorator_list]
    }


def _shape(method: ast.AsyncFunctionDef) -> tuple[list[str], str]:
    """The types that go in and come out."""
    taken = [ast.unparse(one.annotation) for one in method.args.args if one.annotation]
    return taken, ast.unparse(method.returns) if method.returns else ""


PORTS = {
    f"{path.stem}.{kind.name}": _activities(kind)
    for path in sorted((ACTIVITIES / "ports").glob("*.py"))
    for kind in _classes(path)
    if _activities(kind)
}
BEHIND = [(path, kind) for path in sorted(ACTIVITIES.glob("*.py")) for kind in _classes(path)]
NAMES = [name for methods in PORTS.values() for name in methods]


def test_no_two_ports_share_the_name_of_an_activity() -> None:
    assert not [name for name, times in Counter(NAMES).items() if times > 1]


@pytest.mark.parametrize("port", PORTS)
def test_every_port_has_one_implementation_with_the_same_activities(port: str) -> None:
    promised = PORTS[port]
    module, _, name = port.partition(".")
    kept = [_activities(kind) for _, kind in BEHIND if f"port.{name}" in [ast.unparse(base) for base in kind.bases]
            and kind.name == name and any(promised.keys() & _activities(kind).keys())]  # fmt: skip
    assert len(kept) == 1, f"{port}: {len(kept)} classes `{name}(port.{name})` in activities/, one is needed"
    assert set(kept[0]) == set(promised), (
        f"{port}: implement each with @activity.defn, and nothing else: {set(kept[0]) ^ set(promised)}"
    )
    for activity, method in kept[0].items():
        assert _shape(method) == _shape(promised[activity]), f"{module}.{name}.{activity}: other types than its port's"


def test_every_implementation_is_wired() -> None:
    """What is not handed to the worker is never run."""
    wiring = (ROOT / "worker" / "wiring.py").read_text(encoding="utf-8")
    made = {ast.unparse(node.func) for node in ast.walk(ast.parse(wiring)) if isinstance(node, ast.Call)}
    missing = [port for port in PORTS if port.partition(".")[2] not in made]
    assert not missing, f"worker/wiring.py makes no {missing}"


def test_every_activity_is_part_of_a_story() -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflows").glob("*.py"))
    unused = [
        name for port, methods in PORTS.items() for name in methods if f"{port.partition('.')[2]}.{name}" not in told
    ]
    assert not unused, f"no workflow calls {unused}"


def test_the_world_of_these_tests_keeps_the_same_promises(world: Any) -> None:
    """Else a story could pass here and wait for an activity there."""
    played = {method.__name__: method for method in world.all()}
    assert set(played) == set(NAMES)
    for methods in PORTS.values():
        for name, method in methods.items():
            hints = {key: getattr(kind, "__name__", "None") for key, kind in played[name].__annotations__.items()}
            came_out = hints.pop("return")
            assert (list(hints.values()), came_out) == _shape(method), f"{name} in the world of the tests"

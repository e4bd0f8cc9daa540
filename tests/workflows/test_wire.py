"""What crosses Temporal: every wire type comes back from the encryption as it went in, is small, and only grows."""

import asyncio
import dataclasses
import importlib
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import activities.ports
import workflows
from infra.temporal import data_converter

BASELINE = Path(__file__).resolve().parents[1] / "histories" / "wire.json"
SMALL = (UUID, str, int, bool, float, date, datetime, types.NoneType)
PORTS = [
    importlib.import_module(f"activities.ports.{found.name}")
    for found in pkgutil.iter_modules(activities.ports.__path__)
]

ACTS = [
    importlib.import_module(f"workflows.{found.name}")
    for found in pkgutil.iter_modules(workflows.__path__)
    if found.name.endswith("acts")
]


def _wire_types() -> Iterator[type]:
    for module in (*PORTS, *ACTS):
        for _, kind in inspect.getmembers(module, dataclasses.is_dataclass):
            if kind.__module__ == module.__name__:
                yield kind


WIRE_TYPES = list(_wire_types())


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def _values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a wire type; instants are aware and in UTC, as the database gives them."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{field.name: _values(hints[field.name]) for field in dataclasses.fields(kind)})
    if isinstance(kind, types.UnionType):
        return st.one_of(*(_values(one) for one in typing.get_args(kind)))
    if typing.get_origin(kind) is tuple:
        return st.lists(_values(typing.get_args(kind)[0]), max_size=3).map(tuple)
    if kind is float:
        return st.floats(min_value=0, allow_nan=False, allow_infinity=False)
    if kind is datetime:
        return st.datetimes(timezones=st.just(UTC))
    return st.from_type(kind)


@pytest.fixture(scope="module")
def crossing(settings_for: Any) -> Iterator[Any]:
    """There and back through production's converter: ``crossing(value, type)``."""
    converter = data_converter(settings_for())
    with asyncio.Runner() as runner:

        async def cross(value: Any, kind: type) -> Any:
            return (await converter.decode(await converter.encode([value]), [kind]))[0]

        yield lambda value, kind: runner.run(cross(value, kind))


@pytest.mark.parametrize("kind", WIRE_TYPES, ids=_name)
def test_every_wire_type_comes_back_as_it_went_in(kind: type, crossing: Any) -> None:
    """A value that cannot be decoded is retried for ever."""

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(_values(kind))
    def there_and_back(value: Any) -> None:
        assert crossing(value, kind) == value

    there_and_back()


@pytest.mark.parametrize("kind", WIRE_TYPES, ids=_name)
def test_ids_and_small_scalars_cross_and_nothing_else(kind: Any) -> None:
    assert kind.__dataclass_params__.frozen, f"{_name(kind)} can be changed after it was sent"
    for name, hint in typing.get_type_hints(kind).items():
        for leaf in _leaves(hint):
            assert leaf in SMALL or dataclasses.is_dataclass(leaf), (
                f"{_name(kind)}.{name}: {leaf} does not cross; store it and send its id"
            )


def _leaves(hint: Any) -> Iterator[Any]:
    inner = [one for one in typing.get_args(hint) if one is not Ellipsis]
    if not inner:
        yield hint
    for one in inner:
        yield from _leaves(one)


def test_wire_types_only_grow(request: pytest.FixtureRequest) -> None:
    """Old histories and updates under way must be readable by a new worker."""
    today = {_name(kind): _fields(kind) for kind in WIRE_TYPES}
    if request.config.getoption("--record-histories", default=False):
        BASELINE.write_text(json.dumps({name: list(fields) for name, fields in today.items()}, indent=1) + "\n")
    for name, fields in json.loads(BASELINE.read_text()).items():
        assert name in today, f"{name} is gone, but histories hold it: keep it as long as they live"
        gone = set(fields) - set(today[name])
        assert not gone, f"{name}: {sorted(gone)} gone or of another type; add a new field with a default instead"
        bare = [field for field, has_default in today[name].items() if field not in fields and not has_default]
        assert not bare, f"{name}: {bare} needs a default, old values come without it"


def _fields(kind: Any) -> dict[str, bool]:
    """``name: type`` of each field and whether it has a default."""
    hints = typing.get_type_hints(kind)
    return {
        f"{field.name}: {getattr(hints[field.name], '__name__', hints[field.name])}": (
            field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        )
        for field in dataclasses.fields(kind)
    }

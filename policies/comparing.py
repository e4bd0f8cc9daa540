"""Two books beside each other: which rows differ, and which products and reference rates that touches."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, cast

from pydantic import BaseModel

from lending.terms import plain
from policies.book import PolicyBook
from policies.releases import INDICES

# By what an entry of a list is told from its neighbours; its place says nothing once one was put in before it.
NAMES = ("grade", "id", "name", "kind", "code", "role")
# What is no row of its own: the version changes with everything.
LEFT_OUT = ("version",)


@dataclass(frozen=True, slots=True)
class Row:
    """One row that differs. ``path`` names it (``underwriting.x.grades.A.annual_rate``); None: it is not there."""

    path: str
    before: str | None
    after: str | None


def rows(before: PolicyBook, after: PolicyBook) -> tuple[Row, ...]:
    """Every row that differs, also what follows from a changed file elsewhere: prices from a reference rate."""
    old, new = dict(_flat("", before)), dict(_flat("", after))
    return tuple(
        Row(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    )


def products_of(found: Iterable[Row]) -> tuple[str, ...]:
    """The products whose own rows or rules differ."""
    told = (row.path.split(".") for row in found)
    return tuple(sorted({path[1] for path in told if path[0] in ("products", "underwriting") and len(path) > 1}))


def indices_of(found: Iterable[Row]) -> tuple[str, ...]:
    """The reference rates that differ."""
    return tuple(sorted({row.path.split(".")[1] for row in found if row.path.startswith(f"{INDICES}.")}))


def values_of(found: Iterable[Row]) -> dict[str, Decimal]:
    """The values of the reference rates that differ, as they are afterwards."""
    return {
        row.path.partition(".")[2]: Decimal(row.after)
        for row in found
        if row.path.startswith(f"{INDICES}.") and row.after is not None
    }


def _flat(path: str, value: object) -> Iterator[tuple[str, str]]:
    for name, each in _parts(value):
        where = f"{path}.{name}" if path else name
        if where in LEFT_OUT or name == "version":
            continue
        if is_dataclass(each) or isinstance(each, (BaseModel, Mapping, tuple, list)):
            yield from _flat(where, cast("object", each))
        elif isinstance(each, frozenset):
            yield where, ", ".join(sorted(str(one) for one in cast("frozenset[Any]", each)))
        else:
            yield where, _told(each)


def _parts(value: object) -> Iterator[tuple[str, object]]:
    match value:
        case BaseModel():
            yield from ((name, getattr(value, name)) for name in type(value).model_fields)
        case Mapping():
            yield from ((str(name), each) for name, each in cast("Mapping[Any, Any]", value).items())
        case tuple() | list():
            seen: dict[str, int] = {}
            for n, each in enumerate(cast("list[Any]", value)):
                name = next((str(found) for at in NAMES if (found := getattr(each, at, None)) is not None), str(n))
                seen[name] = seen.get(name, 0) + 1
                yield (name if seen[name] == 1 else f"{name}.{seen[name]}"), each
        case _:
            if is_dataclass(value):
                yield from ((each.name, getattr(value, each.name)) for each in fields(value))


def _told(value: object) -> str:
    match value:
        case Decimal():
            return plain(value)
        case Enum():
            return str(value.value)
        case None:
            return "–"
        case _:
            return str(value)

"""Reading policy files: strict YAML, no unknown key, and an error that names file, key and what is allowed."""

from collections.abc import Hashable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError


class PolicyError(ValueError):
    """A policy file that may not be used. ``file``, ``key`` and ``problem`` say where, what and what is allowed."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        self.file, self.key, self.problem = file, key, problem
        super().__init__(f"{file}: {key or 'the file'}: {problem}")


class PolicyFile(BaseModel):
    """What every policy file begins with."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    version: str
    effective_from: date


class Section(BaseModel):
    """A part of a policy file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# libyaml's parser where it is built in: a book is some sixty files, and a service reads it at each release.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _OnceOnly(_Loader):
    """YAML in which a key stands once; the plain loader silently takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


Model = TypeVar("Model", bound=PolicyFile)


def read_file(path: Path, model: type[Model]) -> Model:
    """One file as its model; :class:`PolicyError` on anything that is not exactly what the model says."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError(path.name, "", " ".join(str(error).split())) from error
    return read_text(path.name, text, model)


@lru_cache(maxsize=512)
def read_text(name: str, text: str, model: type[Model]) -> Model:
    """What stands in a file called ``name``, as its model; the same words are read once, for models are frozen."""
    try:
        loaded: object = yaml.load(text, Loader=_OnceOnly)  # noqa: S506  a SafeLoader
    except yaml.YAMLError as error:
        raise PolicyError(name, "", " ".join(str(error).split())) from error
    if not isinstance(loaded, dict):
        raise PolicyError(name, "", "a mapping of keys is expected")
    try:
        return model.model_validate(loaded)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise PolicyError(name, key, _said(first["type"], first["msg"], model, first["loc"])) from error


def newest(candidates: list[tuple[str, Model]], on: date | None, what: str) -> Model:
    """The version in force on ``on`` (the last one if None); two that begin on one day are refused."""
    in_force = [(file, model) for file, model in candidates if on is None or model.effective_from <= on]
    if not in_force:
        when = "" if on is None else f" on {on.isoformat()}"
        raise PolicyError(what, "effective_from", f"no version is in force{when}")
    last = max(model.effective_from for _, model in in_force)
    found = [(file, model) for file, model in in_force if model.effective_from == last]
    if len(found) > 1:
        names = ", ".join(file for file, _ in found)
        raise PolicyError(what, "effective_from", f"{names} both begin on {last.isoformat()}")
    return found[0][1]


def _said(kind: str, message: str, model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    if kind == "extra_forbidden":
        owner: Any = model
        for part in loc[:-1]:
            if isinstance(part, str) and part in owner.model_fields:
                inner = owner.model_fields[part].annotation
                owner = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else owner
        return f"unknown key; allowed: {', '.join(owner.model_fields)}"
    if kind == "missing":
        return "the key is missing"
    return message.removeprefix("Value error, ")

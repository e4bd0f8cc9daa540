"""The right ``Allow`` of a 405: every method that some route serves on that very path, not only the first route's."""

import re
from functools import lru_cache

from fastapi import FastAPI
from starlette.routing import compile_path

from api.policy import doors


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """The methods of all routes that match ``path``, sorted."""
    found: set[str] = set()
    for pattern, methods in _patterns(app):
        if pattern.match(path):
            found.update(methods)
    if "GET" in found:
        found.add("HEAD")
    return sorted(found)


@lru_cache(maxsize=4)
def _patterns(app: FastAPI) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((compile_path(door.path)[0], door.methods) for door in doors(app))

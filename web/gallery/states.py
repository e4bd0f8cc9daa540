"""The invented states, from the tests that also use them: a folder of modules, each with ``build(say)``."""

import sys
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from web.views.parts import Shell
from web.wording import Reader

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "web" / "fixtures"
PACKAGE = "gallery_states"
PARTS = (
    *("public", "applying", "owning", "waiting", "lining", "receiving", "crew", "care", "talking", "taking_part"),
    *("seats", "outside", "desk", "securing", "workbench", "incoming", "policies", "endings", "surveys", "dated"),
    *("late", "portfolio", "classing"),
    "sales",
    "relief",
)


def _open() -> None:
    """The folder of fixtures under a name of its own; it is no package of the service."""
    if PACKAGE not in sys.modules:
        if not FOLDER.is_dir():
            raise FileNotFoundError(f"the gallery shows the states of {FOLDER}, which is not there")
        package = ModuleType(PACKAGE)
        package.__path__ = [str(FOLDER)]
        sys.modules[PACKAGE] = package


@lru_cache(maxsize=2)
def states(locale: str) -> dict[str, Any]:
    """Every state by its name, in one language."""
    _open()
    say = import_module(f"{PACKAGE}.people").Words(locale)
    return {name: state for part in PARTS for name, state in import_module(f"{PACKAGE}.{part}").build(say).items()}


def shell_of(state: Any, locale: str, *, large: bool = False, nonce: str = "gallery", simulated: bool = False) -> Shell:
    """The shell of a state for one reader."""
    today = import_module(f"{PACKAGE}.people").TODAY
    given = {"path": "/", "csrf": "c" * 64, "simulated": simulated, **state.shell}
    return Shell(**given, reader=Reader(locale=locale, today=today), large_type=large, nonce=nonce)

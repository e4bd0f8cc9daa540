"""What a business "no" is: a class with one stable code, and small parameters for its text.

A refusal carries small parameters for its text (amounts in minor units, dates in ISO form), never personal data: it
travels through workflow histories as its class name and its message.
"""

import json
from typing import Any, ClassVar

type_of: dict[str, type["Refusal"]] = {}

# A list is of such things side by side: how many of each are missing.
Param = int | str | list[dict[str, Any]]


class Refusal(Exception):
    """A rule said no. Subclasses name a ``code`` and the parameters that their text needs, all of which are given."""

    code: ClassVar[str]
    params_needed: ClassVar[tuple[str, ...]] = ()
    # Those of ``params_needed`` that one of before, still in a history, does not carry: they are empty there.
    params_added: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, *, code: str, params: tuple[str, ...] = (), added: tuple[str, ...] = ()) -> None:
        super().__init_subclass__()
        if code in {other.code for other in type_of.values()}:
            raise TypeError(f"two refusals share the code {code}")
        cls.code = code
        cls.params_needed = (*params, *added)
        cls.params_added = added
        type_of[cls.__name__] = cls

    def __init__(self, **params: Param) -> None:
        if set(params) != set(self.params_needed):
            raise TypeError(f"{type(self).__name__} takes {self.params_needed}, got {tuple(params)}")
        self.params: dict[str, Param] = params
        super().__init__(json.dumps(params, sort_keys=True, ensure_ascii=False))

    def __reduce__(self) -> tuple[object, ...]:
        return (refusal_from, (type(self).__name__, str(self)))


def refusal_from(type_name: str, message: str) -> Refusal | None:
    """The refusal that crossed a process border as its class name and message; None if it is not one of ours."""
    found = type_of.get(type_name)
    if found is None:
        return None
    try:
        params = json.loads(message)
    except ValueError:
        return None
    return found(**{**dict.fromkeys(found.params_added, ""), **params})

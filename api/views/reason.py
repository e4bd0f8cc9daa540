"""A reason in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, what fills its sentence, and the sentence in the reader's language."""

    code: str
    params: Params
    text: str

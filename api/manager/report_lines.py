"""What a report is made of: sentences as codes with their figures, and the places where these stand."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from api.idempotency import Json


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it is kept: a code with its figures, and where they stand."""

    section: str
    code: str
    params: Mapping[str, Any]
    source: str


@dataclass(frozen=True, slots=True)
class Source:
    """A place in the file as it is kept."""

    id: str
    kind: str
    ref: str
    at: str | None = None
    reference: str | None = None
    sha256: str | None = None


class Draft:
    """Lines and sources as they are found; a source is listed once."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.sources: dict[str, Source] = {}

    def say(self, section: str, code: str, source: Source, **params: Any) -> None:
        self.sources.setdefault(source.id, source)
        self.lines.append(Line(section, code, params, source.id))

    def content(self, application_id: UUID, words: Mapping[str, str], sections: Collection[str]) -> Json:
        """What is hashed and kept."""
        return {
            "application": str(application_id),
            "lines": [asdict(one) for one in self.lines],
            "sources": [asdict(one) for one in self.sources.values()],
            "words": {section: words[section] for section in sections if words.get(section)},
        }

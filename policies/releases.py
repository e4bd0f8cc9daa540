"""What two people released since the files were installed: texts of the same form, laid over them.

Only rooms that every use reads anew may be released into a running system; a change of any other file comes with an
installation, which starts its processes anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from policies.files import Model, PolicyError, PolicyFile, read_text
from policies.help import HelpFile
from policies.shapes import IndexFile, ProductFile
from policies.underwriting_shapes import UnderwritingFile
from policies.ways import WaysFile

INDICES, PRODUCTS, UNDERWRITING, WAYS, HELP = "indices", "products", "underwriting", "ways_to_yes", "help"
SHAPES: dict[str, type[PolicyFile]] = {
    INDICES: IndexFile,
    PRODUCTS: ProductFile,
    UNDERWRITING: UnderwritingFile,
    WAYS: WaysFile,
    HELP: HelpFile,
}


@dataclass(frozen=True, slots=True)
class Released:
    """One text with its room and a number that grows with each release; the later one of two for one day counts."""

    number: int
    room: str
    text: str

    @property
    def source(self) -> str:
        """How an error names it."""
        return f"{self.room} (release {self.number})"


def of_room(room: str, released: Iterable[Released], model: type[Model]) -> list[tuple[str, Model]]:
    """The texts of one room by the name of their release, the oldest first."""
    mine = sorted((one for one in released if one.room == room), key=lambda one: one.number)
    return [(one.source, read_text(one.source, one.text, model)) for one in mine]


def over(known: Sequence[tuple[str, Model]], source: str, read: Model) -> list[tuple[str, Model]]:
    """The versions of a file with a released one, which replaces another that begins on the same day."""
    return [*(one for one in known if one[1].effective_from != read.effective_from), (source, read)]


def quoted(files: dict[str, IndexFile], released: Sequence[tuple[str, IndexFile]]) -> dict[str, IndexFile]:
    """The reference rates with what was published since; of two values for one day the later release counts."""
    found = dict(files)
    for source, read in released:
        if read.index not in found:
            raise PolicyError(source, "index", f"unknown; known: {', '.join(found)}")
        before = found[read.index]
        found[read.index] = before.model_copy(update={"values": {**before.values, **read.values}})
    return found


def subject_of(read: BaseModel) -> str:
    """What a released text is of: an index, a product; of a file that is alone in its room, nothing."""
    return str(getattr(read, "index", None) or getattr(read, "product", None) or "")


def read(room: str, text: str, source: str = "") -> PolicyFile:
    """A text of a room, as its shape reads it; :class:`PolicyError` for a room that waits for an installation."""
    if room not in SHAPES:
        raise PolicyError(source or room, "", f"comes with an installation only; released here: {', '.join(SHAPES)}")
    return read_text(source or room, text, SHAPES[room])


def publication(index: str, on: date, value: str) -> str:
    """A published value of a reference rate as the text of its release."""
    day = on.isoformat()
    return f'index: {index}\nversion: "{day}"\neffective_from: {day}\nvalues:\n  {day}: "{value}"\n'

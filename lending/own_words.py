"""What counts as a reason that somebody wrote: not one word over and over, and of a second person not the first's."""

import re
import unicodedata
from collections.abc import Iterable

# A second person who only agrees has not said what they looked at.
_AGREES = re.compile(
    "不?(?:同意|赞成|认可|没有?问题|没有?异议|无异议|无误|属实|可以|通过|确认|批准|好的|是的|对的|明白|收到|知道)了?"
    "|(?:agreed?|approved?|okay|ok|yes|fine|good|confirm(?:ed)?|noted|done)",
)
# Letters and figures that are left when all agreeing is taken off.
OWN_LEAST = 3
# So few others than the first's words are the first's words.
OTHERS_LEAST = 4


def letters_of(text: str) -> str:
    """The letters and figures of a text, as texts are compared."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def repeats(text: str) -> bool:
    """Whether it is one word over and over (同意同意, ok ok ok); of figures alone only one figure is."""
    said = letters_of(text)
    longest = 1 if said.isdecimal() else len(said) // 2
    return any(said == (said[:unit] * len(said))[: len(said)] for unit in range(1, longest + 1)) and len(said) > 1


def agrees_only(text: str) -> bool:
    """Whether nothing is said but that one agrees."""
    return len(_AGREES.sub("", letters_of(text))) < OWN_LEAST


def is_anothers(text: str, others: Iterable[str]) -> bool:
    """Whether it is somebody else's reason, or that with a word before or behind it."""
    mine = letters_of(text)
    for other in map(letters_of, others):
        if other and (other in mine or mine in other) and abs(len(mine) - len(other)) < OTHERS_LEAST:
            return True
        if other and _AGREES.sub("", other) == _AGREES.sub("", mine):
            return True
    return False

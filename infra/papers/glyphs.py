"""Which characters our paper font can print. PDF/A refuses a paper with a character that has no glyph.

A rare character in a name must neither stop a contract nor vanish from it: it is printed as its code point, which
names it exactly. So are characters that would change how the line is read (bidirectional marks, zero-width ones).
"""

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

import noto_cjk_sans_otc  # pyright: ignore[reportMissingTypeStubs]

FONT_FOLDER = Path(noto_cjk_sans_otc.__file__).parent
FONT_FILE = "NotoSansCJK-Regular.ttc"
# Controls, invisible format marks, lone surrogates, private use, unassigned: nothing a name is made of.
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class FontUnreadable(RuntimeError):
    """The font file has no character map that we can read."""


def printable(typed: str) -> str:
    """What somebody typed, on one line, with every character that cannot or must not be printed as ``[U+1F600]``."""
    shown: list[str] = []
    for character in unicodedata.normalize("NFC", typed):
        category = unicodedata.category(character)
        if category == "Zs" or character in "\t\r\n":
            shown.append(" ")
        elif category in UNSAFE or ord(character) not in covered():
            shown.append(f"[U+{ord(character):04X}]")
        else:
            shown.append(character)
    return " ".join("".join(shown).split())


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points with a glyph, from the font's own character map (OpenType ``cmap``, format 12)."""
    font = (FONT_FOLDER / FONT_FILE).read_bytes()
    # A collection begins with the offsets of its fonts; all of them share one repertoire.
    (first,) = struct.unpack_from(">I", font, 12)
    (tables,) = struct.unpack_from(">H", font, first + 4)
    for index in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, first + 12 + 16 * index)
        if tag == b"cmap":
            return frozenset(_code_points(font, offset))
    raise FontUnreadable(f"{FONT_FILE} has no cmap table")


def _code_points(font: bytes, cmap: int) -> list[int]:
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * index)
        (form,) = struct.unpack_from(">H", font, cmap + offset)
        if form == 12 and (platform, encoding) in ((0, 4), (0, 6), (3, 10)):
            (groups,) = struct.unpack_from(">I", font, cmap + offset + 12)
            found: list[int] = []
            for group in range(groups):
                start, end, _ = struct.unpack_from(">III", font, cmap + offset + 16 + 12 * group)
                found.extend(range(start, end + 1))
            return found
    raise FontUnreadable(f"{FONT_FILE} has no full Unicode map")

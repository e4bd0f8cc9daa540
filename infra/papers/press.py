"""The press: a typst template and plain values in, an archival PDF (PDF/A-2b) out.

All text reaches the template as one JSON string, which typst reads as values and never as markup: there is nothing to
escape, so nothing to forget. The date in the file is the paper's own, so the same paper has the same bytes for ever.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from infra.papers.glyphs import FONT_FOLDER

# A template stands beside the words that fill it; all of them share the look in this folder.
HOUSE = Path(__file__).parents[2]
LOOK = Path(__file__).parent
STANDARD: Literal["a-2b"] = "a-2b"


def press(template: Path, values: Mapping[str, Any], *, dated: date) -> bytes:
    """The PDF of a template filled with ``values``; ``typst.TypstError`` for a character without glyph."""
    return typst.compile(
        template,
        root=HOUSE,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=STANDARD,
        sys_inputs={"values": json.dumps(values, ensure_ascii=False, sort_keys=True)},
        timestamp=datetime.combine(dated, time(), tzinfo=UTC),
    )


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Only the font that we ship: a paper must not depend on what a machine happens to have."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])

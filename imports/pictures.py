"""PDF files, scans and photos as pages of words. Bounded in pages, pixels and time by the process that reads them."""

# pyright: basic
# (the libraries that know the formats carry no types)

import io
import math
from collections.abc import Iterator
from functools import cache
from statistics import median
from typing import Any

from imports.misreadings import StatementNotUnderstood
from imports.pages import Word

MOST_PAGES = 200
MOST_PAGES_RECOGNISED = 20
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2_400  # pixels of a page as it is recognised: 200 to the inch of A4, enough for print of eight points
SURE = 0.6  # words below it are taken for noise


def pdf_pages(data: bytes) -> list[list[Word]]:
    """The words of each page of a PDF. Raises StatementNotUnderstood ``encrypted``, ``broken``, ``too_many_pages``."""
    document = _document(data)
    try:
        if len(document) > MOST_PAGES:
            raise StatementNotUnderstood("too_many_pages", pages=len(document), limit=MOST_PAGES)
        return [_words(document[number]) for number in range(len(document))]
    finally:
        document.close()


def _document(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise StatementNotUnderstood("encrypted" if "assword" in str(error) else "broken") from None


def _words(page: Any) -> list[Word]:
    """Characters of a page put together where they touch."""
    text = page.get_textpage()
    height = page.get_height()
    words: list[Word] = []
    count = text.count_chars()
    characters = text.get_text_range(0, count, errors="ignore") if count else ""
    if len(characters) != count:  # characters outside the basic plane count twice there
        characters = "".join(text.get_text_range(n, 1, errors="ignore")[:1] or " " for n in range(count))
    for number, character in enumerate(characters):
        if character.isspace() or character in "\ufffe\uffff\x00":
            continue
        left, bottom, right, top = text.get_charbox(number, loose=True)
        box = Word(left, height - top, right, height - bottom, character)
        last = words[-1] if words else None
        size = box.bottom - box.top
        if (
            last is not None
            and abs(last.middle - box.middle) < 0.3 * size
            and -0.5 * size < left - last.right < 0.3 * size
        ):
            space = " " if left - last.right > 0.18 * size and character.isascii() and last.text[-1].isascii() else ""
            last.text += space + character
            last.right, last.top, last.bottom = (
                max(last.right, right),
                min(last.top, box.top),
                max(last.bottom, box.bottom),
            )
        else:
            words.append(box)
    text.close()
    return words


def pdf_pictures(data: bytes) -> Iterator[Any]:
    """Each page of a PDF drawn as a picture. Raises StatementNotUnderstood ``encrypted``, ``broken``,
    ``too_many_pages``."""
    document = _document(data)
    try:
        if len(document) > MOST_PAGES_RECOGNISED:
            raise StatementNotUnderstood("too_many_pages", pages=len(document), limit=MOST_PAGES_RECOGNISED)
        for number in range(len(document)):
            page = document[number]
            scale = min(LONGEST_SIDE / max(*page.get_size(), 1.0), 200 / 72)
            yield page.render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()


def picture(data: bytes) -> Any:
    """A picture turned upright and made small enough. Raises StatementNotUnderstood ``too_many_pixels``, ``broken``."""
    import warnings

    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data))
            if opened.width * opened.height > MOST_PIXELS:
                raise StatementNotUnderstood("too_many_pixels", limit=MOST_PIXELS // 1_000_000)
            opened.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise StatementNotUnderstood("too_many_pixels", limit=MOST_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise StatementNotUnderstood("broken") from None
    upright = ImageOps.exif_transpose(opened).convert("RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return upright


@cache
def recognition() -> "Recognition":
    """The models, loaded once in a process."""
    return Recognition()


class Recognition:
    """Reads printed text of pictures by models that come inside the package; nothing is fetched."""

    def __init__(self) -> None:
        import logging

        logging.disable(logging.CRITICAL)
        try:
            from rapidocr import RapidOCR

            self._read: Any = RapidOCR(
                params={
                    "Global.use_cls": False,
                    "Global.log_level": "critical",
                    "Global.text_score": SURE,
                    "EngineConfig.onnxruntime.intra_op_num_threads": 2,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
        finally:
            logging.disable(logging.NOTSET)

    def words(self, image: Any) -> list[Word]:
        """The words of one picture, its tilt taken out."""
        import numpy as np

        found = self._read(np.asarray(image)[:, :, ::-1])
        if found.boxes is None or found.txts is None:
            return []
        boxes = [[(float(x), float(y)) for x, y in box] for box in found.boxes]
        tilts = [math.atan2(b[1] - a[1], b[0] - a[0]) for a, b, *_ in boxes if b[0] - a[0] > 2 * abs(b[1] - a[1])]
        tilt = median(tilts) if tilts else 0.0
        cosine, sine = math.cos(-tilt), math.sin(-tilt)
        words = []
        scores = found.scores if found.scores is not None else [SURE] * len(boxes)
        for box, text, sure in zip(boxes, found.txts, scores, strict=True):
            turned = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in box]
            across, down = [x for x, _ in turned], [y for _, y in turned]
            left, top, right, bottom = min(across), min(down), max(across), max(down)
            words.append(Word(left, top, right, bottom, str(text), recognised=True, sure=float(sure)))
        return words
